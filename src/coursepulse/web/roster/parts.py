"""What the parts of the roster share: each takes rows, refuses what refers to nothing known, and keeps the others."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
from litestar import put

from coursepulse.campus.verdicts import Read, Reference, Row, RowFault, RowVerdict, refuse_unknown
from coursepulse.collect.keys import ROSTER
from coursepulse.web import reach
from coursepulse.web.audit.writing import note
from coursepulse.web.http.auth import key_viewer, needs
from coursepulse.web.http.request import AnyRequest

#: A route that takes rows of one part.
put_part = partial(put, guards=[needs(ROSTER)], tags=["roster"], sync_to_thread=True)

COURSE = Reference("course_id", RowFault.UNKNOWN_COURSE, "course")
ORGANISATION = Reference("organisation_id", RowFault.UNKNOWN_ORGANISATION, "organisation")
TEAM = Reference("team_id", RowFault.UNKNOWN_TEAM, "team")


class RosterReceipt(msgspec.Struct, frozen=True):
    """The answer to a bulk of rows: what is not listed in ``rejected`` is accepted, and stored."""

    accepted: int
    rejected: list[RowVerdict]


def refer(read: Read[Row], reference: Reference, find_known: Callable[[list[str]], set[str]]) -> Read[Row]:
    """Refuses the rows that refer to something unknown, found by one question about all of them."""
    named = [name for row in read.rows if (name := getattr(row, reference.field))]
    return refuse_unknown(read, reference, find_known(named)) if named else read


def keep(
    request: AnyRequest, part: str, read: Read[Row], put_rows: Callable[[list[Row]], None], subject: str = ""
) -> RosterReceipt:
    """Stores the good rows, after the trail has taken note of it: where that fails, nothing is stored."""
    if read.rows:
        viewer = key_viewer(request, ROSTER)
        note(reach.roster(request), viewer, f"roster:{part}:changed", subject, f"rows={len(read.rows)}")
        put_rows(read.rows)
    return RosterReceipt(len(read.rows), read.rejected)
