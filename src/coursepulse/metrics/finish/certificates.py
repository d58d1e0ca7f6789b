"""Metrics about certificates: member by member, and added up by kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.trainings import CertificateState, certificate_state
from coursepulse.metrics.finish.teams import fingerprint
from coursepulse.metrics.query import Query
from coursepulse.privacy.small_groups import UNSEEN

#: The queries behind it: on the rollups, and of the roster.
LEARNERS, HELD = "team_learners", "certificates"


def list_members(found: QueryRows, query: Query) -> list[Row]:
    """One row per member and certificate."""
    return [
        {
            "student_id": row["student_id"],
            "certificate": row["certificate"],
            "state": row["state"],
            "expires_on": row["expires_on"],
            "days_left": _days_left(row["expires_on"], query.judged_on),
            "issued_on": row["issued_on"],
        }
        for row in list_held(found, query)
    ]


def list_held(found: QueryRows, query: Query) -> list[Row]:
    """The certificates of those who are learners, each with its state."""
    return [row | {"state": _state(row, query.judged_on).value} for row in _held(found)]


def add_up(found: QueryRows, query: Query) -> list[Row]:
    """One row per kind of certificate."""
    kinds: dict[str, list[Row]] = {row["certificate_id"]: [] for row in found[HELD]}
    titles = {row["certificate_id"]: row["certificate"] for row in found[HELD]}
    for row in _held(found):
        kinds[row["certificate_id"]].append(row)
    return [_kind(query, kind, titles[kind], rows) for kind, rows in sorted(kinds.items())]


def _held(found: QueryRows) -> Iterator[Row]:
    """The certificates of those who are learners."""
    members = {row["student_id"] for row in found[LEARNERS]}
    return (row for row in found[HELD] if row["student_id"] in members)


def _state(row: Row, today: date) -> CertificateState:
    return certificate_state(row["expires_on"], today)


def _days_left(expires_on: date | None, today: date) -> int | None:
    return (expires_on - today).days if expires_on else None


def _kind(query: Query, kind: str, title: str, rows: Sequence[Row]) -> Row:
    states = [_state(row, query.judged_on) for row in rows]
    return {
        "team_id": query.team,
        "certificate_id": kind,
        "certificate": title,
        "roster": fingerprint(row["student_id"] for row in rows),
        UNSEEN: len(rows),
        "holders": len(rows),
        **{state.value: states.count(state) for state in CertificateState},
    }
