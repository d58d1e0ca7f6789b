"""Break-glass, for the API and the pages alike: open a record with a typed reason, and see who did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from coursepulse.access.accounts import Account
from coursepulse.access.basis import grant_entry
from coursepulse.access.decide import AccountsSubject, Action, Allowed, StudentSubject, decide
from coursepulse.access.grants import AccessGrant
from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.text import say
from coursepulse.kit.clock import from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import NIL, to_text
from coursepulse.web.audit.service import may_search
from coursepulse.web.audit.writing import note, note_each, require

if TYPE_CHECKING:
    from coursepulse.web.break_glass.ports import BreakGlassServices, SeesGrants

#: Characters in which a reason can be told, and in which it has to be.
SHORTEST_REASON, LONGEST_REASON = 10, 500

#: Somebody wanted to see who opened what, or to note that it was looked into, and may not.
REFUSED = "break_glass:opening:refused"


def may_open(viewer: Viewer) -> bool:
    """Whether a reason opens records to this viewer; whose record it is does not matter."""
    return isinstance(decide(viewer, Action.BREAK_GLASS, StudentSubject(NIL)), Allowed)


def may_acknowledge(viewer: Viewer) -> bool:
    """Whether this viewer acknowledges what others opened."""
    return isinstance(decide(viewer, Action.CHANGE, AccountsSubject()), Allowed)


def open_for_reason(services: BreakGlassServices, viewer: Viewer, student: str, reason: str) -> AccessGrant:
    """Open the record of a student, named by the platform's id or the pseudonym; returns the access grant.

    :raises RequestError: ``forbidden`` or ``reason_too_short``
    :raises StoreUnavailable: it cannot be written down, and is not opened
    """
    raw = services.metrics.identify(student)
    require(
        services, viewer, Action.BREAK_GLASS, StudentSubject(raw), "break_glass:student:refused", to_text(raw)
    )
    told = read_reason(reason)
    # The trail first: what it cannot record must not happen.
    number = services.break_glass.number()
    why = msgspec.structs.replace(viewer, purpose=grant_entry(number))
    note(services, why, "break_glass:student:open", to_text(raw))
    return services.break_glass.open(number, viewer, raw, told, services.clock())


def find_grants(services: BreakGlassServices, viewer: Viewer) -> list[AccessGrant]:
    """Opened records: all of them for viewers who may search the trail, their own for everyone else.

    :raises StoreUnavailable: it cannot be written down
    """
    grants = services.break_glass.find(None if may_search(viewer) else viewer.subject)
    # A program reads them with nobody to see who is on the page; of an administrator the list itself is enough.
    told = grants if viewer.role is Role.SERVICE else []
    students = {str(each.student_id) for each in told if each.student_id}
    note_each(services, viewer, "break_glass:opening:read", students, f"rows={len(grants)}")
    return grants


def find_open_grant(services: SeesGrants, viewer: Viewer, student: str) -> AccessGrant | None:
    """The access grant by which the viewer sees a student (a pseudonym as UUID) now, if there is one."""
    now = from_micros(services.clock())
    own = services.break_glass.find(viewer.subject)
    held = [
        each
        for each in own
        if each.kind == "record" and str(each.student_id) == student and each.expires_at > now
    ]
    return max(held, key=lambda each: each.expires_at, default=None)


def acknowledge_grant(services: BreakGlassServices, viewer: Viewer, number: int) -> AccessGrant:
    """Acknowledge an access grant. The first acknowledgement stays.

    :raises RequestError: ``forbidden``, ``unknown_opening`` or ``own_opening``
    """
    require(services, viewer, Action.CHANGE, AccountsSubject(), REFUSED, str(number))
    opener = services.break_glass.find_opener(number)
    if opener is None:
        raise _unknown(number)
    if opener == viewer.subject and has_colleague(services, viewer):
        note(services, viewer, REFUSED, str(number), "reason=own_opening")
        raise RequestError("own_opening", say("break_glass.own"), 409)
    note(services, viewer, "break_glass:opening:acknowledge", str(number))
    grant = services.break_glass.acknowledge(number, viewer.subject, services.clock())
    if grant is None:
        raise _unknown(number)
    return grant


def has_colleague(services: BreakGlassServices, viewer: Viewer) -> bool:
    """Whether somebody else can look into what this administrator opened: nobody is to be the judge of themselves."""
    return any(
        account.role is Role.ADMIN and not account.disabled and account.subject != viewer.subject
        for account in list_accounts(services)
    )


def list_accounts(services: BreakGlassServices) -> list[Account]:
    """Every account; none where nobody can sign in."""
    return services.identity.accounts.everyone() if services.identity else []


def read_reason(text: str) -> str:
    """A typed reason.

    :raises RequestError: ``reason_too_short``
    """
    reason = " ".join(text.split())
    if len(reason) < SHORTEST_REASON or not reason.isprintable():
        sentence = f"Give a reason of at least {SHORTEST_REASON} characters why you need to see this record."
        raise RequestError("reason_too_short", sentence)
    return reason


def _unknown(number: int) -> RequestError:
    return RequestError("unknown_opening", f"There is no opened record {number}.", 404)
