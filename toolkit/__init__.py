"""Where a school stands in working with parents.

Forms, reading, measures, protection and pictures.

In the order data flows:

- `load_instrument` : the checklist as data
- `load_wording`, `with_wording` : the same with the official sentences, from a school's own copy
- `write_form`, `write_forms`, `letter` : a blank form, personal forms for many schools, what to send along
- `write_online_form` : the questions for MS Forms, Google Forms or LimeSurvey
- `read_folder` : returned forms become an `Intake`
- `FormUpload` : hand them in with a button
- `read_export` : so does an export of another survey tool
- `read_register`, `join_register` : what a register, or DUO's open tables, says of the schools
- `protect`, `Policy` : whose answers may be seen
- `counted` : answers counted once, for several measures
- `levels`, `agreement`, `consensus`, `item_table`, `self_other`, `sensitivity` : measures
- `compare_cohorts`, `cohort_differences`, `cohort_changes`, `cohort_map`, `prepare_cohorts` : groups of schools, years
- `cohort_trends`, `change_differences`, `panel_and_cross_section` : what happens to them over the years
- `read_cohort` : forms of many schools with what a register says of them
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

Tab after `tk.` lists what a notebook types. The values that these functions return, and the steps of a researcher such
as `reliability` and `weighted_means`, are `UNLISTED`: they are imported and documented like the others.

Examples
--------
>>> import toolkit as tk
>>> safe = tk.protect(tk.samples.responses())
>>> str(tk.charts.radar(tk.levels(safe), "98AA00").layout.title.text)
'<b>98AA00</b>'
"""

import sys
from typing import Any

import lazy_loader

# The names are in __init__.pyi. Each is imported when it is first used: `import toolkit` costs next to nothing.
_import_name, _dir_of_all, __all__ = lazy_loader.attach_stub(__name__, __file__)

_RETURNED = "ActionPlan Archive Cohorts Finding Findings Instrument Intake Joined Protected"
_RESEARCH = """
change_differences cohort_trends estimate_person_correlation group_response item_total make_reference
panel_and_cross_section participation population_weights read_reference reliability response_rates size_weights
weighted_means Weights write_reference
"""
UNLISTED = frozenset(f"{_RETURNED} {_RESEARCH}".split())


def __dir__() -> list[str]:
    """Name what Tab lists: the public names that a notebook types."""
    return [name for name in __all__ if name not in UNLISTED]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used; of another name, name those that resemble it."""
    if name in __all__ or name.startswith("_"):
        return _import_name(name)
    from toolkit.core.errors import UnknownNameError

    raise UnknownNameError(name, [*__all__, *(f"charts.{chart}" for chart in _import_name("charts").__all__)])


if "IPython" in sys.modules:
    from toolkit.core.cell_errors import explain_cell_errors

    explain_cell_errors(sys.modules[__name__])
