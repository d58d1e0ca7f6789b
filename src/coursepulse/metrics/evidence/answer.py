"""Answering why a number is what it is: the number by the steps of every metric, and beside it what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import msgspec

from coursepulse.aggregates.row import Row, to_rows
from coursepulse.kit.clock import Micros
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.catalog import find_metric
from coursepulse.metrics.evidence.proof import Facts, ItemRule, Proof, Remainder, Same, Why
from coursepulse.metrics.evidence.spent import parse_session
from coursepulse.metrics.metric import Column, Metric
from coursepulse.metrics.query import Query
from coursepulse.metrics.steps.label import name_rows
from coursepulse.metrics.steps.parameters import gather
from coursepulse.privacy.consent import Purpose


class Wanted(NamedTuple):
    """Which number.

    :param column: its column
    :param row: what tells its row from others, by column; nothing where there is one row
    :param item: the key of an item to be opened, empty for the number itself
    """

    column: str
    row: Mapping[str, str]
    item: str = ""


class Explained(NamedTuple):
    """A number, and what it is made of.

    :param row: the row of the metric that it stands in
    :param value: the number; of an opened item what that counts
    :param rule: by which the items make it; None when there are none
    :param total: what the items make: the number itself, when nothing moved
    :param amount: column of the items that makes the number, ``of`` the column of the whole when it is a share
    :param parts: the part and the whole, when the number is the share of the two
    :param rest: what those add whom the viewer may not see one by one: counted together, and rounded
    :param things: what the items are
    :param why: why there are no items
    :param same: the number is explained by another metric
    :param opens: whether an item can be opened by its ``item``
    :param lacks_consent: what the student has not agreed to
    """

    metric: Metric
    column: Column
    query: Query
    row: Row
    value: Any
    rule: ItemRule | None = None
    total: float | None = None
    amount: str = ""
    of: str = ""
    parts: tuple[float, float] | None = None
    rest: Remainder | None = None
    columns: tuple[Column, ...] = ()
    items: Sequence[Row] = ()
    things: str = ""
    why: Why | None = None
    same: Same | None = None
    opens: bool = False
    latest: Micros | None = None
    exportable: bool = True
    lacks_consent: Purpose | None = None

    def records(self) -> list[Row]:
        """The items with exactly the columns."""
        return [{column.name: item[column.name] for column in self.columns} for item in self.items]


def check_column(metric: Metric, name: str) -> Column:
    """The column of the number.

    :raises RequestError: ``unknown_column``
    """
    column = metric.column(name)
    if column is None or not column.unit.counts:
        numbers = ", ".join(each.name for each in metric.columns if each.unit.counts) or "none"
        raise RequestError("unknown_column", f"`column` must be a number of `{metric.slug}`: {numbers}.", 404)
    return column


def explain(sources: Sources, asked: Asked, wanted: Wanted) -> Explained:
    """What the number is made of, or why that cannot be shown.

    :param asked: answered by every step
    :raises RequestError: ``unknown_column``, ``unknown_row``, ``ambiguous_row``, ``unknown_item``
    """
    metric, column = asked.metric, check_column(asked.metric, wanted.column)
    told = Explained(
        metric,
        column,
        asked.answered,
        {},
        None,
        latest=asked.latest,
        exportable=asked.exports,
        lacks_consent=asked.lacks,
    )
    if asked.lacks and not any(asked.rows):
        return told._replace(why=Why.NOTHING)
    row = _find_row(asked, wanted)
    told = told._replace(row=row, value=row[column.name])
    found = metric.evidence_of(column.name)
    if asked.groups and not _is_own(metric, column.name):
        return _prove_some(sources, asked, told, found)
    if isinstance(found, Same):
        return told._replace(same=found)
    if not isinstance(found, Proof):
        return told._replace(why=found)
    if told.value is None:
        return told._replace(why=Why.NOTHING)
    narrowed = _narrow(asked, row)
    return _prove(sources, narrowed, told, found, wanted)


def _prove_some(
    sources: Sources, asked: Asked, told: Explained, found: Proof | Same | Why | None
) -> Explained:
    """A number of a team: the members that the viewer sees one by one, and what the others add, all of them together.

    It tells nothing new: the rest is the number, which is covered, without what lists of these members say.
    """
    hidden = told._replace(why=Why.SMALL_GROUPS)
    metric = asked.metric
    if not isinstance(found, Proof) or not metric.members or told.value is None:
        return hidden
    if not (asked.seen and asked.seen[0][metric.members]):
        return hidden
    items = found.make(Facts(asked.seen[0], asked.answered, told.row, told.column.name))
    rest = found.find_rest(items, told.row, told.value)
    shown = _show_items(sources, asked, told, found, items)
    if rest is None:
        return shown
    total = found.add_rest(items, told.row, rest)
    if total != told.value:
        return hidden
    parts = shown.parts and (shown.parts[0] + rest.amount, shown.parts[1] + (rest.of or 0))
    return shown._replace(rest=rest, total=total, parts=parts)


def _is_own(metric: Metric, column: str) -> bool:
    """Whether a number stands beside those of a group, and is about one person alone."""
    figures = metric.group.figures if metric.group else ()
    return metric.about_one and column not in {figure.column for figure in figures}


def ask_again(told: Explained) -> tuple[Query, Wanted]:
    """The question about the same number where another metric has it."""
    same, row, query = told.same or Same(""), told.row, told.query
    student = row["student_id"].bytes if "student_id" in row else None
    days: Row = {}
    if same.week:
        days = {"start": row["week"], "end": min(row["week"] + timedelta(days=7), query.days[1])}
    course = row.get("course_id") or query.course
    asked = msgspec.structs.replace(
        query, metric=same.metric, student=student, course=course, sort="", evidence="", **days
    )
    keys = {each.name: course for each in find_metric(same.metric).keys if each.name == "course_id"}
    return asked, Wanted(same.column or told.column.name, keys)


def _prove(sources: Sources, asked: Asked, told: Explained, proof: Proof, wanted: Wanted) -> Explained:
    made = _fill(sources, asked, told, proof, _places(told.row, asked.answered))
    if not wanted.item or made.why:
        return made
    item = next((each for each in made.items if each.get("item") == wanted.item), None)
    if proof.opens is None or item is None:
        raise RequestError("unknown_item", "There is no such item behind the number.", 404)
    opened = told._replace(row=item, value=item["time"])
    within = _fill(sources, asked, opened, proof.opens, parse_session(wanted.item))
    # Raw events are kept for a while only, and without those of the day before it could not be told which counted.
    return within._replace(items=(), why=Why.EVENTS_GONE) if within.total != within.value else within


def _fill(sources: Sources, asked: Asked, told: Explained, proof: Proof, places: Row) -> Explained:
    values = gather(sources, asked) | places
    read = sources.rollups.read(proof.reads, values) if proof.reads else {}
    own = asked.found[0] if asked.found else {}
    facts = Facts({**own, **read}, asked.answered, told.row, told.column.name)
    items = proof.make(facts)
    if proof.people and not _may_see(sources, asked, items):
        return told._replace(why=Why.PEOPLE)
    return _show_items(sources, asked, told, proof, items)


def _show_items(sources: Sources, asked: Asked, told: Explained, proof: Proof, items: list[Row]) -> Explained:
    total = proof.work_out(items, told.row)
    return told._replace(
        rule=proof.rule,
        total=total,
        amount=proof.amount,
        of=proof.of,
        parts=proof.parts(items, told.row),
        columns=proof.columns,
        things=proof.things,
        items=name_rows(sources.campus, items, asked.query.course, named=proof.people, titled=proof.titled),
        opens=proof.opens is not None,
    )


def _may_see(sources: Sources, asked: Asked, items: Sequence[Row]) -> bool:
    """All or nothing: what is missing of a sum would tell about those who are left out."""
    students = [item["student_id"].bytes for item in items]
    return all(sources.rights.visible(asked.metric, asked.answered, asked.viewer, students, asked.action))


def _find_row(asked: Asked, wanted: Wanted) -> Row:
    rows = [row for row in to_rows(asked.rows[0]) if _is_wanted(row, wanted.row)]
    if len(rows) > 1:
        # Rows of several kinds stand together, such as goals of the week and of courses: one kind has the number.
        rows = [row for row in rows if row[wanted.column] is not None] or rows
    if not rows:
        raise RequestError("unknown_row", "The metric has no such row.", 404)
    if len(rows) > 1:
        keys = ", ".join(f"`{column.name}`" for column in asked.metric.keys)
        raise RequestError("ambiguous_row", f"Several rows have the number: say which by {keys}.")
    return rows[0]


def _is_wanted(row: Row, keys: Mapping[str, str]) -> bool:
    return all(str(row[name]) == text for name, text in keys.items())


def _narrow(asked: Asked, row: Row) -> Asked:
    """The question about what the row is about: its course, video or student."""
    query = asked.answered
    narrowed = msgspec.structs.replace(
        query,
        course=row.get("course_id") or query.course,
        video=row.get("video_id") or query.video,
        student=row["student_id"].bytes if "student_id" in row else query.student,
    )
    return asked._replace(query=narrowed, periods=(narrowed,))


def _places(row: Row, query: Query) -> Row:
    """What the queries of proofs may ask for besides: what the row is about, and its day or the days of the period."""
    start, end = query.days
    day = row.get("day")
    # A day counted from something else is a number.
    on = day if isinstance(day, date) else None
    return {
        "assessment": row.get("assessment_id", ""),
        "lesson": row.get("lesson_id", ""),
        "thread": row.get("thread_id", ""),
        "question": row.get("question_id", ""),
        "type": row.get("event_type", ""),
        "second": row.get("second", 0),
        "on": on or row.get("week") or start,
        "first": on or start,
        "after": on + timedelta(days=1) if on else end,
    }
