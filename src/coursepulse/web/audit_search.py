"""What a search of the trail says in an address, for the API and the page alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from coursepulse.access.trail import may_search
from coursepulse.access.viewer import Viewer
from coursepulse.audit.chain import Link
from coursepulse.audit.port import Search
from coursepulse.kit.clock import Micros, from_micros, to_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.web.audited import note

if TYPE_CHECKING:
    from coursepulse.web.services import Services


def read_moment(name: str, text: str) -> Micros | None:
    """A day or a moment of ISO 8601; without a zone it is UTC.

    :raises RequestError: ``invalid_date``
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RequestError(
            "invalid_date", f"`{name}` must be a day or moment such as 2026-11-01T12:00Z."
        ) from None
    try:
        return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except OverflowError:
        raise RequestError("invalid_date", f"`{name}` lies beyond the calendar.") from None


def find_subject(services: Services, subject: str, student: str) -> str:
    """The subject of a search: as given, or the pseudonym of the platform's own id of a student."""
    return to_text(services.metrics.identify(student)) if student else subject


def find_entries(services: Services, viewer: Viewer, search: Search, limit: int) -> list[Link]:
    """Entries that fit, newest first, without the one that this search is itself.

    :raises RequestError: ``forbidden`` for whoever may not search the trail
    :raises StoreUnavailable: it cannot be written down
    """
    _check(services, viewer, "read")
    links: list[Link] = services.trail.find(search, limit)
    note(services, viewer, "audit:trail:read", detail=_describe(search))
    return links


def allow_search(services: Services, viewer: Viewer, action: str, search: Search | None = None) -> None:
    """Let only those pass who may search the trail, and write down that they do.

    :raises RequestError: ``forbidden``
    :raises StoreUnavailable: it cannot be written down
    """
    _check(services, viewer, action)
    note(services, viewer, f"audit:trail:{action}", detail=_describe(search) if search else "")


def _check(services: Services, viewer: Viewer, action: str) -> None:
    if not may_search(viewer):
        note(services, viewer, "audit:trail:refused", detail=action)
        raise RequestError("forbidden", "You may not see this.", 403)


def _describe(search: Search) -> str:
    wanted: dict[str, Any] = msgspec.structs.asdict(search)
    wanted |= {
        name: from_micros(at).isoformat() for name in ("start", "end") if (at := wanted[name]) is not None
    }
    return " ".join(f"{name}={value}" for name, value in wanted.items() if value not in ("", None))
