"""Who needs their teacher today, over all courses taught: why, and how to write to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, TypeAlias

from coursepulse.alerts.alert import AlertNames, KeptAlert
from coursepulse.alerts.catalog import RULES
from coursepulse.alerts.learner_rules import STRUGGLES
from coursepulse.alerts.rule import About, Severity
from coursepulse.dashboards.alert_words import alert_reason, alert_title
from coursepulse.dashboards.card import Card, View
from coursepulse.dashboards.links import learner_link
from coursepulse.dashboards.people import id_text, name_of
from coursepulse.dashboards.reader import MetricReader, OpenAlerts, Record, RowRange, Rows
from coursepulse.dashboards.reasons import read_reasons
from coursepulse.dashboards.special.progress import HREF
from coursepulse.dashboards.text import reasoned, say
from coursepulse.definitions.risk import Bucket
from coursepulse.metrics.metric import Column, Unit

_COLUMNS = (
    Column("course_id", Unit.ID, "Course", "the platform's id of the course", hidden=True),
    Column("student_id", Unit.ID, "Student", "pseudonym", hidden=True),
    Column("name", Unit.TEXT, "Name", "name by the roster"),
    Column("course", Unit.TEXT, "Course", "title of the course"),
    Column("severity", Unit.TEXT, "Severity", "of the gravest reason: urgent, warning or info"),
    Column("risk_score", Unit.SCORE, "Risk points", "points of the risk rule; 0 for who is not struggling"),
    Column("why", Unit.LIST, "Why", "the reasons, each in a sentence"),
    HREF,
)

#: Struggling learners that are read of each course: nobody turns so many pages in a day.
_MOST = 100

_GRAVEST_FIRST = (Severity.URGENT, Severity.WARNING, Severity.INFO)

#: Where there is nobody to ask.
_NONE = OpenAlerts((), ())

#: What the people can be narrowed to: one reason, or none of them.
ALL = "all"
_REASONS = (ALL, *(rule.name for rule in RULES if rule.about is About.LEARNER))

#: A learner: the course and the pseudonym.
_Who: TypeAlias = tuple[str, str]


class _Person(NamedTuple):
    """A learner with what speaks for writing to them.

    :param risk: the row of the risk rule, for somebody who is struggling
    """

    who: _Who
    alerts: Sequence[KeptAlert]
    risk: Record | None

    @property
    def reasons(self) -> set[str]:
        """Why, by the names of rules."""
        found = {kept.alert.rule for kept in self.alerts}
        return found | {STRUGGLES.name} if self.risk else found

    @property
    def points(self) -> int:
        return self.risk["risk_score"] if self.risk else 0

    @property
    def severity(self) -> Severity:
        """Of the gravest alert; struggling is worth what its alert would be."""
        found = [kept.alert.severity for kept in self.alerts] + ([STRUGGLES.severity] if self.risk else [])
        return min(found, key=_GRAVEST_FIRST.index)

    @property
    def place(self) -> tuple[int, int, int, _Who]:
        """The worst first; ids at last, so that the order is the same at each look."""
        return _GRAVEST_FIRST.index(self.severity), -self.points, -len(self.alerts), self.who


@dataclass(frozen=True, kw_only=True)
class PeopleToReach(View):
    """Learners with a new alert or in the bucket of those who struggle, the worst first: a few, and a way to the rest.

    Somebody whose teacher has acknowledged or snoozed that they struggle has been seen to.
    """

    template: ClassVar[str] = "people.html"
    page_size: int = 5
    follows: str = "alerts"

    def columns(self, card: Card) -> tuple[Column, ...]:  # noqa: ARG002
        """Who, where and why."""
        return _COLUMNS

    @property
    def offers(self) -> Mapping[str, tuple[str, ...]]:
        """One reason at a time."""
        return {"measure": _REASONS}

    def reason_name(self, reason: str) -> str:
        """What a reason is called."""
        return say("reach.all") if reason == ALL else alert_title(reason)

    def sort_orders(self, card: Card) -> tuple[str, ...]:  # noqa: ARG002
        """One order; a page at a time is named."""
        return ("-risk_score",)

    def read(self, card: Card, reader: MetricReader) -> Rows:
        """The wanted page of them."""
        alerts = reader.alerts.about_learners() if reader.alerts else _NONE
        people = sorted(_gather(alerts, _struggling(card, reader)), key=lambda one: one.place)
        chosen = reader.chosen.get("measure", ALL)
        # Of a reason that is gone there would be nobody, and that would read as if nobody needed anything.
        wanted = [one for one in people if chosen in one.reasons] or people
        reader.counted = len(wanted)
        end = None if reader.part.limit is None else reader.part.offset + reader.part.limit
        told = {"people": _count(people), "tally": _tally(people)}
        return [row | told for row in _write(wanted[reader.part.offset : end], reader)]


def _count(people: Iterable[_Person]) -> int:
    """Somebody in two courses is one person."""
    return len({one.who[1] for one in people})


def _tally(people: Sequence[_Person]) -> dict[str, int]:
    """How many there are for each reason."""
    found = Counter(reason for one in people for reason in one.reasons)
    kinds = {reason: [one for one in people if reason in one.reasons] for reason in found}
    return {ALL: _count(people)} | {reason: _count(each) for reason, each in kinds.items()}


def _struggling(card: Card, reader: MetricReader) -> Iterator[Record]:
    part = RowRange("-risk_score", 0, _MOST, bucket=Bucket.STRUGGLING)
    for course in sorted(reader.viewer.course_ids):
        yield from reader.about_course(course).page(card.source.slug, part)


def _gather(alerts: OpenAlerts, risks: Iterable[Record]) -> Iterator[_Person]:
    """Everybody with a new alert or at risk, but for those who have been seen to."""
    new: dict[_Who, list[KeptAlert]] = defaultdict(list)
    for each in alerts.new:
        new[_who(each)].append(each)
    handled = {_who(each) for each in alerts.handled if each.alert.rule == STRUGGLES.name}
    rows = {(row["course_id"], row["student_id"]): row for row in risks}
    for who in new.keys() | (rows.keys() - handled):
        yield _Person(who, new.get(who, ()), rows.get(who))


def _who(kept: KeptAlert) -> _Who:
    return kept.alert.course_id, id_text(kept.alert.student_id)


def _write(people: Sequence[_Person], reader: MetricReader) -> Iterator[Record]:
    """The people as rows: only now are they named."""
    alerts = [kept for one in people for kept in one.alerts]
    told = reader.alerts.names(alerts) if reader.alerts and alerts else ()
    names = {kept.alert.alert_id: each for kept, each in zip(alerts, told, strict=True)}
    titles = _titles(reader, {one.who[0] for one in people})
    for one in people:
        yield _row(one, names, titles)


def _row(one: _Person, names: Mapping[bytes, AlertNames], titles: Mapping[str, str]) -> Record:
    course, student = one.who
    called = [names[kept.alert.alert_id].student for kept in one.alerts]
    name = one.risk["name"] if one.risk else name_of(student, called[0])
    return {
        "course_id": course,
        "student_id": student,
        "name": name,
        "course": titles[course],
        "severity": one.severity.value,
        "risk_score": one.points,
        "why": list(_reasons(one, names)),
        "href": learner_link(course, student),
    }


def _reasons(one: _Person, names: Mapping[bytes, AlertNames]) -> Iterator[str]:
    """The risk first, which is of now and sums up; an alert says what was true when it was raised."""
    if one.risk:
        causes = reasoned(say(f"reason.{each.cause}") for each in read_reasons(one.risk["reasons"]))
        yield say("reach.struggling", points=one.points, reasons=causes)
    for kept in one.alerts:
        if not one.risk or kept.alert.rule != STRUGGLES.name:
            yield alert_reason(kept.alert, names[kept.alert.alert_id])


def _titles(reader: MetricReader, courses: Iterable[str]) -> dict[str, str]:
    """What the courses are called."""
    found = (row for course in sorted(courses) for row in reader.about_course(course).rows("course_summary"))
    return {row["course_id"]: row["title"] for row in found}
