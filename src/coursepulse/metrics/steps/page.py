"""Which of the rows are shown."""

from __future__ import annotations

import polars as pl

from coursepulse.aggregates.row import Rows
from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.steps.label import label_rows
from coursepulse.metrics.wanted import WantedRows


def page(sources: Sources, asked: Asked) -> Asked:
    """The rows of the page that was asked for, with what is made for a page alone."""
    if asked.page is None:
        return asked
    (rows,) = asked.rows
    # To sort or to search by a name takes the names of all; otherwise those of the page will do.
    labelled = asked.page.labelled
    found = _search(sources, asked, asked.page.wanted, asked.page.wanted.keep(rows))
    shown = asked.page.cut(label_rows(sources, asked, found) if labelled else found)
    if asked.metric.detail:
        shown = asked.metric.detail(shown)
    return asked._replace(rows=(shown,), total=len(found), labelled=labelled)


def _search(sources: Sources, asked: Asked, wanted: WantedRows, rows: Rows) -> Rows:
    """The rows about those who are searched for, if anybody is. The names alone are read for that."""
    if not wanted.search.strip():
        return rows
    if not isinstance(rows, pl.DataFrame):
        return wanted.find(label_rows(sources, asked, rows))
    found = wanted.find(label_rows(sources, asked, rows.select("student_id")))
    return rows.filter(pl.col("student_id").is_in([row["student_id"].bytes for row in found]))
