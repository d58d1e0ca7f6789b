"""The part of docs/reference/metrics.md that is made from the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator

from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.evidence.proof import Proof, Same
from coursepulse.metrics.metric import Metric, Param, Scope

_CHAPTERS = {
    Scope.STUDENT: "## About a student\n\nWith `course`, the numbers are about one course.\n",
    Scope.COURSE: "## About a course\n\nStaff and test accounts are left out.\n",
    Scope.VIDEO: "",
    Scope.TEAM: "## About a team\n\nThe members on the [roster](roster.md) now, without staff and test accounts.\n",
    Scope.PLATFORM: "## About everybody\n\nStaff and test accounts are left out of every count of learners.\n",
}


def write_reference() -> str:
    """Every metric as Markdown, by scope in the order of the catalog."""
    return "\n".join(_chapters())


def _chapters() -> Iterator[str]:
    chapter = None
    for metric in METRICS.values():
        if metric.scope is not chapter and _CHAPTERS[metric.scope]:
            chapter = metric.scope
            yield _CHAPTERS[chapter]
        yield f"### `{metric.slug}`\n\n{' '.join(_sentences(metric))}\n\n{_table(metric)}\n"


def _sentences(metric: Metric) -> Iterator[str]:
    yield metric.description
    if metric.needs:
        yield f"Needs {_names(metric.needs)}."
    if metric.takes:
        yield f"Takes {_names(metric.takes)}."
    if metric.comparable:
        yield "Comes with the period before."
    if metric.span is None and Param.TO in metric.takes:
        yield "Without a period: all time."
    elif metric.span not in (None, 28):
        yield f"Without a period: {metric.span} days."
    if not metric.dated:
        yield "About the present: takes no `as_of`."
    proven = [name for name in metric.names if isinstance(metric.evidence_of(name), Proof | Same)]
    if proven:
        yield f"[Evidence](evidence.md) for {', '.join(f'`{name}`' for name in proven)}."
    yield f"Definition: [{metric.section}](definitions.md#{anchor_of(metric.section)})."


def anchor_of(heading: str) -> str:
    """What a link to a heading names, on a page of the documentation and of the server."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def _names(params: tuple[Param, ...]) -> str:
    return ", ".join(f"`{param}`" for param in params)


def _table(metric: Metric) -> str:
    lines = [f"| `{column.name}` | {column.unit} | {column.description} |" for column in metric.columns]
    return "\n".join(["| column | unit | meaning |", "|---|---|---|", *lines])
