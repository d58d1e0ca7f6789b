"""How the videos of a course are watched."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.dashboards.ask import Ask, Record
from coursepulse.dashboards.card import Card, Column, Scope
from coursepulse.dashboards.format import Kind
from coursepulse.dashboards.links import video_link


class Video(NamedTuple):
    """One video of the course; shares in per cent."""

    course_id: str
    video_id: str
    title: str
    viewers: int | None
    watched_pct: float | None
    completed: int | None
    rewatch_pct: float | None
    suppressed: bool = False


def data(ask: Ask) -> tuple[Video, ...]:
    """Videos in course order."""
    return tuple(_video(row, ask.subject.course) for row in ask.records("course_videos"))


def _video(row: Record, course_id: str) -> Video:
    return Video(
        course_id,
        row["video_id"],
        row["title"] or row["video_id"],
        row["viewers"],
        row["watched_pct"],
        row["completed"],
        row["rewatch_pct"],
        row.get("suppressed", False),
    )


CARD = Card(
    slug="course_videos",
    scope=Scope.COURSE,
    metrics=("course_videos",),
    data=data,
    columns=(
        Column("course_id", hidden=True),
        Column("video_id", hidden=True),
        Column("title", link=lambda row: video_link(row.course_id, row.video_id)),
        Column("viewers", Kind.COUNT),
        Column("watched_pct", Kind.PERCENT),
        Column("completed", Kind.COUNT),
        Column("rewatch_pct", Kind.PERCENT),
    ),
    template="table.html",
    span=6,
    sort=("", "title", "-viewers", "watched_pct", "-completed", "-rewatch_pct"),
    page_size=10,
)
