"""Writing down what was done, and by whom, and what was refused."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from coursepulse.access.decide import Action, Denied, Subject, decide
from coursepulse.access.viewer import Viewer
from coursepulse.audit.entry import AuditEntry
from coursepulse.kit.errors import RequestError

if TYPE_CHECKING:
    from coursepulse.web.http.ports import Writes

#: Entries that are written together.
_AT_ONCE = 500

#: Somebody wanted one of these and may not.
NOT_ALLOWED = "privacy:student:refused"

#: How the trail calls what is done to the whole record of a student.
WRITTEN = {
    Action.ARCHIVE: "privacy:student:export",
    Action.ERASE: "privacy:student:erase",
    Action.CONSENT: "privacy:student:consent",
}


def note(services: Writes, viewer: Viewer, tag: str, subject: str = "", detail: str = "") -> None:
    """Write an audit entry. Waits for the store: not for the loop.

    :raises StoreUnavailable: it is not written; what it was to record must not happen
    """
    services.trail.write(_entry(services, viewer, tag, subject, detail))


def note_each(
    services: Writes, viewer: Viewer, tag: str, subjects: Collection[str], detail: str = ""
) -> None:
    """Write an entry about each of several people, so that each of them finds it; one when they are none.

    :raises StoreUnavailable: not all are written; what they were to record must not happen
    """
    note_many(services, viewer, tag, [(one, detail) for one in sorted(set(subjects)) or [""]])


def note_many(services: Writes, viewer: Viewer, tag: str, told: Sequence[tuple[str, str]]) -> None:
    """Write several entries, each with its subject and detail.

    :raises StoreUnavailable: not all are written; what they were to record must not happen
    """
    for start in range(0, len(told), _AT_ONCE):
        entries = [_entry(services, viewer, tag, *each) for each in told[start : start + _AT_ONCE]]
        for written in [services.trail.submit(entry) for entry in entries]:
            written.result()


def _entry(services: Writes, viewer: Viewer, tag: str, subject: str, detail: str) -> AuditEntry:
    return AuditEntry(
        at=services.clock(),
        actor=viewer.subject,
        role=viewer.role.value,
        tag=tag,
        subject=subject,
        purpose=viewer.purpose,
        request_id=viewer.request_id,
        address=viewer.address,
        detail=detail,
    )


def require(services: Writes, viewer: Viewer, action: Action, subject: Subject, tag: str, about: str) -> None:
    """Let those go on who may do ``action`` to ``subject``; of the others write that they tried.

    :param tag: of that entry, and ``about`` its subject
    :raises RequestError: ``forbidden``
    """
    decision = decide(viewer, action, subject)
    if isinstance(decision, Denied):
        note(services, viewer, tag, about, f"reason={decision.reason}")
        raise RequestError("forbidden", "You may not do this.", 403)
