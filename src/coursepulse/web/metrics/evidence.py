"""Asking why a number is what it is, from the words of an address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from coursepulse.access.viewer import Viewer
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.catalog import find_metric
from coursepulse.metrics.evidence.answer import Explained, Wanted
from coursepulse.metrics.metric import Metric, Param
from coursepulse.metrics.query import Query
from coursepulse.web.metrics.ports import ExplainsNumbers


class NumberRequest(NamedTuple):
    """What an address says about a number.

    :param given: every parameter, by name
    """

    metric: str
    given: Mapping[str, str]
    start: date | None = None
    end: date | None = None

    def explain(self, metrics: ExplainsNumbers, viewer: Viewer, *, export: bool = False) -> Explained:
        """What the number is made of.

        :raises RequestError: when the viewer may not see it, or there is no such number
        """
        metric = find_metric(self.metric)
        keys = {column.name: self.given[column.name] for column in metric.keys if column.name in self.given}
        wanted = Wanted(self.given.get("column", ""), keys, self.given.get("item", ""))
        return metrics.explain(self._query(metric, metrics), wanted, viewer, export=export)

    def _query(self, metric: Metric, metrics: ExplainsNumbers) -> Query:
        student = self.given.get("student", "")
        return Query(
            metric=metric.slug,
            course=self.given.get("course", ""),
            student=metrics.identify(student) if student else None,
            video=self.given.get("video", ""),
            team=self.given.get("team", ""),
            start=self.start if Param.FROM in metric.takes else None,
            end=self.end if Param.TO in metric.takes else None,
            step=self.given.get("step", "week"),
        )


def refuse_unused(metric: Metric, given: Mapping[str, str], *others: str) -> None:
    """A parameter that means nothing here is an error; it is never ignored.

    :raises RequestError: ``unused_parameter``
    """
    pages = {Param.LIMIT, Param.OFFSET, Param.SORT}
    known = {*metric.parameters, *(column.name for column in metric.keys), "column", "item", *others} - pages
    unused = sorted(given.keys() - known)
    if unused:
        raise RequestError(
            "unused_parameter",
            f"`{metric.slug}` does not take `{unused[0][:64]}`; it takes {', '.join(sorted(known))}.",
        )
