"""The rows of a metric, made of those that were read."""

from __future__ import annotations

from coursepulse.aggregates.row import QueryRows, Row, Rows
from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.finish.leaderboards import rank_students
from coursepulse.metrics.metric import Metric
from coursepulse.metrics.query import Query


def compute(sources: Sources, asked: Asked) -> Asked:
    """Applies what the metric declares: its ``frame`` or ``finish``, or the rows of its query as they are."""
    metric = asked.metric
    if asked.lacks:
        return asked._replace(rows=_rows_without_consent(asked))
    if metric.board:
        (found,) = asked.found
        return asked._replace(
            rows=(rank_students(found, asked.joined, asked.viewer.student_id, sources.points),)
        )
    if metric.frame and asked.frames is not None:
        return asked._replace(rows=(metric.frame(asked.frames, asked.answered),))
    return asked._replace(rows=_finish_all(asked, asked.found), seen_rows=_finish_all(asked, asked.seen))


def _rows_without_consent(asked: Asked) -> tuple[Rows, ...]:
    """What rests on contract, with null in the columns about behaviour."""
    if not asked.found:
        return tuple([] for _ in asked.periods)
    absent = dict.fromkeys(asked.metric.names)
    return tuple([absent | row for row in each[asked.metric.without_consent]] for each in asked.found)


def _finish_all(asked: Asked, found: tuple[QueryRows, ...]) -> tuple[Rows, ...]:
    return tuple(
        _finish(asked.metric, each, query) for each, query in zip(found, asked.periods, strict=False)
    )


def _finish(metric: Metric, found: QueryRows, query: Query) -> list[Row]:
    return metric.finish(found, query) if metric.finish else list(found[metric.slug])
