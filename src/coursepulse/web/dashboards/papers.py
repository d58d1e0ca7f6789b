"""Cards on paper: what the page shows, in the words and from the rows of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

import structlog

from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.format import show
from coursepulse.dashboards.language import days, direction, isolate, language, moment, separators, zone_name
from coursepulse.dashboards.reader import Record
from coursepulse.dashboards.text import say, say_or
from coursepulse.dashboards.views import figures
from coursepulse.dashboards.words import label
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.metrics.metric import Column, Unit
from coursepulse.privacy.small_groups import SUPPRESSED
from coursepulse.reports.charts import ChartLooks, ChartNotDrawn, draw_chart
from coursepulse.reports.paper import (
    Paper,
    PaperCard,
    PaperColumn,
    PaperFact,
    PaperFigure,
    PaperSection,
    PaperTable,
)
from coursepulse.web.dashboards.shown import ShownCard
from coursepulse.web.http.render import STATIC, cell, is_number
from coursepulse.web.metrics.pages import metric_name

_log = structlog.get_logger(__name__)

#: Rows of one table. Nobody reads more on paper, and setting them takes seconds; the CSV has all of them.
MOST_ROWS = 500

#: Columns that fit beside each other on an upright page.
_UPRIGHT = 8

#: Pixels of a chart, of which the width becomes that of the page: upright and lying; usual and tall.
_WIDTH, _WIDE, _HEIGHT, _TALL = 760, 1120, 260, 440

#: How much of the width columns of words take beside each other.
_SHARES = {Unit.TEXT: 2, Unit.ID: 2, Unit.LIST: 4}


class PaperHead(NamedTuple):
    """What stands above the cards of a page.

    :param by: who had it made, by login name
    :param to: who reads it
    """

    title: str
    lead: str
    now: Micros
    by: str
    to: str


#: A part of a page and the cards in it; the part has no name where there is only one.
Part = tuple[str, Sequence[ShownCard]]


def write_paper(head: PaperHead, parts: Sequence[Part]) -> Paper:
    """The page as it goes on paper."""
    cards = [shown for _, each in parts for shown in each]
    wide = any(len(_columns(shown)) > _UPRIGHT for shown in cards if _is_listed(shown))
    span = _span(max(cards, key=_end)) if cards else ""
    return Paper(
        title=head.title,
        lead=head.lead,
        language=language(),
        direction=direction(),
        facts=list(_facts(head, cards, span)),
        sections=[PaperSection(name, [_card(shown, wide=wide) for shown in each]) for name, each in parts],
        foot=" · ".join(part for part in ("coursepulse", head.title, span) if part),
        numbering=say("paper.numbering", page="{page}", pages="{pages}"),
        made_at=from_micros(head.now),
        wide=wide,
    )


def _facts(head: PaperHead, cards: Sequence[ShownCard], span: str) -> Iterator[PaperFact]:
    as_of = max((each.as_of for each in cards if each.as_of), default=None)
    filters = list(dict.fromkeys(each for shown in cards for each in _filters(shown)))
    told = {
        "period": span,
        "filters": "; ".join(filters) or say("paper.no_filters"),
        "zone": say("paper.zone_words", zone=zone_name()),
        "as_of": moment(from_micros(as_of)) if as_of else say("paper.no_data"),
        "made_at": moment(from_micros(head.now)),
        "by": head.by if head.by == head.to else say("paper.by_for", by=head.by, to=head.to),
    }
    return (PaperFact(say(f"paper.{name}"), value) for name, value in told.items() if value)


def _end(shown: ShownCard) -> date:
    """The last day of it: cards whose days end earlier than those of the page say so below."""
    return shown.period.end if shown.period else date.min


def _span(shown: ShownCard) -> str:
    return days(shown.period.start, shown.period.end) if shown.period else ""


def _filters(shown: ShownCard) -> Iterator[str]:
    """What narrows a table, in words."""
    units = {each.name: each.unit for each in shown.card.columns}
    for name, value in shown.request.filters.items():
        if value:
            title = say_or(f"column.{name}", say_or(f"paper.filter.{name}", name))
            yield say("paper.filter", name=title, value=show(value, units.get(name, Unit.TEXT)))


def _card(shown: ShownCard, *, wide: bool) -> PaperCard:
    card = shown.card
    if missing := _missing(shown):
        return PaperCard(title=card.title, about=card.about, foot=_foot(shown), says=missing)
    option = shown.option if card.charted else None
    svg = _draw(shown, option, wide=wide) if option else ""
    flat = not _is_figures(shown) and not _is_listed(shown) and not svg
    return PaperCard(
        title=card.title,
        about=card.about,
        foot=_foot(shown),
        says=shown.summary if svg else "",
        chart=svg,
        figures=[_figure(row, shown) for row in shown.rows] if _is_figures(shown) else [],
        facts=[PaperFact(label(each), _cell(shown, shown.rows[0], each)) for each in _columns(shown)]
        if flat
        else [],
        table=None if flat or _is_figures(shown) else _table(shown),
        notes=list(_notes(shown)),
    )


def _missing(shown: ShownCard) -> str:
    """Why there are no rows; empty text where there are some."""
    if shown.trouble:
        return shown.trouble
    if shown.rows:
        return ""
    if shown.lacks_consent:
        return say(f"consent.lacks.{shown.lacks_consent.value}")
    if shown.narrowed:
        return say("learners.nobody")
    hidden = say("small.empty", n=shown.small_group) if shown.small_group else ""
    return f"{shown.card.empty} {hidden}".rstrip()


def _notes(shown: ShownCard) -> Iterator[str]:
    if shown.cut_from:
        yield say("chart.cut", most=shown.card.view.most, total=shown.cut_from)
    if shown.lacks_consent:
        yield say("consent.part")
    if shown.small_group:
        yield say("small.note", n=shown.small_group)


def _foot(shown: ShownCard) -> str:
    span = say("paper.card_period", span=_span(shown)) if shown.periodic else say("paper.to_date")
    names = ", ".join(metric_name(metric) for metric in shown.card.metrics)
    how = say("paper.how", names=names, version=shown.version) if shown.version else ""
    return " ".join(part for part in (span, how, say("paper.rows", digest=shown.rows_digest)) if part)


def _is_figures(shown: ShownCard) -> bool:
    return isinstance(shown.card.view, figures.Figures)


def _is_listed(shown: ShownCard) -> bool:
    """Whether there are rows below each other."""
    return len(shown.rows) > 1 and not _is_figures(shown)


def _figure(row: Record, shown: ShownCard) -> PaperFigure:
    change = figures.change_of(row, shown.days) if row["compared"] else None
    rest = figures.why_alone(row) if row["compared"] else figures.note_of(row)
    return PaperFigure(figures.title_of(row), figures.value_of(row), change.words if change else rest)


def _table(shown: ShownCard) -> PaperTable:
    columns, rows = _columns(shown), shown.rows[:MOST_ROWS]
    total = len(shown.rows)
    return PaperTable(
        columns=[
            PaperColumn(label(each), is_number(each.unit), _SHARES.get(each.unit, 0)) for each in columns
        ],
        rows=[[_cell(shown, row, each) for each in columns] for row in rows],
        cut=say("paper.cut", most=show(MOST_ROWS, Unit.COUNT), total=show(total, Unit.COUNT))
        if total > MOST_ROWS
        else "",
    )


def _columns(shown: ShownCard) -> Sequence[Column]:
    return shown.card.table_columns


def _cell(shown: ShownCard, row: Record, column: Column) -> str:
    value = row[column.name]
    if value is None and shown.small_group and row.get(SUPPRESSED):
        return say("small.cell")
    if isinstance(value, (list, tuple)) and value:
        return "\n".join(str(each) for each in value)
    return str(isolate(cell(value, column)))


def _draw(shown: ShownCard, option: Option, *, wide: bool) -> str:
    size = (_WIDE if wide else _WIDTH, _TALL if shown.card.tall else _HEIGHT)
    group, decimal = separators()
    try:
        return draw_chart(option, *size, ChartLooks(palette(), group, decimal, direction() == "rtl"))
    except ChartNotDrawn as error:
        # It must not take the numbers with it: the table has them.
        _log.error("chart_not_drawn", card=shown.card.slug, error=str(error))
        return ""


@cache
def palette() -> dict[str, str]:
    """The colours of the light theme by their names in the style sheet."""
    light = (STATIC / "app.css").read_text("utf-8").partition(":root {")[2].partition("}")[0]
    return dict(re.findall(r"(--[\w-]+):\s*([^;]+);", light))
