"""Who looked at a record, for the student it is about."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from coursepulse.access.basis import read_basis
from coursepulse.access.viewer import Role, Viewer
from coursepulse.audit.accesses import Access, Done, group
from coursepulse.audit.chain import Link
from coursepulse.audit.port import TrailReader
from coursepulse.dashboards.text import enumerated, has_words, say, say_or
from coursepulse.dashboards.words import metric_title
from coursepulse.kit.clock import from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.metrics.catalog import LOOKS_AT_STUDENTS, METRICS
from coursepulse.metrics.metric import EVIDENCE
from coursepulse.web.audit.service import find_names
from coursepulse.web.audit.typed_reasons import find_reasons
from coursepulse.web.audit.writing import note

if TYPE_CHECKING:
    from coursepulse.web.audit.ports import AuditServices

#: Accesses that make up a page.
_AT_ONCE = 50

#: Entries read first, and after which a page ends however few accesses they are: of a screen that stays open there are
#: some each second.
_FIRST, _MOST = 200, 10_000


class AccessLogEntry(msgspec.Struct, frozen=True):
    """One look at a record.

    :param at: when it began, and ``until`` the last thing that was asked for
    :param role: in what capacity
    :param name: login name of the account, or name of the key; of an account that is gone the id
    :param purpose: why, empty where nothing was said
    :param action: ``read``, ``export``, ``refused`` or another; several with commas
    :param what: titles of the metrics that were shown, or what was changed
    """

    at: datetime
    until: datetime
    role: str
    name: str
    purpose: str
    action: str
    what: list[str]


class FoundAccesses(NamedTuple):
    """Accesses, newest first, and where the next page begins."""

    accesses: list[AccessLogEntry]
    next: int | None


def find_accesses(
    services: AuditServices, viewer: Viewer, after: int | None = None, *, enough: int = _AT_ONCE
) -> FoundAccesses:
    """Who looked at the record of the student who asks. Reading it is an entry itself.

    :param enough: as many accesses as are wanted
    :raises RequestError: ``forbidden`` for everybody who is not a student
    """
    if viewer.role is not Role.STUDENT or viewer.student_id is None:
        raise RequestError("forbidden", "You may not see this.", 403)
    subject = to_text(viewer.student_id)
    note(services, viewer, "audit:student:read", subject)
    found, last = _read(services.trail, subject, after, enough)
    names = find_names(services, {access.actor for access in found})
    # A page in a frame has no account: the platform's key vouched for its viewer.
    names |= {actor: say("accesses.embedded") for actor in names if actor.startswith("embed:")}
    reasons = find_reasons(services, {access.purpose for access in found})
    return FoundAccesses([_show(access, names, reasons) for access in found], last)


def _read(
    trail: TrailReader, subject: str, after: int | None, enough: int
) -> tuple[list[Access], int | None]:
    """Accesses, and the number of the last entry in them if there are more."""
    links, wanted = list[Link](), _FIRST
    while True:
        some = trail.accesses(subject, LOOKS_AT_STUDENTS, wanted, after)
        links += some
        accesses = group(links)
        if len(some) < wanted:
            return accesses, None
        after = some[-1].number
        if len(accesses) >= enough or len(links) >= _MOST:
            return accesses, after
        wanted = min(len(links), _MOST - len(links))


def _basis(purpose: str) -> str:
    """The right by which somebody saw it, in the words of the reader's language; what they typed stays as it is."""
    role = read_basis(purpose)
    return say(f"accesses.basis.{role.value}") if role else purpose


def _show(access: Access, names: dict[str, str], reasons: dict[str, str]) -> AccessLogEntry:
    return AccessLogEntry(
        at=from_micros(access.at),
        until=from_micros(access.until),
        role=say(f"role.{access.role}") if has_words(f"role.{access.role}") else access.role,
        name=names[access.actor],
        purpose=reasons.get(access.purpose) or _basis(access.purpose),
        action=enumerated(access.actions),
        what=_titles(access) or [say("accesses.unnamed")],
    )


def _titles(access: Access) -> list[str]:
    return [title for title in dict.fromkeys(map(_title, access.things)) if title]


def _title(thing: Done) -> str:
    """In words; nothing where there are none, because a detail is written for programs."""
    seen = thing.detail.partition(" ")[0]
    if seen.startswith(EVIDENCE):
        explained = seen.removeprefix(EVIDENCE).partition(".")[0]
        return (
            say("evidence.looked", metric=metric_title(METRICS[explained])) if explained in METRICS else seen
        )
    metric = METRICS.get(seen)
    words = f"accesses.what.{thing.tag}"
    return metric_title(metric) if metric else say_or(words, "")
