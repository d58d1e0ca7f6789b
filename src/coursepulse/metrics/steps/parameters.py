"""The parameters of named queries: everything that one may ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from coursepulse.aggregates.readers import APART
from coursepulse.aggregates.row import Row
from coursepulse.definitions.engagement import week_of
from coursepulse.definitions.intervals import FAIR
from coursepulse.definitions.points import LATELY
from coursepulse.events.taxonomy import names
from coursepulse.kit.clock import from_micros
from coursepulse.kit.ids import NIL, to_text
from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.finish.outcomes import KNOWN_AFTER
from coursepulse.metrics.metric import Reach

#: The parameter with the next steps that students were shown.
TOLD = "told"

#: The parameter with what was drawn for students of a list.
DRAWN = "drawn"


def gather(sources: Sources, asked: Asked) -> Row:
    """The values by name, for all periods at once."""
    query = asked.answered
    start, end = query.days
    now, apart = from_micros(query.now), sources.rights.apart(asked.metric, query, asked.viewer)
    values: Row = {
        "course": query.course,
        "student": to_text(query.student) if query.student else "",
        "students": [to_text(student) for student in _students(sources, asked)],
        "video": query.video,
        "team": query.team,
        "start": start,
        "end": end,
        "periods": [each.days for each in asked.periods],
        "step": query.step,
        "ends": [end, end - LATELY],
        "replies": sources.points.replies_a_day,
        "moment": _written(from_micros(query.moment)),
        "today": now.date(),
        "tomorrow": now.date() + timedelta(days=1),
        "first_week": week_of(start),
        "week": end - timedelta(days=7),
        "fair": FAIR,
        "known_after": KNOWN_AFTER,
        "essential": names(essential=True),
        "learning": names(learning=True),
        APART: [to_text(student) for student in apart],
    }
    values |= _REACHES[asked.metric.reach](sources, values)
    return values | {"over": _ended(sources, asked, values.get("courses", ()))}


def _students(sources: Sources, asked: Asked) -> list[bytes]:
    """The students that a metric is about, none for everybody; of a team those who are in it now."""
    if asked.metric.board:
        return sorted(asked.joined)
    if asked.metric.among:
        return sorted({asked.answered.student or NIL, *(student for _, student in asked.peers)})
    if asked.metric.of_many:
        return sorted(sources.relations.members(asked.answered.team))
    return [asked.answered.student] if asked.answered.student else []


def _ended(sources: Sources, asked: Asked, courses: Sequence[str]) -> list[str]:
    """Which of the courses are over at the end of the period, if anybody is judged in them."""
    if not asked.metric.judged:
        return []
    values = {"courses": list(courses), "day": from_micros(asked.answered.moment).date()}
    return [row["course_id"] for row in sources.campus.rows("ended_courses", values)]


def _one_course(_: Sources, values: Row) -> Row:
    return {"courses": [values["course"]]}


def _courses_of_student(sources: Sources, values: Row) -> Row:
    """Also whether numbers about the student's behaviour may be shown; views leave the others out of lists."""
    return sources.rollups.rows("find_courses", values)[0]


def _every_course(sources: Sources, values: Row) -> Row:
    return sources.rollups.rows("find_all_courses", values)[0]


def _presentations(sources: Sources, values: Row) -> Row:
    found = sources.campus.rows("presentations", values)
    return {"presentations": [tuple(row.values()) for row in found]}


def _written_to(sources: Sources, values: Row) -> Row:
    """Who was written to, as far as the viewer may see that."""
    found = sources.campus.rows("written_to", values)
    return {**_one_course(sources, values), "written_to": [tuple(row.values()) for row in found]}


def _writing(sources: Sources, values: Row) -> Row:
    """The same by day, for those who were written to without an alert, too."""
    found = sources.campus.rows("messages_by_day", values)
    return {**_one_course(sources, values), "writing": [tuple(row.values()) for row in found]}


def _shown(sources: Sources, values: Row) -> Row:
    """Which next steps students were shown; the service reads that, as the answer adds them up."""
    kept = sources.steps.of_course(values["course"], values["start"], values["end"]) if sources.steps else ()
    return {
        **_one_course(sources, values),
        TOLD: [(step.student, _written(step.at), *step[2:]) for step in kept],
    }


def _drawn(sources: Sources, values: Row) -> Row:
    """Who was drawn to be written to at once or to wait; read by the service, for the same reason."""
    kept = sources.draws.of_course(values["course"], values["start"], values["end"]) if sources.draws else ()
    return {**_one_course(sources, values), DRAWN: [tuple(each) for each in kept]}


def _beside(sources: Sources, values: Row) -> Row:
    """Other courses, to say what is to be expected of who is in this one."""
    own = _one_course(sources, values)
    return {**own, **sources.rollups.rows("find_beside", own)[0]}


def _each_beside(sources: Sources, values: Row) -> Row:
    return {"courses": [], "beside": _every_course(sources, values)["courses"]}


#: The courses that a metric reads: views over learners read nothing but these.
_REACHES: dict[Reach, Callable[[Sources, Row], Row]] = {
    Reach.COURSE: _one_course,
    Reach.STUDENT: _courses_of_student,
    Reach.EVERY_COURSE: _every_course,
    Reach.PRESENTATIONS: _presentations,
    Reach.WRITTEN_TO: _written_to,
    Reach.WRITING: _writing,
    Reach.SHOWN: _shown,
    Reach.DRAWN: _drawn,
    Reach.BESIDE: _beside,
    Reach.EACH_BESIDE: _each_beside,
}


def _written(moment: datetime) -> str:
    """As ClickHouse reads a DateTime64."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
