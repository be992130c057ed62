"""Whose answers may be seen: the minimum of five, and what two showings together disclose."""

from toolkit.privacy.protection import (
    ACTIONS,
    AUDIENCES,
    FLOOR,
    MIN_RESPONDENTS,
    MIN_SCHOOLS,
    Policy,
    Protected,
    protect,
    require_protected,
)

__all__ = [
    "ACTIONS",
    "AUDIENCES",
    "FLOOR",
    "MIN_RESPONDENTS",
    "MIN_SCHOOLS",
    "Policy",
    "Protected",
    "protect",
    "require_protected",
]
