"""Who looked at a record, for the student it is about."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from coursepulse.access.viewer import Role, Viewer
from coursepulse.audit.accesses import Access, group
from coursepulse.kit.clock import from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.metrics.catalog import METRICS, NAMING_METRICS
from coursepulse.web.audited import note
from coursepulse.web.text import TEXT, say

if TYPE_CHECKING:
    from coursepulse.web.services import Services

#: Entries of one page; a look at a page of cards is about ten of them.
_AT_ONCE = 200


class Looked(msgspec.Struct, frozen=True):
    """One look at a record.

    :param role: in what capacity
    :param name: login name of the account, or name of the key; of an account that is gone the id
    :param purpose: why, empty where nothing was said
    :param action: ``read``, ``export``, ``refused`` or another; several with commas
    :param what: titles of the metrics that were shown, or what was changed
    """

    at: datetime
    role: str
    name: str
    purpose: str
    action: str
    what: list[str]


class Accesses(NamedTuple):
    """Looks, newest first, and where the next page begins."""

    accesses: list[Looked]
    next: int | None


def find_accesses(services: Services, viewer: Viewer, after: int | None = None) -> Accesses:
    """Who looked at the record of the student who asks. Reading it is an entry itself.

    :raises RequestError: ``forbidden`` for everybody who is not a student
    """
    if viewer.role is not Role.STUDENT or viewer.student_id is None:
        raise RequestError("forbidden", "You may not see this.", 403)
    subject = to_text(viewer.student_id)
    note(services, viewer, "audit:student:read", subject)
    links = services.trail.accesses(subject, NAMING_METRICS, _AT_ONCE, after)
    last = links[-1].number if len(links) == _AT_ONCE else None
    looks = group(links)
    names = _find_names(services, looks)
    return Accesses([_show(access, names) for access in looks], last)


def _find_names(services: Services, looks: list[Access]) -> dict[str, str]:
    if services.identity is None:
        return {}
    return services.identity.accounts.names({name_actor(look.actor) for look in looks})


def _show(access: Access, names: dict[str, str]) -> Looked:
    account = name_actor(access.actor)
    return Looked(
        at=from_micros(access.at),
        role=say(f"role.{access.role}") if f"role.{access.role}" in TEXT else access.role,
        name=names.get(account, account),
        purpose=access.purpose,
        action=", ".join(access.actions),
        what=[_title(detail) for detail in access.details if detail],
    )


def name_actor(actor: str) -> str:
    """The account or key without its kind."""
    return actor.partition(":")[2] or actor


def _title(detail: str) -> str:
    metric = METRICS.get(detail.partition(" ")[0])
    return metric.title if metric else detail
