"""Whose answers may be seen: the minimum of five, and what two showings together disclose."""

from toolkit.privacy.protection import (
    AUDIENCES,
    LOWEST_MINIMUM,
    MIN_RESPONDENTS,
    MIN_SCHOOLS,
    Policy,
    Protected,
    protect,
    require_protected,
)

__all__ = [
    "AUDIENCES",
    "LOWEST_MINIMUM",
    "MIN_RESPONDENTS",
    "MIN_SCHOOLS",
    "Policy",
    "Protected",
    "protect",
    "require_protected",
]
