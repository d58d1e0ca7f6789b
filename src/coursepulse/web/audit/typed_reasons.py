"""The typed reasons of access grants, beside the entries of the trail that name them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from coursepulse.access.basis import read_grant

if TYPE_CHECKING:
    from coursepulse.web.audit.ports import AuditServices


def find_reasons(services: AuditServices, purposes: Iterable[str]) -> dict[str, str]:
    """For each purpose of an entry that names an access grant: the same with the typed reason.

    :raises StoreUnavailable: the reasons cannot be read
    """
    grants = {purpose: number for purpose in purposes if (number := read_grant(purpose)) is not None}
    typed = services.break_glass.reasons(set(grants.values())) if grants else {}
    return {purpose: f"{purpose} “{typed[number]}”" for purpose, number in grants.items() if number in typed}
