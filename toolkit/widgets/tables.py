"""The names by which the explorer's own modules know `SchoolResults`."""

from __future__ import annotations

from toolkit.instrument.model import Instrument
from toolkit.intake.folder import Intake
from toolkit.privacy import Policy
from toolkit.results import COMPARED_ROLE, REFERENCE_ROLE, SchoolResults

FIRST, SECOND = REFERENCE_ROLE, COMPARED_ROLE
Tables = SchoolResults


def prepare(intake: Intake, checklist: Instrument | None = None, policy: Policy | None = None) -> SchoolResults:
    """The results of every school, computed beforehand: changing school costs no time then."""
    return SchoolResults.of_intake(intake, checklist, policy).without_forms()
