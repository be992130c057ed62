"""The public names, and where each is defined; `__init__.py` imports one when it is first used."""

from . import charts, samples
from .cohorts.changes import cohort_changes
from .cohorts.compare import cohort_differences, compare_cohorts
from .cohorts.disclosure_audit import audit_cohorts
from .cohorts.kappa import cohort_kappa, reference_table
from .cohorts.longitudinal import change_differences, cohort_trends, panel_and_cross_section
from .cohorts.model import Cohorts
from .cohorts.prepare import prepare_cohorts
from .cohorts.reference import make_reference, read_reference, write_reference
from .cohorts.reliability import item_total, reliability
from .cohorts.response import group_response, participation, response_rates
from .cohorts.shrunken_levels import cohort_map
from .cohorts.weighted_means import weighted_means
from .cohorts.weights import Weights, population_weights, size_weights
from .forms.blank_form import write_form
from .forms.online_form import write_online_form
from .forms.personal_forms import letter, write_forms
from .instrument.model import Instrument, load_instrument
from .instrument.official_wording import load_wording, with_wording
from .intake.erase import forget
from .intake.folder import Intake, read_export, read_folder
from .measures.agreement import agreement
from .measures.consensus import consensus
from .measures.counts import counted
from .measures.item_change import movement
from .measures.level import item_table, levels
from .measures.person_correlation import estimate_person_correlation
from .measures.priorities import priorities
from .measures.self_other import self_other
from .measures.sensitivity import sensitivity
from .narrative.agenda import agenda
from .narrative.change_summary import summarise_audit, summarise_changes
from .narrative.findings import Finding, Findings
from .narrative.meeting_page import meeting_agenda
from .narrative.movement_summary import summarise_movement
from .narrative.priority_summary import summarise_priorities
from .narrative.summaries import (
    summarise_actions,
    summarise_agreement,
    summarise_consensus,
    summarise_differences,
    summarise_figures,
    summarise_kappa,
    summarise_levels,
    summarise_self_other,
    summarise_sensitivity,
)
from .plan.action_plan import ActionPlan, TeamAction, action_points, new_plan
from .plan.plan_file import read_actions, write_actions
from .privacy import Policy, Protected, protect
from .reports.cohort_report import write_cohort_report
from .reports.talk_sheet import write_talk_sheet
from .reports.write import write_report, write_reports
from .research_export.data_package import Archive
from .research_export.write import export
from .responses import make_responses
from .results import SchoolResults
from .samples import read_cohort
from .schools.school_register import Joined, join_register, read_register
from .widgets.action_board import ActionBoard
from .widgets.cohort_explorer import CohortExplorer
from .widgets.form_upload import FormUpload
from .widgets.school_explorer import SchoolExplorer

UNLISTED: frozenset[str]

__all__ = [
    "ActionBoard",
    "ActionPlan",
    "Archive",
    "CohortExplorer",
    "Cohorts",
    "Finding",
    "Findings",
    "FormUpload",
    "Instrument",
    "Intake",
    "Joined",
    "Policy",
    "Protected",
    "SchoolExplorer",
    "SchoolResults",
    "TeamAction",
    "Weights",
    "action_points",
    "agenda",
    "agreement",
    "audit_cohorts",
    "change_differences",
    "charts",
    "cohort_changes",
    "cohort_differences",
    "cohort_kappa",
    "cohort_map",
    "cohort_trends",
    "compare_cohorts",
    "consensus",
    "counted",
    "estimate_person_correlation",
    "export",
    "forget",
    "group_response",
    "item_table",
    "item_total",
    "join_register",
    "letter",
    "levels",
    "load_instrument",
    "load_wording",
    "make_reference",
    "make_responses",
    "meeting_agenda",
    "movement",
    "new_plan",
    "panel_and_cross_section",
    "participation",
    "population_weights",
    "prepare_cohorts",
    "priorities",
    "protect",
    "read_actions",
    "read_cohort",
    "read_export",
    "read_folder",
    "read_reference",
    "read_register",
    "reference_table",
    "reliability",
    "response_rates",
    "samples",
    "self_other",
    "sensitivity",
    "size_weights",
    "summarise_actions",
    "summarise_agreement",
    "summarise_audit",
    "summarise_changes",
    "summarise_consensus",
    "summarise_differences",
    "summarise_figures",
    "summarise_kappa",
    "summarise_levels",
    "summarise_movement",
    "summarise_priorities",
    "summarise_self_other",
    "summarise_sensitivity",
    "weighted_means",
    "with_wording",
    "write_actions",
    "write_cohort_report",
    "write_form",
    "write_forms",
    "write_online_form",
    "write_reference",
    "write_report",
    "write_reports",
    "write_talk_sheet",
]
