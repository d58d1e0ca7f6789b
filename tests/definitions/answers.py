"""How the Python definitions answer the questions of the vectors."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

import msgspec

from coursepulse.definitions.activity import local_today
from coursepulse.definitions.consistency import consistency_score
from coursepulse.definitions.pace import LearningPace, find_pace
from coursepulse.definitions.points import LATELY, Achieved, count_points, gained_points, give_ranks
from coursepulse.definitions.risk import judge_risk
from coursepulse.definitions.streak import current_streak
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, Micros, from_micros, to_micros
from coursepulse.stream.processor import Processor
from coursepulse.stream.processors.quiz_scoring import QuizScoring
from coursepulse.stream.processors.sessions import LiveSession, LiveSessions
from coursepulse.stream.processors.video_progress import VideoProgressing
from tests.reference import lessons, video
from tests.reference.activity import absent_students, active_students, local_days
from tests.reference.assignments import collect_assignments
from tests.reference.catalog import AssessmentKey
from tests.reference.course_day import CourseDay, CourseDayKey, course_days
from tests.reference.course_metrics import course_metrics
from tests.reference.engagement import weekly_engagement
from tests.reference.enrolment import follow_roster
from tests.reference.order import in_order
from tests.reference.parts import parts
from tests.reference.playback import VideoKey
from tests.reference.points import achieved, present
from tests.reference.quizzes import QuestionKey, first_tries
from tests.reference.retention import CohortStep, count_registered, retain_cohorts
from tests.reference.risk_inputs import find_enrolled, gather_inputs
from tests.support.campus_world import USUAL_POINTS
from tests.support.vectors import Answer, Case, Row, asked_date, student_id


def _metrics(case: Case, row: Row) -> Row:
    key = CourseDayKey(student_id(row["student"]), row["course"], asked_date(row, "date"))
    found = msgspec.to_builtins(course_metrics(case.events, case.catalog, case.zones)[key])
    at = found["last_activity_at"]
    return {**found, "last_activity_at": None if at is None else _written(at)}


def _watches(case: Case) -> dict[video.WatchKey, video.Watch]:
    return video.collect_watches(parts(case.events).values(), case.catalog)


def _watch(case: Case, row: Row) -> Row:
    watch = _watches(case)[video.WatchKey(student_id(row["student"]), VideoKey(row["course"], row["video"]))]
    return {
        "covered": watch.covered,
        "watched_pct": watch.percent,
        "complete": watch.complete,
        "rewatch": watch.rewatch,
    }


def _class_watch(case: Case, row: Row) -> Row:
    key = VideoKey(row["course"], row["video"])
    of_video = [watch for each, watch in _watches(case).items() if each.video == key]
    return {
        "viewers": sum(bool(watch.segments) for watch in of_video),
        "watched_pct": video.mean_watched(of_video),
        "drop_off": video.drop_off(_watches(case), key),
    }


def _lessons(case: Case, row: Row) -> Row:
    return {"lessons": lessons.drop_off(_days(case), case.catalog, row["course"])}


def _lesson_times(case: Case, row: Row) -> Row:
    return {"lessons": lessons.class_times(_days(case), case.catalog, row["course"])}


def _own_lesson_times(case: Case, row: Row) -> Row:
    times = lessons.own_times(_days(case), student_id(row["student"]), row["course"])
    order = lessons.list_lessons(_days(case), case.catalog)[row["course"]]
    return {"lessons": [[lesson, times[lesson]] for lesson in order if lesson in times]}


def _days(case: Case) -> list[CourseDay]:
    return list(course_days(case.events).values())


def _own_days(case: Case, row: Row) -> tuple[list[CourseDay], tzinfo]:
    own = student_id(row["student"])
    return [day for day in _days(case) if day.student_id == own], case.zones.get(own, UTC)


def _streak(case: Case, row: Row) -> Row:
    days, zone = _own_days(case, row)
    return {"streak_days": current_streak(local_days(days, zone), local_today(case.now, zone))}


def _consistency(case: Case, row: Row) -> Row:
    days, zone = _own_days(case, row)
    return {"score": consistency_score(local_days(days, zone), local_today(case.now, zone))}


def _active(case: Case, row: Row) -> Row:
    found = active_students(_days(case), asked_date(row, "from"), asked_date(row, "to"), case.left_out)
    return {"students": len(found)}


def _absent(case: Case, row: Row) -> Row:
    return {"students": len(absent_students(_days(case), case.now, row["days"] * DAY))}


def _first_try(case: Case, row: Row) -> Row:
    key = QuestionKey(AssessmentKey(row["course"], row["assessment"]), row["question"])
    found = first_tries(case.events)[key]
    return {"answered": found.answered, "correct": found.correct, "share": found.share}


def _grade(case: Case, row: Row) -> Row:
    work = collect_assignments(_days(case))[student_id(row["student"]), row["course"]]
    wanted = (row["assessment"], row["attempt"])
    return {"score": next(each.score for each in work.grades if each[:2] == wanted)}


def _engagement(case: Case, row: Row) -> Row:
    week = weekly_engagement(_days(case), row["course"], asked_date(row, "week"), case.left_out)
    found = week[student_id(row["student"])]
    return {**found._asdict(), "learners": len(week)}


def _told(case: Case) -> list[Event]:
    return follow_roster(case.events, case.roster)


def _enrolled(case: Case, row: Row) -> Row:
    """By name, of those who are not left out."""
    end = to_micros(datetime.combine(asked_date(row, "to"), time(), UTC))
    known = [event for event in in_order(_told(case)) if event.course_id == row["course"] and event.at < end]
    decided = {student for student, course in case.roster if course == row["course"]}
    found = find_enrolled(known, decided).keys() - case.left_out
    return {"students": sorted(name for name in NAMES if student_id(name) in found)}


def _retention(case: Case, row: Row) -> Row:
    cohorts = retain_cohorts(_told(case), CohortStep(row["unit"]), case.now, case.left_out)
    return {
        "cohorts": [
            {"start": start, "size": each.size, "returned": each.returned}
            for start, each in sorted(cohorts.items())
        ]
    }


def _registered(case: Case, row: Row) -> Row:
    found = count_registered(_told(case), row["course"], asked_date(row, "starts_on"), row["day"])
    return {"learners": found}


def _risk(case: Case, row: Row) -> Row:
    facts = gather_inputs(case.events, case.catalog, row["course"], case.now, case.left_out, case.roster)
    risk = judge_risk(facts[student_id(row["student"])])
    return {"score": risk.score, "bucket": risk.bucket, "reasons": dict(risk.reasons)}


def _pace(case: Case, row: Row) -> Row:
    own = [each for each in _own_days(case, row)[0] if each.course_id == row["course"]]
    listed, first = case.catalog.lessons[row["course"]], dict[str, date]()
    for each in sorted(own, key=lambda each: each.day):
        for lesson in each.lessons_completed:
            first.setdefault(lesson, each.day)
    done = [day for lesson, day in first.items() if lesson in listed]
    begun = min((each.day for each in own if each.lessons_started), default=None)
    return _written_pace(find_pace(begun, done, len(listed), from_micros(case.now).date()))


def _written_pace(pace: LearningPace) -> Row:
    first, last = (day.isoformat() if day else None for day in (pace.first, pace.last))
    return {
        "pace": pace.state,
        "lessons_left": pace.left,
        "lessons_lately": pace.lessons,
        "days_lately": pace.days,
        "finish_from": first,
        "finish_to": last,
    }


def _ends(case: Case) -> tuple[date, date]:
    """The day after today, and the first of the last seven days."""
    after = from_micros(case.now).date() + timedelta(days=1)
    return after, after - LATELY


def _achieved(case: Case, student: bytes, course: str, until: date) -> Achieved:
    return achieved(case.events, case.catalog, student, course, until, USUAL_POINTS.replies_a_day)


def _count(case: Case, student: bytes, course: str) -> tuple[int, int]:
    now, before = (count_points(_achieved(case, student, course, end), USUAL_POINTS) for end in _ends(case))
    return now, gained_points(now, before)


def _points(case: Case, row: Row) -> Row:
    student, course = student_id(row["student"]), row["course"]
    points, gained = _count(case, student, course)
    facts = _achieved(case, student, course, _ends(case)[0])
    return {**facts._asdict(), "points": points, "points_week": gained}


def _board(case: Case, row: Row) -> Row:
    students = {student_id(name): name for name in NAMES}
    names = sorted(students[each] for each in present(case.events, row["course"]))
    counted = [_count(case, student_id(name), row["course"]) for name in names]
    ranks, lately = (give_ranks([each[column] for each in counted]) for column in (0, 1))
    lines = zip(names, ranks, (now for now, _ in counted), lately, (week for _, week in counted), strict=True)
    return {"rows": sorted((list(line) for line in lines), key=lambda line: (line[1], line[0]))}


def _say(processor: Processor[Any], case: Case, student: str) -> list[Any]:
    """What a processor says of a student at the moment of the case."""
    states: dict[bytes, Any] = {}
    for event in case.events:
        key = processor.key(event) if event.event_type in processor.types else None
        if key is not None and event.student_id == student_id(student):
            states[key] = processor.on_event(states.get(key), event)
    return [output.value for state in states.values() for output in processor.outputs(state, case.now)]


def _live_session(case: Case, row: Row) -> Row:
    [live] = [each for each in _say(LiveSessions(), case, row["student"]) if isinstance(each, LiveSession)]
    place = [live.course_id, live.lesson_id, live.video_id, live.assessment_id]
    times = {"started_at": _written(live.started_at), "last_at": _written(live.last_at)}
    return {**times, "place": place, "device": live.device_type, "ended": live.ended}


def _live_video(case: Case, row: Row) -> Row:
    said = _say(VideoProgressing(), case, row["student"])
    [found] = [each for each in said if (each.course_id, each.video_id) == (row["course"], row["video"])]
    return msgspec.structs.asdict(found)


def _live_attempt(case: Case, row: Row) -> Row:
    wanted = row["course"], row["assessment"], row["attempt"]
    said = _say(QuizScoring(), case, row["student"])
    [found] = [each for each in said if (each.course_id, each.assessment_id, each.attempt) == wanted]
    return {**msgspec.structs.asdict(found), "handed_in": found.handed_in_at is not None}


def _written(at: Micros) -> str:
    return from_micros(at).strftime("%Y-%m-%dT%H:%M:%SZ")


#: Everybody in a vector about enrolments or leaderboards.
NAMES = ("ann", "bob", "cal", "dee")

#: Every metric that a vector may ask for.
ANSWERS: dict[str, Answer] = {
    "student_course_metrics": _metrics,
    "video_watch": _watch,
    "video_class": _class_watch,
    "lesson_drop_off": _lessons,
    "lesson_times": _lesson_times,
    "own_lesson_times": _own_lesson_times,
    "streak": _streak,
    "consistency": _consistency,
    "enrolled": _enrolled,
    "active": _active,
    "absent": _absent,
    "first_try": _first_try,
    "grade": _grade,
    "engagement": _engagement,
    "retention": _retention,
    "registered": _registered,
    "risk": _risk,
    "pace": _pace,
    "points": _points,
    "board": _board,
    "live_session": _live_session,
    "live_video": _live_video,
    "live_attempt": _live_attempt,
}
