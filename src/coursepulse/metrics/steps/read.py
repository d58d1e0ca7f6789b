"""What the databases know."""

from __future__ import annotations

from collections.abc import Sequence

from coursepulse.aggregates.live import LIVE_QUERIES
from coursepulse.aggregates.row import QueryRows, Row, select_period
from coursepulse.kit.clock import Micros, to_micros
from coursepulse.kit.ids import NIL, to_text
from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.metric import Metric, Reach, Source
from coursepulse.metrics.page import find_page
from coursepulse.metrics.readers import ROLLUP_QUERIES, seen_by
from coursepulse.metrics.steps.parameters import DRAWN, TOLD, gather
from coursepulse.privacy.consent import Purpose

#: Lists of people with what is known of each beside, and how many of them a query names at a time: a server takes
#: parameters of up to 128 KiB, and ids of steps may be long.
_IN_TURNS = {Reach.SHOWN: (TOLD, 300), Reach.DRAWN: (DRAWN, 1000)}


def read(sources: Sources, asked: Asked) -> Asked:
    """The rows of the named queries, and how fresh they are.

    :raises RequestError: ``invalid_sort``
    :raises StoreUnavailable: when a database does not answer
    """
    # First: what is newer may already be in the rows, what is older certainly is.
    latest = _latest_data_at(sources, asked.metric)
    if latest is not None and asked.query.past is not None:
        latest = min(latest, asked.query.past)
    page = find_page(asked.metric, asked.answered)
    values = gather(sources, asked)
    lacks = asked.lacks or _find_lack(sources, asked, values)
    back = len(asked.periods) == 1 or _reaches_back(sources, asked)
    asked = asked._replace(latest=latest, page=page, lacks=lacks, reaches_back=back)
    if lacks:
        return asked._replace(found=_read_contract(sources, asked, values))
    if asked.metric.frame:
        return asked._replace(frames=sources.rollups.frames(asked.metric.queries, values))
    found = _rows(sources, asked.metric, values)
    return asked._replace(found=tuple(select_period(found, n + 1) for n in range(len(asked.periods))))


def _read_contract(sources: Sources, asked: Asked, values: Row) -> tuple[QueryRows, ...]:
    """What is shown without consent, for each period the same: nothing, for most metrics."""
    named = asked.metric.without_consent
    if not named or asked.lacks is not Purpose.ANALYTICS:
        return ()
    return tuple(sources.rollups.read((named,), values) for _ in asked.periods)


def _rows(sources: Sources, metric: Metric, values: Row) -> QueryRows:
    told = sources.relations.team_rows(metric.roster, values) if metric.roster else {}
    if metric.source is Source.ROSTER:
        return told
    return {**_counted(sources, metric, values | {"assigned": _courses_of(told)}), **told}


def _courses_of(told: QueryRows) -> list[str]:
    """The courses that the roster names for a team."""
    return sorted({row["course_id"] for rows in told.values() for row in rows if row.get("course_id")})


def _counted(sources: Sources, metric: Metric, values: Row) -> QueryRows:
    if metric.source is Source.POSTGRES:
        return sources.campus.read(metric.queries, values)
    if metric.source is Source.MEMORY:
        return {name: sources.memory[name]() if name in sources.memory else [] for name in metric.queries}
    if metric.source is Source.LIVE:
        return _read_live(sources, metric, values)
    if metric.of_many:
        return sources.rollups.read_in_turns(metric.queries, values)
    if metric.reach in _IN_TURNS:
        return sources.rollups.read_in_turns(metric.queries, values, *_IN_TURNS[metric.reach])
    return _read_both(sources, metric.queries, values)


def _read_both(sources: Sources, names: Sequence[str], values: Row) -> QueryRows:
    """What ClickHouse knows, and what PostgreSQL alone does, such as what a student has decided."""
    # Some names stand for a query in both: then the numbers are meant, and not their titles.
    counted = [name for name in names if name in ROLLUP_QUERIES]
    kept = [name for name in names if name not in counted]
    return {**sources.campus.read(kept, values), **sources.rollups.read(counted, values)}


def _read_live(sources: Sources, metric: Metric, values: Row) -> QueryRows:
    """What goes on right now, and what the databases say of the same things: nothing if nothing goes on."""
    live = {name: sources.live.rows(name, values) for name in metric.queries if name in LIVE_QUERIES}
    items = sorted({row["item_id"] for rows in live.values() for row in rows})
    others = [name for name in metric.queries if name not in live]
    if not items:
        return {name: [] for name in others} | live
    return {**_read_both(sources, others, values | {"items": items}), **live}


def _latest_data_at(sources: Sources, metric: Metric) -> Micros | None:
    consumer = "learners" if metric.source is Source.LEARNERS else "served"
    with seen_by(None):
        row = next(iter(sources.campus.rows("latest_data_at", {"consumer": consumer})), None)
    return to_micros(row["latest_event_at"]) if row and row["latest_event_at"] else None


def _find_lack(sources: Sources, asked: Asked, values: Row) -> Purpose | None:
    """The consent that is missing for numbers about a student."""
    metric = asked.metric
    if not metric.essential and not values.get("agreed", True):
        return Purpose.ANALYTICS
    if metric.consent is None or sources.relations.agrees(asked.answered.student or NIL, metric.consent):
        return None
    return metric.consent


def _reaches_back(sources: Sources, asked: Asked) -> bool:
    """Whether somebody had learned by the first day of the period before, in what a question is about.

    A viewer who may not see the people learns only about the whole platform: for a course it would tell when one began.
    """
    previous = asked.periods[1]
    alone = asked.metric.about_one and previous.student
    named = "first_day_of_student" if alone else "first_day"
    course = "" if asked.groups else previous.course
    values = {"course": course, "student": to_text(previous.student or NIL)}
    first = sources.rollups.rows(named, values)[0]["day"]
    return first is not None and first <= previous.days[0]
