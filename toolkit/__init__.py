"""Where a school stands in working with parents: forms, reading, measures, protection and pictures.

In the order data flows:

- `load_instrument` : the checklist as data
- `load_wording`, `with_wording` : the same with the official sentences, from a school's own copy
- `write_form`, `write_forms`, `letter` : a blank form, personal forms for many schools, what to send along
- `read_folder` : returned forms become an `Intake`
- `FormUpload` : hand them in with a button
- `read_export` : so does an export of another survey tool
- `read_register`, `join_register` : what a register, or DUO's open tables, says of the schools
- `protect`, `Policy` : whose answers may be seen
- `counted` : answers counted once, for several measures
- `levels`, `agreement`, `consensus`, `item_table`, `self_other`, `sensitivity` : measures
- `compare_cohorts`, `cohort_differences`, `cohort_changes`, `cohort_map`, `prepare_cohorts` : groups of schools, years
- `audit_cohorts` : tries to compute what these hide
- `summarise_levels`, `summarise_agreement`, `summarise_differences`, … : the same in words
- `priorities` : what respondents would take up first
- `charts` : radar, dumbbell, distribution, heatmap, trend, small_multiples, split
- `agenda` : what goes well, what can be better, what to talk about; `meeting_agenda`: on one page
- `new_plan`, `write_actions`, `read_actions` : team actions, in a file people edit; `movement`: what became of them
- `write_report`, `write_reports` : a school's report as HTML, PDF, Word or Excel
- `export`, `forget` : responses for R, SPSS or a spreadsheet; everything of a school deleted
- `write_talk_sheet` : one A4 for a team meeting
- `SchoolExplorer`, `ActionBoard` : all of it under a few controls
- `CohortExplorer` : groups of schools under a few controls
- `samples` : made-up schools with a known truth
"""

from toolkit import charts, samples
from toolkit.cohorts.compare import (
    Cohorts,
    cohort_changes,
    cohort_differences,
    cohort_map,
    compare_cohorts,
    prepare_cohorts,
)
from toolkit.cohorts.disclosure_audit import audit_cohorts
from toolkit.cohorts.kappa import cohort_kappa, reference_table
from toolkit.forms.blank_form import write_form
from toolkit.forms.personal_forms import letter, write_forms
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.instrument.official_wording import load_wording, with_wording
from toolkit.intake.erase import forget
from toolkit.intake.folder import Intake, read_export, read_folder
from toolkit.measures.agreement import agreement
from toolkit.measures.consensus import consensus
from toolkit.measures.counts import counted
from toolkit.measures.item_change import movement
from toolkit.measures.level import item_table, levels
from toolkit.measures.priorities import priorities
from toolkit.measures.self_other import self_other
from toolkit.measures.sensitivity import sensitivity
from toolkit.narrative.agenda import agenda
from toolkit.narrative.meeting_page import meeting_agenda
from toolkit.narrative.movement_summary import summarise_movement
from toolkit.narrative.priority_summary import summarise_priorities
from toolkit.narrative.summaries import (
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
from toolkit.plan.action_plan import ActionPlan, TeamAction, action_points, new_plan
from toolkit.plan.plan_file import read_actions, write_actions
from toolkit.privacy import Policy, Protected, protect
from toolkit.reports.talk_sheet import write_talk_sheet
from toolkit.reports.write import write_report, write_reports
from toolkit.research_export import export
from toolkit.responses import make_responses
from toolkit.schools.school_register import Joined, join_register, read_register
from toolkit.widgets.action_board import ActionBoard
from toolkit.widgets.cohort_explorer import CohortExplorer
from toolkit.widgets.form_upload import FormUpload
from toolkit.widgets.school_explorer import SchoolExplorer

__all__ = [
    "ActionBoard",
    "ActionPlan",
    "CohortExplorer",
    "Cohorts",
    "FormUpload",
    "Instrument",
    "Intake",
    "Joined",
    "Policy",
    "Protected",
    "SchoolExplorer",
    "TeamAction",
    "action_points",
    "agenda",
    "agreement",
    "audit_cohorts",
    "charts",
    "cohort_changes",
    "cohort_differences",
    "cohort_kappa",
    "cohort_map",
    "compare_cohorts",
    "consensus",
    "counted",
    "export",
    "forget",
    "item_table",
    "join_register",
    "letter",
    "levels",
    "load_instrument",
    "load_wording",
    "make_responses",
    "meeting_agenda",
    "movement",
    "new_plan",
    "prepare_cohorts",
    "priorities",
    "protect",
    "read_actions",
    "read_export",
    "read_folder",
    "read_register",
    "reference_table",
    "samples",
    "self_other",
    "sensitivity",
    "summarise_actions",
    "summarise_agreement",
    "summarise_consensus",
    "summarise_differences",
    "summarise_figures",
    "summarise_kappa",
    "summarise_levels",
    "summarise_movement",
    "summarise_priorities",
    "summarise_self_other",
    "summarise_sensitivity",
    "with_wording",
    "write_actions",
    "write_form",
    "write_forms",
    "write_report",
    "write_reports",
    "write_talk_sheet",
]
