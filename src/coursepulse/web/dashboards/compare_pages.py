"""Two runs of a course, or any two courses, side by side by the week since each began."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, NamedTuple

from litestar import Response, get
from litestar.params import FromPath, QueryParameter

from coursepulse.access.viewer import Viewer
from coursepulse.dashboards.format import show
from coursepulse.dashboards.links import course_link
from coursepulse.dashboards.reader import Record, Rows
from coursepulse.dashboards.text import say
from coursepulse.metrics.catalog import find_metric
from coursepulse.metrics.metric import Unit
from coursepulse.metrics.query import Query
from coursepulse.web import reach
from coursepulse.web.dashboards import titles
from coursepulse.web.http.render import page
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.http.viewer import page_viewer

if TYPE_CHECKING:
    from coursepulse.web.dashboards.ports import DashboardServices

With = Annotated[str, QueryParameter(name="with", max_length=128)]

_METRIC = "course_weeks"

#: What is compared, and by which columns its interval is named.
_MEASURES = ("active", "completion", "score")


class ComparedNumber(NamedTuple):
    """A number of one run with its interval, both in words; empty where it is not known."""

    text: str
    interval: str


class ComparedWeek(NamedTuple):
    """One week of both runs: how many are enrolled, and each measure of the one beside that of the other."""

    number: int
    enrolled: tuple[str, str]
    measures: list[tuple[ComparedNumber, ComparedNumber]]


@get("/courses/{course_id:str}/compare", include_in_schema=False)
async def compare(request: AnyRequest, course_id: FromPath[str], other: With = "") -> Response[str]:
    """Choose another course, and see both."""
    services = reach.dashboards(request)
    viewer = await asyncio.to_thread(page_viewer, request)
    return await asyncio.to_thread(_compare, services, viewer, course_id, other)


def _compare(services: DashboardServices, viewer: Viewer, course: str, other: str) -> Response[str]:
    title = titles.course_title(services, viewer, course)
    own = [_weeks(services, viewer, each) for each in (course, other) if each]
    names = [title, titles.course_title(services, viewer, other)] if other else [title]
    known = services.campus.titles(viewer.course_ids - {course})
    return page(
        "compare.html",
        title=say("compare.title", course=title),
        path="/",
        viewer=viewer,
        trail=[(title, course_link(course))],
        choices=sorted((known.get(each, each), each) for each in viewer.course_ids - {course}),
        other=other,
        names=names,
        headings=[find_metric(_METRIC).column(f"{each}_pct") for each in _MEASURES],
        weeks=list(_side_by_side(*own)) if other else [],
        says=_latest(names, *own) if other else "",
    )


def _weeks(services: DashboardServices, viewer: Viewer, course: str) -> Rows:
    return services.metrics.run(Query(metric=_METRIC, course=course), viewer).records()


def _side_by_side(one: Rows, other: Rows) -> Iterator[ComparedWeek]:
    for number, pair in enumerate(zip_longest(one, other), 1):
        yield ComparedWeek(
            number,
            _both(*(show(row and row["learners"], Unit.COUNT) for row in pair)),
            [_pair(measure, *pair) for measure in _MEASURES],
        )


def _both(one: str, other: str) -> tuple[str, str]:
    return one, other


def _pair(measure: str, one: Record | None, other: Record | None) -> tuple[ComparedNumber, ComparedNumber]:
    return _cell(measure, one), _cell(measure, other)


def _cell(measure: str, row: Record | None) -> ComparedNumber:
    if row is None or row[f"{measure}_pct"] is None:
        return ComparedNumber(show(None, Unit.PERCENT), "")
    ends = {end: row[f"{measure}_{end}"] for end in ("low", "high")}
    known = None not in ends.values()
    interval = say("compare.interval", **{end: f"{ends[end]:.0f}" for end in ends}) if known else ""
    return ComparedNumber(show(row[f"{measure}_pct"], Unit.PERCENT), interval)


def _latest(names: list[str], one: Rows, other: Rows) -> str:
    """The last week that both have had, by completion: whether chance alone explains the difference."""
    if not (week := min(len(one), len(other))):
        return say("compare.nothing")
    rows = (one[week - 1], other[week - 1])
    ends = [row[f"completion_{end}"] for row in rows for end in ("low", "high")]
    if None in ends:
        return say("compare.too_few", week=week)
    overlap = ends[0] <= ends[3] and ends[2] <= ends[1]
    shares = [show(row["completion_pct"], Unit.PERCENT) for row in rows]
    words = {"week": week, "one": names[0], "other": names[1], "one_pct": shares[0], "other_pct": shares[1]}
    return say("compare.chance" if overlap else "compare.differs", **words)


routes = [compare]
