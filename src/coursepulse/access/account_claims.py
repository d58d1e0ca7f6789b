"""Claims of an identity provider, translated into roles by the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from coursepulse.access.accounts import ROLES
from coursepulse.access.viewer import Role
from coursepulse.kit.errors import SettingError

Claims = Mapping[str, Any]

#: The strongest first: if a person has several roles at the provider, the first of these holds.
_RANK = (Role.ADMIN, Role.AUDITOR, Role.MANAGER, Role.INSTRUCTOR, Role.STUDENT)


class ClaimRules(NamedTuple):
    """How claims become rights.

    :param role_claim: the claim that holds roles or groups; dots lead into objects (``realm_access.roles``)
    :param roles: from a value of that claim to a role
    :param fallback: the role of a person without any of these values; None to refuse them
    :param student_claim: holds the platform's own id of the person
    """

    role_claim: str
    roles: Mapping[str, Role]
    fallback: Role | None
    organisation_claim: str
    student_claim: str

    def role_of(self, claims: Claims) -> Role | None:
        """The strongest role in the claims."""
        values = as_texts(pick_claim(claims, self.role_claim))
        given = {self.roles[value] for value in values if value in self.roles}
        return next((role for role in _RANK if role in given), self.fallback)

    def organisation_of(self, claims: Claims) -> str:
        """The organisation; empty if the claims name none."""
        return next(iter(as_texts(pick_claim(claims, self.organisation_claim))), "")

    def person_of(self, claims: Claims) -> str:
        """The platform's id of the person; empty if the claims name none."""
        return next(iter(as_texts(pick_claim(claims, self.student_claim))), "")

    def is_answered(self, claims: Claims) -> bool:
        """Whether the claims meet every requirement of the rules."""
        asked = (self.role_claim, self.organisation_claim, self.student_claim)
        return all(pick_claim(claims, name) is not None for name in asked if name)


def pick_claim(claims: Claims, name: str) -> Any:
    """A claim by its name, or by its path through objects; None if missing.

    A claim whose own name has dots, such as a URL, wins over the path.
    """
    if not name or name in claims:
        return claims.get(name) if name else None
    found: Any = claims
    for step in name.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def as_texts(value: Any) -> list[str]:
    """A claim that may be one string or a list."""
    values = value if isinstance(value, list) else [value]
    return [str(each) for each in values if isinstance(each, (str, int)) and str(each)]


def parse_roles(text: str) -> dict[str, Role]:
    """Parses ``value=role,value=role``.

    :raises SettingError: naming the malformed entry
    """
    return dict(_parse_role(entry.strip()) for entry in text.split(",") if entry.strip())


def _parse_role(entry: str) -> tuple[str, Role]:
    value, _, role = entry.rpartition("=")
    if not value or role not in ROLES:
        raise SettingError(
            f"COURSEPULSE_OIDC_ROLES: {entry!r} must have the form group=role, where role is one of {', '.join(ROLES)}."
        )
    return value, Role(role)
