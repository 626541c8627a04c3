"""Who may do what at the desk: the one table that every route names a line of."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

Role = Literal["reviewer", "registrar", "technician", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)

Act = Literal[
    "home",
    "account",
    "review",
    "revoke",
    "policy",
    "photos",
    "students",
    "permit",
    "erase",
    "roster",
    "schedule",
    "results",
    "export",
    "figures",
    "booths",
    "manage_booths",
    "audit",
]
"""What a route lets somebody do."""

_EVERYBODY: frozenset[Role] = frozenset(ROLES)

ACTS: Mapping[Act, frozenset[Role]] = MappingProxyType(
    {
        "home": _EVERYBODY,
        "account": _EVERYBODY,
        "review": frozenset({"reviewer"}),
        "revoke": frozenset({"registrar"}),
        "policy": frozenset({"registrar"}),
        "photos": frozenset({"reviewer", "registrar"}),
        "students": frozenset({"reviewer", "registrar"}),
        "permit": frozenset({"registrar"}),
        "erase": frozenset({"registrar"}),
        "roster": frozenset({"registrar"}),
        "schedule": frozenset({"registrar"}),
        "results": frozenset({"registrar"}),
        "export": frozenset({"registrar"}),
        "figures": frozenset({"reviewer", "registrar", "auditor"}),
        "booths": frozenset({"registrar", "technician"}),
        "manage_booths": frozenset({"technician"}),
        "audit": frozenset({"auditor"}),
    }
)
"""The roles that may do each. Who audits sees no face, and who mends booths no student."""


def may(roles: frozenset[Role], act: Act) -> bool:
    """Say whether somebody with these roles may do it."""
    return bool(roles & ACTS[act])
