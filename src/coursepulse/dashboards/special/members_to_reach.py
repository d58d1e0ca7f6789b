"""Which members a manager should write to first, and why: what is late, what expires, who has gone silent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.format import show
from coursepulse.dashboards.reader import MetricReader, Record, Rows
from coursepulse.dashboards.special.progress import HREF
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.table import DataTable
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.metric import Column, Unit

_COLUMNS = (
    Column("student_id", Unit.ID, "Student", "pseudonym", hidden=True),
    Column("team_id", Unit.ID, "Team", "the platform's id of the team", hidden=True),
    Column("name", Unit.TEXT, "Name", "name by the roster"),
    Column("team", Unit.TEXT, "Team", "what the team is called"),
    Column("why", Unit.LIST, "Why", "the reasons, the weightiest first"),
    Column("day", Unit.DATE, "Day", "the earliest day of the weightiest reason; null for who never learned"),
    HREF,
)

#: By metric, the column of its state, and what of it is a reason: the weightiest first.
_REASONS = (
    ("team_training_members", "state", "overdue", "due_on"),
    ("team_certificate_members", "state", "expired", "expires_on"),
    ("team_attention_members", "why", "dormant", "last_activity_at"),
    ("team_training_members", "state", "due_soon", "due_on"),
    ("team_certificate_members", "state", "expires_30", "expires_on"),
    ("team_attention_members", "why", "ends_soon", "next_end_on"),
)


class _Reason(NamedTuple):
    weight: int
    at: date
    words: str


@dataclass(frozen=True, kw_only=True)
class MembersToReach(DataTable):
    """One row a member whose record the reader may see.

    :param of_all: of all teams that the reader leads, and not of one
    """

    page_size: int = 10
    of_all: bool = False

    @property
    def related(self) -> tuple[str, ...]:
        """Everything it looks at besides training."""
        return ("team_certificate_members", "team_attention_members", "team_summary")

    def columns(self, card: Card) -> tuple[Column, ...]:  # noqa: ARG002
        """Who, in which team, and why."""
        return _COLUMNS

    def sort_orders(self, card: Card) -> tuple[str, ...]:  # noqa: ARG002
        """Nobody sorts them: they have an order."""
        return ()

    def read(self, card: Card, reader: MetricReader) -> Rows:  # noqa: ARG002
        """The weightiest reason first, and of the same the one that has waited longest."""
        if self.of_all:
            teams = [reader.about_team(team) for team in sorted(reader.viewer.team_ids)]
            found = [each for team in teams for each in _of_own(team)]
        else:
            found = list(_of_team(reader))
        return [row for _, row in sorted(found, key=lambda each: (*each[0][:2], each[1]["name"]))]


def _of_own(reader: MetricReader) -> list[tuple[_Reason, Record]]:
    try:
        return list(_of_team(reader))
    except RequestError as error:
        if error.code != "forbidden":
            raise
        return []  # of another organisation


def _of_team(reader: MetricReader) -> Iterator[tuple[_Reason, Record]]:
    rows = {metric: reader.rows(metric) for metric in dict.fromkeys(each[0] for each in _REASONS)}
    (team,) = reader.rows("team_summary")
    names, reasons = _collect(rows)
    for student, each in reasons.items():
        first, *_ = each
        yield (
            first,
            {
                "student_id": student,
                "team_id": team["team_id"],
                "name": names[student],
                "team": team["team"],
                "why": [reason.words for reason in each],
                "day": None if first.at == date.min else first.at,
                "href": "",
            },
        )


def _collect(rows: dict[str, Rows]) -> tuple[dict[str, str], dict[str, Sequence[_Reason]]]:
    """The names of those for whom there is a reason, and all their reasons in order."""
    names, found = dict[str, str](), defaultdict[str, list[_Reason]](list)
    for weight, (metric, column, state, dated) in enumerate(_REASONS):
        for row in rows[metric]:
            if row[column] == state:
                names[row["student_id"]] = row["name"]
                found[row["student_id"]].append(_Reason(weight, _day(row[dated]), _words(state, row, dated)))
    return names, {student: sorted(each) for student, each in found.items()}


def _day(value: date | None) -> date:
    """Who has never been seen has waited longest. A moment is its day."""
    if value is None:
        return date.min
    return date(value.year, value.month, value.day)


def _words(state: str, row: Record, dated: str) -> str:
    what = row.get("title") or row.get("certificate") or ""
    if row[dated] is None:
        return say(f"reach.{state}.never", what=what)
    return say(f"reach.{state}", what=what, day=show(_day(row[dated]), Unit.DATE))
