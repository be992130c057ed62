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
from toolkit.action_board import ActionBoard
from toolkit.actions import ActionPlan, TeamAction, action_points, new_plan
from toolkit.agenda import agenda
from toolkit.explore import CohortExplorer, SchoolExplorer
from toolkit.export import export
from toolkit.forget import forget
from toolkit.instrument import Instrument, load_instrument
from toolkit.intake import Intake, read_export, read_folder
from toolkit.many import letter, write_forms
from toolkit.measures import agreement, consensus, counted, item_table, levels, self_other, sensitivity
from toolkit.measures.audit import audit_cohorts
from toolkit.measures.cohort import cohort_kappa, reference_table
from toolkit.measures.compare import (
    Cohorts,
    cohort_changes,
    cohort_differences,
    cohort_map,
    compare_cohorts,
    prepare_cohorts,
)
from toolkit.meeting import meeting_agenda
from toolkit.movement import movement, summarise_movement
from toolkit.priorities import priorities, summarise_priorities
from toolkit.privacy import Policy, Protected, protect
from toolkit.register import Joined, join_register, read_register
from toolkit.reports import write_report, write_reports
from toolkit.responses import make_responses
from toolkit.sources.blank import write_form
from toolkit.sources.plan_file import read_actions, write_actions
from toolkit.summary import (
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
from toolkit.talk_sheet import write_talk_sheet
from toolkit.upload import FormUpload
from toolkit.wording import load_wording, with_wording

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
