"""What the page says about a number and what it is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from coursepulse.dashboards.format import count, event_words, position, show
from coursepulse.dashboards.language import SOURCE, day, days, decimal, language, moment
from coursepulse.dashboards.links import evidence_link, learner_link, student_link
from coursepulse.dashboards.people import id_text, name_of
from coursepulse.dashboards.reader import Record
from coursepulse.dashboards.text import plural, say, say_or
from coursepulse.dashboards.words import label, metric_title
from coursepulse.kit.clock import SECOND
from coursepulse.metrics.evidence.answer import Explained
from coursepulse.metrics.evidence.proof import ItemRule, Remainder, Why
from coursepulse.metrics.metric import Column, Metric, Scope, Unit
from coursepulse.metrics.query import FIRST_DAY

#: Items that a page shows. The files have all of them, and so has the last row.
MOST = 500


class Cell(NamedTuple):
    """One value of an item; ``href`` is empty where it leads nowhere."""

    text: str
    href: str = ""


class Neighbour(NamedTuple):
    """Another number of the same row."""

    name: str
    text: str
    href: str


class Sheet(NamedTuple):
    """A number, what it is made of, and what stands beside it.

    :param summary: one sentence: how the items make the number, or why there are none
    :param cut: that the table shows some of the items alone; empty when it shows all
    :param rest: the row of those who are counted together; empty without any
    :param totals: the last row: what the items make; empty without items
    :param back: where an opened item leads back to
    :param people: of rows about students of a course, each student and the course; empty for other rows
    """

    title: str
    lead: str
    summary: str
    columns: tuple[Column, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    cut: str
    rest: tuple[str, ...]
    totals: tuple[str, ...]
    explained: Explained
    neighbours: tuple[Neighbour, ...]
    back: str
    json: str
    csv: str
    people: tuple[str, ...] = ()


def describe(explained: Explained, slug: str, given: Mapping[str, str]) -> Sheet:
    """The page about a number.

    :param slug: the metric that was asked, ``given`` the parameters of the address
    """
    columns = tuple(column for column in explained.columns if not column.hidden)
    opened = bool(given.get("item"))
    asked = {name: text for name, text in given.items() if name not in ("item", "column")}
    here = {"column": given.get("column", ""), **asked}
    value = show(explained.value, explained.column.unit)
    return Sheet(
        title=say("evidence.title", name=label(explained.column), value=value),
        lead=say("evidence.opened") if opened else _lead(explained),
        summary=_summary(explained),
        columns=columns,
        headings=tuple(map(heading, columns)),
        rows=tuple(_cells(explained, columns, item, slug, here) for item in explained.items[:MOST]),
        cut=_cut(explained),
        rest=_rest(explained, columns),
        totals=_totals(explained, columns),
        explained=explained,
        neighbours=() if opened else tuple(_neighbours(explained, slug, asked)),
        back=evidence_link(slug, here) if opened else "",
        json=evidence_link(f"{slug}.json", dict(given)),
        csv=evidence_link(f"{slug}.csv", dict(given)) if explained.exportable and explained.items else "",
        people=tuple(_people(explained)),
    )


def _people(explained: Explained) -> Iterator[str]:
    """The students of the rows, as boxes of lists name them."""
    course = explained.query.course
    for item in explained.items[:MOST]:
        if "student_id" in item and course:
            yield f"{id_text(item['student_id'])} {course}"


def _cut(explained: Explained) -> str:
    total = len(explained.items)
    return say("evidence.cut", most=count(MOST), total=count(total)) if total > MOST else ""


def heading(column: Column) -> str:
    """What heads a column of items: one name may mean several things, so the words are found by the title."""
    return say_or(f"evidence.column.{re.sub(r'[^a-z]+', '_', column.title.lower())}", column.title)


def _lead(explained: Explained) -> str:
    """What the number is about, and on which days."""
    start, end = explained.query.days
    about = next((explained.row[name] for name in ("title", "name") if explained.row.get(name)), "")
    words = f"{metric_title(explained.metric)}: {about}" if about else metric_title(explained.metric)
    last = end - timedelta(days=1)
    over = say("evidence.to_date", last=day(last))
    if start > FIRST_DAY:
        over = say("evidence.period", days=days(start, last))
    # What JSON says instead of a number is nothing to people.
    meaning = re.split("[,;] null", explained.column.description)[0]
    # The definitions are in English, like all of the documentation.
    if language() != SOURCE:
        return say("evidence.lead_short", metric=words, days=over)
    return say("evidence.lead", metric=words, meaning=meaning, days=over)


def _summary(explained: Explained) -> str:
    """One sentence: how the items make the number, or why there are none."""
    if explained.lacks_consent and explained.why is Why.NOTHING:
        return say(f"consent.lacks.{explained.lacks_consent.value}")
    if explained.why:
        return say(f"evidence.none.{explained.why}")
    words = {
        "value": write(explained.value, explained.column.unit),
        "things": plural(f"things.{explained.things}", len(explained.items)),
    }
    if explained.parts:
        unit = _unit_of(explained)
        words |= {"part": write(explained.parts[0], unit), "whole": write(explained.parts[1], unit)}
    made = say(f"evidence.rule.{explained.rule}", **words)
    return f"{made} {_rest_words(explained.rule, explained.rest)}" if explained.rest else made


def _rest_words(rule: ItemRule | None, rest: Remainder) -> str:
    if rule is ItemRule.MEAN and rest.of:
        return say("evidence.rest.mean", people=count(rest.of))
    return say("evidence.rest.says")


def _unit_of(explained: Explained) -> Unit:
    unit = next(column.unit for column in explained.columns if column.name == explained.amount)
    return Unit.COUNT if unit is Unit.FLAG else unit


def _rest(explained: Explained, columns: Sequence[Column]) -> tuple[str, ...]:
    """The row of those who are counted together, one text a column."""
    if explained.rest is None:
        return ()
    texts = dict.fromkeys((column.name for column in columns), "")
    unit = _unit_of(explained) if explained.parts else explained.column.unit
    amount = explained.rest.amount
    if explained.of in texts and explained.rest.of is not None:
        texts[explained.of] = write(explained.rest.of, unit)
    texts[_below(explained, columns)] = write(
        amount / SECOND if explained.amount == "micros" else amount, unit
    )
    first, *rest = texts.values()
    heading = say("evidence.rest.row")
    return (f"{heading}: {first}" if first else heading, *rest)


def _totals(explained: Explained, columns: Sequence[Column]) -> tuple[str, ...]:
    """The last row, one text a column: what it is called, and the number below the column that makes it."""
    if not (explained.items or explained.rest) or explained.rule is None:
        return ()
    texts = dict.fromkeys((column.name for column in columns), "")
    named, unit = _below(explained, columns), explained.column.unit
    if explained.parts:
        unit = _unit_of(explained)
        of = explained.of if explained.of in texts else named
        texts[of] = write(explained.parts[1], unit)
        texts[named] = write(explained.parts[0], unit)
    else:
        texts[named] = write(explained.total, unit)
    first, *rest = texts.values()
    heading = say(f"evidence.total.{explained.rule}")
    return (f"{heading}: {first}" if first else heading, *rest)


def _below(explained: Explained, columns: Sequence[Column]) -> str:
    """The column below which the number stands: microseconds are shown as times."""
    shown = [column.name for column in columns]
    amount = "time" if explained.amount == "micros" else explained.amount
    return amount if amount in shown else shown[-1]


def write(value: object, unit: Unit) -> str:
    """A value to the millisecond, so that readers can add up what they see."""
    if unit is not Unit.SECONDS or not isinstance(value, int | float):
        return show(value, unit)
    minutes, seconds = divmod(round(value, 3), 60)
    hours, minutes = divmod(int(minutes), 60)
    parts = [say("unit.h", n=count(hours))] if hours else []
    parts += [say("unit.min", n=minutes)] if hours or minutes else []
    return " ".join([*parts, say("unit.s", n=decimal(seconds, 3))])


def _cells(
    explained: Explained, columns: tuple[Column, ...], item: Record, slug: str, here: dict[str, str]
) -> tuple[Cell, ...]:
    cells = [Cell(_text(column, item)) for column in columns]
    if explained.opens and "item" in item:
        cells[0] = cells[0]._replace(href=evidence_link(slug, {**here, "item": item["item"]}))
    if "student_id" in item and explained.metric.scope is Scope.TEAM:
        cells[0] = cells[0]._replace(href=student_link(id_text(item["student_id"])))
    elif "student_id" in item and explained.query.course:
        student = id_text(item["student_id"])
        cells[0] = cells[0]._replace(href=learner_link(explained.query.course, student))
    return tuple(cells)


def _text(column: Column, item: Record) -> str:
    """Ids stand in for titles that nobody has told, and types of events are said in words."""
    value = item[column.name]
    if column.name == "name":
        return name_of(id_text(item["student_id"]), value)
    if column.name == "title":
        return value or next((item[name] for name in _IDS if item.get(name)), say("evidence.outside"))
    if column.name == "reason":
        return say(f"reason.{value}")
    if column.name in _EVENTS and value:
        return event_words(str(value))
    if column.name in _WORDS:
        return say_or(f"evidence.word.{value}", str(value).replace("_", " "))
    if column.unit is Unit.MOMENT and isinstance(value, datetime):
        return moment(value, seconds=True)
    if column.unit is Unit.POSITION:
        return position(value)
    return write(value, column.unit)


def _neighbours(explained: Explained, slug: str, asked: Mapping[str, str]) -> list[Neighbour]:
    """The other numbers of the row, as far as the metric that was asked has them."""
    metric = explained.metric
    if metric.slug != slug or not explained.row:
        return []
    return [
        Neighbour(
            label(column),
            show(explained.row[column.name], column.unit),
            evidence_link(slug, {"column": column.name, **asked}),
        )
        for column in _numbers(metric)
        if column.name != explained.column.name
    ]


def _numbers(metric: Metric) -> list[Column]:
    return [column for column in metric.columns if column.unit.counts]


#: What a row is called by when there is no title.
_IDS = ("lesson_id", "video_id", "assessment_id", "item_id", "course_id")

#: Columns whose values are words of events and rules.
_WORDS = frozenset({"task", "status", "kind"})

#: Columns whose values are types of events.
_EVENTS = frozenset({"event_type", "next"})
