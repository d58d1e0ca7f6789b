"""The part of docs/reference/screens.md that is made from the catalog of cards."""

from __future__ import annotations

from collections.abc import Iterator

from coursepulse.dashboards.card import Card
from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard

_TITLES = {
    Dashboard.PLATFORM: "Platform",
    Dashboard.QUALITY: "Data quality",
    Dashboard.SYSTEM: "System",
    Dashboard.STUDENT: "Student",
    Dashboard.LEARNER: "Added for students on the page of one of their courses",
    Dashboard.STUDIED: "Added for those who teach, on the page of a learner of their course",
    Dashboard.COURSE: "Course",
    Dashboard.TAUGHT: "All courses on an instructor's first page",
    Dashboard.VIDEO: "Video",
    Dashboard.TEAM: "Team",
    Dashboard.TEAMS: "All teams on a manager's first page",
    Dashboard.LED: "Each team on a manager's first page",
}


def write_cards() -> str:
    """Every card as Markdown, by dashboard in the order of the page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "## Every card\n"
    for dashboard, cards in DASHBOARDS.items():
        yield f"### {_TITLES[dashboard]}\n"
        yield "| card | title | metrics | columns in JSON and CSV |"
        yield "|---|---|---|---|"
        yield from map(_row, cards)
        yield ""


def _row(card: Card) -> str:
    metrics = ", ".join(f"[`{metric}`](metrics.md#{metric})" for metric in card.metrics)
    columns = ", ".join(f"`{column.name}`" for column in card.columns)
    return f"| `{card.slug}` | {card.title} | {metrics} | {columns} |"
