"""Which of the rows are shown."""

from __future__ import annotations

from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.steps.label import label_rows


def page(sources: Sources, asked: Asked) -> Asked:
    """The rows of the page that was asked for, with what is made for a page alone."""
    if asked.page is None:
        return asked
    (rows,) = asked.rows
    # To sort by a name takes the names of all; otherwise those of the page will do.
    labelled = asked.page.labelled
    shown = asked.page.cut(label_rows(sources, asked, rows) if labelled else rows)
    if asked.metric.detail:
        shown = asked.metric.detail(shown)
    return asked._replace(rows=(shown,), total=len(rows), labelled=labelled)
