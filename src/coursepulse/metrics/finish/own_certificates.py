"""The certificates of one student: those that organisations have on record, and those that events tell of."""

from __future__ import annotations

from collections.abc import Iterator

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.trainings import certificate_state
from coursepulse.metrics.query import Query

#: The queries behind it.
HELD, ISSUED = "own_certificates", "issued_certificates"


def list_certificates(found: QueryRows, query: Query) -> list[Row]:
    """What expires first stands first; what holds for good, last."""
    wanted = (each for each in _merge(found) if query.course in ("", each["course_id"]))
    rows = [_row(each, query) for each in wanted]
    return sorted(rows, key=lambda row: (row["expires_on"] is None, row["expires_on"] or row["issued_on"]))


def _merge(found: QueryRows) -> Iterator[Row]:
    """An event about a course for which an organisation has a certificate on record is about the same certificate."""
    yield from found[HELD]
    known = {row["course_id"] for row in found[HELD]}
    for row in found[ISSUED]:
        if row["course_id"] not in known:
            yield row | {"certificate": "", "expires_on": None}


def _row(row: Row, query: Query) -> Row:
    expires, today = row["expires_on"], query.judged_on
    return {
        "certificate": row["certificate"],
        "course_id": row["course_id"],
        "state": certificate_state(expires, today).value,
        "issued_on": row["issued_on"],
        "expires_on": expires,
        "days_left": (expires - today).days if expires else None,
    }
