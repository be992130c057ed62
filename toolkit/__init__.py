"""Where a school stands in working with parents: forms, reading, measures, protection and pictures.

In the order data flows:

- `load_instrument` : the checklist as data
- `write_form`, `write_forms`, `letter` : a blank form, personal forms for many schools, what to send along
- `read_folder` : returned forms become an `Intake`
- `FormUpload` : hand them in with a button
- `read_export` : so does an export of another survey tool
- `protect`, `Policy` : whose answers may be seen
- `counted` : answers counted once, for several measures
- `levels`, `agreement`, `consensus`, `item_table`, `self_other`, `sensitivity` : measures
- `summarise_levels`, `summarise_agreement`, `summarise_differences`, … : the same in words
- `charts` : radar, dumbbell, distribution, heatmap, trend, small_multiples, split
- `write_report`, `write_reports` : a school's report as HTML, PDF, Word or Excel
- `SchoolExplorer` : all of it under a few controls
- `samples` : made-up schools with a known truth
"""

from toolkit import charts, samples
from toolkit.explore import SchoolExplorer
from toolkit.instrument import Instrument, load_instrument
from toolkit.intake import Intake, read_export, read_folder
from toolkit.many import letter, write_forms
from toolkit.measures import agreement, consensus, counted, item_table, levels, self_other, sensitivity
from toolkit.measures.cohort import cohort_kappa, reference_table
from toolkit.privacy import Policy, Protected, protect
from toolkit.reports import write_report, write_reports
from toolkit.responses import make_responses
from toolkit.sources.blank import write_form
from toolkit.summary import (
    summarise_actions,
    summarise_agreement,
    summarise_consensus,
    summarise_differences,
    summarise_kappa,
    summarise_levels,
    summarise_self_other,
    summarise_sensitivity,
)
from toolkit.upload import FormUpload

__all__ = [
    "FormUpload",
    "Instrument",
    "Intake",
    "Policy",
    "Protected",
    "SchoolExplorer",
    "agreement",
    "charts",
    "cohort_kappa",
    "consensus",
    "counted",
    "item_table",
    "letter",
    "levels",
    "load_instrument",
    "make_responses",
    "protect",
    "read_export",
    "read_folder",
    "reference_table",
    "samples",
    "self_other",
    "sensitivity",
    "summarise_actions",
    "summarise_agreement",
    "summarise_consensus",
    "summarise_differences",
    "summarise_kappa",
    "summarise_levels",
    "summarise_self_other",
    "summarise_sensitivity",
    "write_form",
    "write_forms",
    "write_report",
    "write_reports",
]
