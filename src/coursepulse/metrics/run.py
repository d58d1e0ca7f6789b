"""Answering a question: rights, then parameters, then one named query. No viewer, no SQL."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import compress
from typing import Any, NamedTuple

import msgspec
import polars as pl
from clickhouse_connect.driver.client import Client

from coursepulse.access.decide import Action, Allowed, Decision, Denied, Person, Reason, Subject, decide
from coursepulse.access.viewer import Role, Viewer
from coursepulse.audit.port import Trail
from coursepulse.definitions.engagement import week_of
from coursepulse.events.taxonomy import names
from coursepulse.kit.clock import Clock, Micros, from_micros, to_micros, utc_date
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import NIL, to_text
from coursepulse.metrics.catalog import DEFINITION_VERSION, find_metric
from coursepulse.metrics.finish import teams
from coursepulse.metrics.labels import label
from coursepulse.metrics.metric import Frame, Metric, Param, Scope, Source, Unit, is_shared
from coursepulse.metrics.page import Page, find_page
from coursepulse.metrics.query import FIRST_DAY, Query, settle
from coursepulse.metrics.readers import APART, FactReader, RollupReader, seen_by
from coursepulse.metrics.record import describe
from coursepulse.metrics.rights import Rights
from coursepulse.metrics.row import Parts, Row, Rows, select_period, to_rows
from coursepulse.metrics.table import Table
from coursepulse.privacy.consent import Purpose
from coursepulse.privacy.small_groups import SUPPRESSED, UNSEEN, Group, Question, SmallGroups, align_period
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.relations import Relations

#: What a single student is compared with: in a class of two, the other one.
_CLASS = "cohort_rows"

#: Queries whose rows say whether the course is over.
_JUDGED = {"class_rows", "learner_rows"}


class Look(NamedTuple):
    """Who looks, whether the rows stay on the screen or leave as a file, and what is hidden from them.

    :param exports: whether they may carry the rows away
    """

    viewer: Viewer
    action: Action
    groups: SmallGroups | None = None
    exports: bool = True


class Metrics:
    """Answers queries of many threads at once.

    :param open_client: opens a ClickHouse client; called once in each thread that asks
    :param pool: connections as a role that is under row-level security
    :param pseudonym: the pseudonym of a platform's own student id
    :param trail: where every answer and every refusal is recorded
    :param relations: what ties people to each other, read as a role that sees all of it
    :param groups: what is hidden from those who may not see who is in a group
    """

    def __init__(
        self,
        open_client: Callable[[], Client],
        pool: Pool,
        clock: Clock,
        pseudonym: Callable[[str], bytes],
        trail: Trail,
        relations: Relations,
        groups: SmallGroups,
    ) -> None:
        self._rollups = RollupReader(open_client)
        self._facts = FactReader(pool)
        self._rights = Rights(self._rollups, relations, clock)
        self._relations = relations
        self._clock = clock
        self._pseudonym = pseudonym
        self._trail = trail
        self._groups = groups

    def identify(self, text: str) -> bytes:
        """The student that a text means: the platform's own id, or a pseudonym as UUID.

        A platform may use UUIDs itself: a UUID is a pseudonym when there is a student with it, by events or roster.
        """
        try:
            raw = uuid.UUID(text).bytes if len(text) == 36 else None
        except ValueError:
            raw = None
        return raw if raw is not None and self._is_pseudonym(raw) else self._pseudonym(text)

    def _is_pseudonym(self, raw: bytes) -> bool:
        known = self._rollups.rows("find_student", {"student": to_text(raw)})[0]["known"]
        return bool(known) or self._relations.knows(raw)

    def run(self, query: Query, viewer: Viewer, *, export: bool = False) -> Table:
        """The answer to ``query``, as far as ``viewer`` may see.

        :param export: the rows leave as a file, which asks for a right of its own
        :raises RequestError: ``unknown_metric``, ``forbidden``, ``missing_parameter``, ``invalid_period``,
            ``invalid_sort``
        :raises StoreUnavailable: when a database does not answer, or the answer cannot be recorded
        """
        metric = find_metric(query.metric)
        look = self._allow(metric, query, Look(viewer, Action.EXPORT if export else Action.READ))
        _require(metric, query)
        now = self._clock()
        asked = settle(_narrow(metric, query), metric.span, now, utc_date(now))
        if not metric.personal:
            return self._answer(metric, asked, look)
        bound = metric.group is not None and self._groups.binds(viewer, query.course)
        answered = _align(asked, utc_date(now)) if bound else asked
        # Written while the databases are asked; nothing leaves before it is safe.
        recorded = self._trail.submit(describe(metric, asked, viewer, look.action.value))
        with seen_by(viewer):
            table = self._answer(metric, answered, look._replace(groups=self._groups if bound else None))
        recorded.result()
        return table

    def _answer(self, metric: Metric, asked: Query, look: Look) -> Table:
        # Read first: what is newer may already be in the rows, what is older certainly is.
        latest = self._latest_data_at(metric)
        if metric.scope is not Scope.STUDENT and self._groups.binds(look.viewer, asked.course):
            latest = _day_of(latest, asked)
        page = find_page(metric, asked)
        periods = (asked, asked.before()) if metric.comparable else (asked,)
        values = self._values(metric, periods, self._rights.apart(metric, asked, look.viewer))
        lacks = self._find_lack(metric, asked.student, values)
        rows, *before = self._rows(metric, periods, values, look) if not lacks else ([] for _ in periods)
        shown = self._shown(metric, asked, rows, page)
        previous = [row for each in before for row in self._shown(metric, asked, each, None)]
        start, end = asked.days
        return Table(
            metric=metric.slug,
            columns=metric.names,
            rows=_tuples(metric, shown),
            start=start,
            end=end,
            latest_data_at=latest,
            definition_version=DEFINITION_VERSION,
            previous=_tuples(metric, previous) if before else None,
            total=len(rows) if page else None,
            small_group=look.groups.size if look.groups else None,
            suppressed=_flags(shown) if look.groups else (),
            previous_suppressed=_flags(previous) if look.groups else (),
            lacks_consent=lacks,
            exportable=look.exports,
            reaches_back=not before or self._reaches_back(metric, asked.before(), look),
        )

    def _reaches_back(self, metric: Metric, previous: Query, look: Look) -> bool:
        """Whether somebody had learned by the first day of a period, in what a question is about.

        Who may not see the people is told of the platform alone: of a course it would tell when somebody began.
        """
        alone = metric.scope is Scope.STUDENT and previous.student
        named = "first_day_of_student" if alone else "first_day"
        course = "" if look.groups else previous.course
        values = {"course": course, "student": to_text(previous.student or NIL)}
        first = self._rollups.rows(named, values)[0]["day"]
        return first is not None and first <= previous.days[0]

    def _allow(self, metric: Metric, query: Query, look: Look) -> Look:
        viewer = look.viewer
        subject = self._rights.subject(metric, query, viewer)
        decision = _judge(metric, viewer, look.action, subject)
        if isinstance(decision, Denied):
            asked = msgspec.structs.replace(query, now=self._clock())
            self._trail.write(describe(metric, asked, viewer, "refused", decision.reason))
            # One answer for "not yours" and "does not exist": the difference would tell who is there.
            raise RequestError("forbidden", "You may not see this.", 403)
        return look._replace(exports=isinstance(_judge(metric, viewer, Action.EXPORT, subject), Allowed))

    def _find_lack(self, metric: Metric, student: bytes | None, values: dict[str, Any]) -> Purpose | None:
        """What a student would have to agree to for numbers about them."""
        if not metric.essential and not values.get("agreed", True):
            return Purpose.ANALYTICS
        if metric.consent is None or self._relations.agrees(student or NIL, metric.consent):
            return None
        return metric.consent

    def _rows(
        self,
        metric: Metric,
        periods: Sequence[Query],
        values: dict[str, Any],
        look: Look,
    ) -> Sequence[Rows]:
        """The rows for each period of a question, read at once."""
        if metric.frame:
            return [self._list(metric, metric.frame, periods[0], values, look)]
        parts = self._parts(metric, values)
        return [
            self._seen(metric, query, look, select_period(parts, nth))
            for nth, query in enumerate(periods, start=1)
        ]

    def _list(
        self, metric: Metric, make: Frame, query: Query, values: dict[str, Any], look: Look
    ) -> pl.DataFrame:
        """The rows of a list: of those, and of no others, who are in the set of whom the viewer may see."""
        frames = self._rollups.frames(metric.queries, values)
        students = frames[metric.queries[0]]["student_id"].unique()
        seen = self._visible(metric, query, look, students.to_list())
        allowed = students.filter(pl.Series(seen, dtype=pl.Boolean)).to_frame()
        if look.viewer.role is Role.INSTRUCTOR:
            # A rank compares. If those who have left were counted, the ranks of the others would tell about them.
            frames = {name: _only(frame, allowed) for name, frame in frames.items()}
        return _only(make(frames, query), allowed)

    def _parts(self, metric: Metric, values: dict[str, Any]) -> Parts:
        if metric.source is Source.POSTGRES:
            return self._facts.parts(metric.queries, values)
        if metric.scope is Scope.TEAM:
            return self._rollups.parts_of_many(metric.queries, values)
        return self._rollups.parts(metric.queries, values)

    def _seen(self, metric: Metric, query: Query, look: Look, parts: Parts) -> list[Row]:
        if _CLASS in parts and self._groups.binds(look.viewer, query.course):
            parts = {**parts, _CLASS: self._groups.keep_large(parts[_CLASS], "learners")}
        if look.groups and metric.group and metric.scope is Scope.TEAM:
            rest, shown = self._team(metric, query, look, parts)
            return look.groups.cover([rest], metric.group, _question(metric, query), shown)
        rows = metric.finish(parts, query) if metric.finish else list(parts[metric.slug])
        if metric.named:
            seen = self._visible(metric, query, look, [row["student_id"].bytes for row in rows])
            return list(compress(rows, seen))
        # Before they are sorted and cut: the place of a row would tell what is hidden in it.
        if look.groups and metric.group:
            sized = self._sized(metric.group, query, look, rows)
            return look.groups.cover(sized, metric.group, _question(metric, query))
        return rows

    def _sized(self, group: Group, query: Query, look: Look, rows: list[Row]) -> list[Row]:
        """The rows with how many are in the group behind each, whatever they did."""
        if group.size != UNSEEN:
            return rows
        apart = [to_text(student) for student in look.viewer.opened]
        found = self._rollups.rows("group_sizes", {"course": query.course, APART: apart})
        sizes = {row["course_id"]: row["unseen"] for row in found}
        if not group.of:
            return [row | {UNSEEN: sizes.get(query.course, 0)} for row in rows]
        nothing: Row = {figure.column: 0 for figure in group.figures}
        # A course in which nobody did anything is there too: that it is missing would tell so.
        there = {"", *(row["course_id"] for row in rows)}
        idle = [nothing | {"course_id": course} for course in sizes if course not in there]
        return [row | {UNSEEN: sizes.get(row["course_id"], 0)} for row in [*rows, *idle]]

    def _team(self, metric: Metric, query: Query, look: Look, parts: Parts) -> tuple[Row, Row]:
        """What the members add up to whom the viewer does not see one by one, and what those add up to who are seen."""
        members = parts[teams.ROWS]
        # As on the screen, even for a file: what may be looked at can be taken away.
        students = [row["student_id"].bytes for row in members]
        seen = self._rights.visible(metric, query, look.viewer, students, Action.READ)
        others = [row for row, known in zip(members, seen, strict=True) if not known]
        known = list(compress(members, seen))
        rest, shown = (teams.add_up({teams.ROWS: rows}, query)[0] for rows in (others, known))
        return rest | {UNSEEN: len(others)}, shown

    def _visible(self, metric: Metric, query: Query, look: Look, students: Sequence[bytes]) -> Sequence[bool]:
        return self._rights.visible(metric, query, look.viewer, students, look.action)

    def _shown(self, metric: Metric, query: Query, rows: Rows, page: Page | None) -> list[Row]:
        """The rows of the page, with names and titles, and with what is made for a page alone."""
        shown = self._labelled(metric, query, rows, page)
        return metric.finish({metric.slug: shown}, query) if metric.frame and metric.finish else shown

    def _labelled(self, metric: Metric, query: Query, rows: Rows, page: Page | None) -> list[Row]:
        if page is None:
            return label(self._facts, metric, to_rows(rows), query.course)
        if page.labelled:
            return page.cut(label(self._facts, metric, to_rows(rows), query.course))
        return label(self._facts, metric, page.cut(rows), query.course)

    def _values(self, metric: Metric, periods: Sequence[Query], apart: Collection[bytes]) -> dict[str, Any]:
        """Everything that a named query may ask for."""
        query = periods[0]
        start, end = query.days
        now = from_micros(query.now)
        values: dict[str, Any] = {
            "course": query.course,
            "student": to_text(query.student) if query.student else "",
            "students": [to_text(student) for student in self._students(metric, query)],
            "video": query.video,
            "start": start,
            "end": end,
            "periods": [each.days for each in periods],
            "step": query.step,
            "moment": _written(from_micros(query.moment)),
            "today": now.date(),
            "tomorrow": now.date() + timedelta(days=1),
            "first_week": week_of(start),
            "week": week_of(end - timedelta(days=1)),
            "essential": names(essential=True),
            APART: [to_text(student) for student in apart],
        }
        values |= self._courses(metric, values)
        return values | {"over": self._ended(metric, query, values.get("courses", ()))}

    def _ended(self, metric: Metric, query: Query, courses: Sequence[str]) -> list[str]:
        """Which of the courses are over at the end of the period, if anybody is judged in them."""
        if not _JUDGED & set(metric.queries):
            return []
        asked = {"courses": list(courses), "day": from_micros(query.moment).date()}
        return [row["course_id"] for row in self._facts.rows("ended_courses", asked)]

    def _students(self, metric: Metric, query: Query) -> list[bytes]:
        """The students that a metric is about, none for everybody; of a team those who are in it now."""
        if metric.scope is Scope.TEAM:
            return sorted(self._relations.members(query.team))
        return [query.student] if query.student else []

    def _courses(self, metric: Metric, values: dict[str, Any]) -> dict[str, Any]:
        """The courses that a metric reads: views over learners read nothing but these.

        Of a student also whether numbers about their behaviour may be shown; views leave the others out of lists.
        """
        if metric.slug == "retention_registered":
            found = self._facts.rows("presentations", values)
            return {"presentations": [tuple(row.values()) for row in found]}
        if metric.scope is Scope.STUDENT:
            return self._rollups.rows("find_courses", values)[0]
        if metric.slug == "courses":
            return self._rollups.rows("find_all_courses", values)[0]
        return {"courses": [values["course"]]}

    def _latest_data_at(self, metric: Metric) -> Micros | None:
        consumer = "learners" if metric.source is Source.LEARNERS else "served"
        with seen_by(None):
            row = next(iter(self._facts.rows("latest_data_at", {"consumer": consumer})), None)
        return to_micros(row["latest_event_at"]) if row and row["latest_event_at"] else None


def _judge(metric: Metric, viewer: Viewer, action: Action, subject: Subject) -> Decision:
    """The decision on what a question is about; of a list of people also on what it is made of.

    Else a file in which no row may stand would read as if there were nobody.
    """
    decision = decide(viewer, action, subject)
    if isinstance(decision, Allowed) and not is_shared(metric, viewer):
        return Denied(Reason.NOT_SHARED)
    row = decide(viewer, action, Person(NIL)) if metric.named else decision
    return row if isinstance(decision, Allowed) and row == Denied(Reason.NO_RULE) else decision


def _require(metric: Metric, query: Query) -> None:
    given = {
        Param.COURSE: query.course,
        Param.STUDENT: query.student,
        Param.VIDEO: query.video,
        Param.TEAM: query.team,
    }
    missing = [param for param in metric.needs if not given[param]]
    if missing:
        raise RequestError("missing_parameter", f"`{metric.slug}` needs `{missing[0]}`.")


def _narrow(metric: Metric, query: Query) -> Query:
    """The query without the bounds that the metric does not know: to-date numbers have no first day."""
    return Query(
        metric=query.metric,
        course=query.course,
        student=query.student,
        video=query.video,
        team=query.team,
        start=query.start if Param.FROM in metric.takes else None,
        end=query.end if Param.TO in metric.takes else None,
        step=query.step,
        limit=query.limit,
        offset=query.offset,
        sort=query.sort,
    )


def _align(query: Query, today: date) -> Query:
    """The question as it is answered to those who may not see the people behind the numbers."""
    start, end = align_period(*query.days, today, FIRST_DAY)
    # As if asked when the period was over: nothing of today, which is still changing, may show.
    now = min(query.now, to_micros(datetime.combine(end, time(), UTC)) - 1)
    return msgspec.structs.replace(query, start=start, end=end, now=now)


def _question(metric: Metric, query: Query) -> Question:
    """What a question is narrowed to. A course is named alike whether it was asked for or is one row of many."""
    named = {"course_id": query.course, "video_id": query.video}
    if Param.STEP in metric.takes:
        named["step"] = query.step
    by = metric.group.by if metric.group else ()
    about = tuple(f"{name}={text}" for name, text in named.items() if text and name not in by)
    # As the group of a row of its own is named, see Group.of.
    return Question(
        about, *query.days, f"course_id={query.course}" if query.course and "course_id" not in by else ""
    )


def _day_of(latest: Micros | None, asked: Query) -> Micros | None:
    """The day of the newest event of the period: its moment could be that of somebody unseen."""
    if latest is None:
        return None
    return to_micros(datetime.combine(utc_date(min(latest, asked.moment)), time(), UTC))


def _only(rows: pl.DataFrame, students: pl.DataFrame) -> pl.DataFrame:
    return rows.join(students, on="student_id", how="semi", maintain_order="left")


def _written(moment: datetime) -> str:
    """As ClickHouse reads a DateTime64."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def _flags(rows: list[Row]) -> tuple[bool, ...]:
    return tuple(row[SUPPRESSED] for row in rows)


def _tuples(metric: Metric, rows: list[Row]) -> tuple[tuple[Any, ...], ...]:
    flags = {column.name for column in metric.columns if column.unit is Unit.FLAG}
    # ClickHouse says 0 and 1 for what it has worked out, and true and false for what it was told.
    return tuple(
        tuple(_flag(row[name]) if name in flags else row[name] for name in metric.names) for row in rows
    )


def _flag(value: Any) -> bool | None:
    return None if value is None else bool(value)
