"""The members of a team whom the viewer may see, on one line each."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards.ask import Ask, Record
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.format import Kind
from coursepulse.dashboards.links import student_link
from coursepulse.dashboards.people import id_text, name_of
from coursepulse.kit.clock import Micros


class Member(NamedTuple):
    """One member; ``time_spent`` in seconds, within the period."""

    student_id: str
    name: str
    courses: int
    completion_pct: float | None
    score_pct: float | None
    time_spent: float
    last_activity_at: Micros | None


def data(ask: Ask) -> tuple[Member, ...]:
    """The wanted part of the list."""
    return tuple(_member(row) for row in ask.page("team_members"))


def _member(row: Record) -> Member:
    return Member(
        id_text(row["student_id"]),
        name_of(row["student_id"], row["name"]),
        row["courses"],
        row["completion_pct"],
        row["score_pct"],
        row["time_spent"],
        row["last_activity_at"],
    )


CARD = Card(
    slug="team_members",
    scope=Scope.TEAM,
    metrics=("team_members",),
    data=data,
    columns=(
        Column("student_id", hidden=True),
        Column("name", link=lambda row: student_link(row.student_id)),
        Column("courses", Kind.COUNT),
        Column("completion_pct", Kind.PERCENT),
        Column("score_pct", Kind.PERCENT),
        Column("time_spent", Kind.SECONDS),
        Column("last_activity_at", Kind.MOMENT),
    ),
    template="table.html",
    span=12,
    sort=("-last_activity_at", "name", "-courses", "-completion_pct", "-score_pct", "-time_spent"),
    paged=True,
    several=True,
)
