"""A search of the trail as an address or a form says it, for the API and the page alike, and who may search."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from urllib.parse import urlencode

import msgspec
from litestar.di import Provide
from litestar.params import QueryParameter

from coursepulse.access.accounts import fold_login
from coursepulse.access.decide import Action, Allowed, TrailSubject, decide
from coursepulse.access.viewer import Viewer
from coursepulse.audit.chain import Link
from coursepulse.audit.port import Search
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.kit.moments import read_day_or_moment
from coursepulse.web.audit.typed_reasons import find_reasons
from coursepulse.web.audit.writing import note
from coursepulse.web.http.reading import MOST

if TYPE_CHECKING:
    from coursepulse.web.audit.ports import AuditServices


#: Words of a search that anything may have been typed into, unless they are the id of an account or a student: for
#: the latter the trail has a name of its own.
_TYPED = ("actor", "subject", "text")
_ID = re.compile(r"\A(?:account:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z", re.IGNORECASE)


class TrailQuery(NamedTuple):
    """What is searched for, in the viewer's words; what is empty does not narrow."""

    actor: str = ""
    subject: str = ""
    student: str = ""
    tag: str = ""
    text: str = ""
    start: str = ""
    end: str = ""

    def search(self, services: AuditServices, after: int | None = None) -> Search:
        """The entries that are wanted.

        :raises RequestError: ``invalid_date``
        """
        student = to_text(services.metrics.identify(self.student)) if self.student else ""
        return Search(
            actor=find_actor(services, self.actor),
            subject=student or self.subject,
            tag=self.tag,
            text=self.text,
            start=read_limit("from", self.start),
            end=read_limit("to", self.end),
            after=after,
        )

    def query(self, **more: object) -> str:
        """The same as the query of an address."""
        given = {**self._asdict(), "from": self.start, "to": self.end, "start": "", "end": "", **more}
        return urlencode({name: value for name, value in given.items() if value})


Actor = Annotated[
    str, QueryParameter(description="A login name, the name of a key, or `account:<id>`.", max_length=200)
]
About = Annotated[str, QueryParameter(description="A pseudonym, course or account, whole.", max_length=200)]
Student = Annotated[str, QueryParameter(description="The platform's own id of a student.", max_length=128)]
Tag = Annotated[str, QueryParameter(description="A tag or its beginning.", max_length=200)]
Text = Annotated[str, QueryParameter(description="Part of any text of the entry.", max_length=200)]
From = Annotated[
    str, QueryParameter(name="from", description="Not before this day or moment (UTC).", max_length=40)
]
To = Annotated[str, QueryParameter(name="to", description="Before this day or moment (UTC).", max_length=40)]

#: The parameter of a page of entries: where the page before ended.
After = Annotated[int | None, QueryParameter(description="`next` of the page before.", ge=0, le=MOST)]


def _read_asked(
    actor: Actor = "",
    subject: About = "",
    student: Student = "",
    tag: Tag = "",
    text: Text = "",
    start: From = "",
    end: To = "",
) -> TrailQuery:
    return TrailQuery(*(word.strip() for word in (actor, subject, student, tag, text, start, end)))


#: For ``dependencies``: a handler with it has every parameter of a search, and gets them as ``asked``.
TAKES_SEARCH = {"asked": Provide(_read_asked, sync_to_thread=False)}


def read_limit(name: str, text: str) -> Micros | None:
    """One end of a period, as a parameter says it; None for no end.

    :raises RequestError: ``invalid_date``
    """
    try:
        return read_day_or_moment(text) if text else None
    except ValueError:
        raise RequestError(
            "invalid_date", f"`{name}` must be a day or moment such as 2026-11-01T12:00Z."
        ) from None


class FoundEntry(NamedTuple):
    """An entry, and what the account or key behind it is called; of an account that is gone the id."""

    link: Link
    who: str


def find_actor(services: AuditServices, text: str) -> str:
    """The actor that a text means: as the trail has it, or a login name, or the name of a key."""
    if not text or ":" in text or services.identity is None:
        return text
    known = services.identity.accounts.find(fold_login(text))
    return known.account.subject if known else f"key:{text}"


def find_entries(services: AuditServices, viewer: Viewer, search: Search, limit: int) -> list[FoundEntry]:
    """Entries that fit, newest first, without the one that this search is itself.

    Where an entry names an access grant, the typed reason stands beside it.

    :raises RequestError: ``forbidden`` for viewers who may not search the trail
    :raises StoreUnavailable: it cannot be written down
    """
    _check(services, viewer, "read")
    links = services.trail.find(search, limit)
    note(services, viewer, "audit:trail:read", detail=_describe(search))
    reasons = find_reasons(services, {link.entry.purpose for link in links})
    names = find_names(services, {link.entry.actor for link in links})
    return [FoundEntry(_with_reason(link, reasons), names[link.entry.actor]) for link in links]


def find_names(services: AuditServices, actors: Iterable[str]) -> dict[str, str]:
    """What accounts and keys are called; of an account that is gone the id."""
    ids = {actor: actor.partition(":")[2] or actor for actor in actors}
    names = services.identity.accounts.names(ids.values()) if services.identity else {}
    return {actor: names.get(name, name) for actor, name in ids.items()}


def allow_search(services: AuditServices, viewer: Viewer, action: str, search: Search | None = None) -> None:
    """Let only those pass who may search the trail, and write down that they do.

    :param action: ``verify`` or ``export``
    :raises RequestError: ``forbidden``
    :raises StoreUnavailable: it cannot be written down
    """
    _check(services, viewer, action)
    note(services, viewer, f"audit:trail:{action}", detail=_describe(search) if search else "")


def may_search(viewer: Viewer) -> bool:
    """Whether :func:`decide` lets this viewer search the whole trail."""
    return isinstance(decide(viewer, Action.SEARCH_TRAIL, TrailSubject()), Allowed)


def _check(services: AuditServices, viewer: Viewer, action: str) -> None:
    wanted = Action.EXPORT if action == "export" else Action.SEARCH_TRAIL
    if not isinstance(decide(viewer, wanted, TrailSubject()), Allowed):
        note(services, viewer, "audit:trail:refused", detail=action)
        raise RequestError("forbidden", "You may not see this.", 403)


def _with_reason(link: Link, reasons: dict[str, str]) -> Link:
    purpose = reasons.get(link.entry.purpose)
    return link._replace(entry=msgspec.structs.replace(link.entry, purpose=purpose)) if purpose else link


def _describe(search: Search) -> str:
    wanted: dict[str, Any] = msgspec.structs.asdict(search)
    wanted |= {
        name: from_micros(at).isoformat() for name in ("start", "end") if (at := wanted[name]) is not None
    }
    # What was typed may name somebody, and the trail keeps what it has said: that it was searched for must do.
    wanted |= {name: "…" for name in _TYPED if wanted[name] and not _ID.search(wanted[name])}
    return " ".join(f"{name}={value}" for name, value in wanted.items() if value not in ("", None))
