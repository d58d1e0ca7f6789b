"""Gathers what the conditions about courses look at."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from coursepulse.aggregates.readers import RollupReader
from coursepulse.aggregates.row import Row
from coursepulse.alerts.classes import Ended
from coursepulse.alerts.course_rules import silent_hours, week_of
from coursepulse.alerts.facts import CourseFacts, LessonStop, QuestionAnswers
from coursepulse.kit.clock import DAY, Micros, from_micros, to_micros, utc_date

#: Silent for so many whole days, a learner has stopped for now.
_QUIET = 7

#: Answers to questions count for so long: a mended question is judged by those who answered it then.
_ANSWERS: Micros = 28 * DAY

#: What is read of some courses together.
_QUERIES = ("lesson_stops", "question_answers", "finished")


class Rhythms:
    """When courses are usually busy, read once a day, and when each was last heard of. Any thread may call it."""

    def __init__(self, rollups: RollupReader) -> None:
        self._rollups = rollups
        self._lock = threading.Lock()
        self._day: date | None = None
        self._usual: dict[str, dict[int, int]] = {}
        self._heard: dict[str, Micros] = {}

    def hear(self, courses: Iterable[str], now: Micros) -> None:
        """Events of these courses have been taken in. When they happened does not matter: a late one is no silence."""
        with self._lock:
            self._heard.update(dict.fromkeys(courses, now))

    def load(self, now: Micros) -> None:
        """On a new UTC day, read what is usual.

        :raises StoreUnavailable: when ClickHouse does not answer
        """
        today = utc_date(now)
        if today == self._day:
            return
        usual: dict[str, dict[int, int]] = defaultdict(dict)
        for row in self._rollups.rows("busy_hours", {"today": today}):
            usual[row["course_id"]][row["hour"]] = row["least"]
        if self._day is None:
            self._recall(today)
        self._usual, self._day = usual, today

    def _recall(self, today: date) -> None:
        """After a start: nobody has been heard of yet, and that is no silence."""
        rows = self._rollups.rows("last_heard", {"today": today})
        with self._lock:
            self._heard = {row["course_id"]: to_micros(row["heard_at"]) for row in rows} | self._heard

    def quiet(self, now: Micros) -> list[str]:
        """Courses that have been silent through hours in which they usually are not."""
        with self._lock:
            heard = dict(self._heard)
        return [
            course
            for course, usual in self._usual.items()
            if course in heard and any(hour in usual for hour in silent_hours(heard[course], now))
        ]

    def usual(self, course: str) -> Mapping[int, int]:
        """The hours of the week with learners in each of four weeks, and the least number of them."""
        return self._usual.get(course, {})

    def heard_at(self, course: str) -> Micros | None:
        """When events of the course were last taken in."""
        with self._lock:
            return self._heard.get(course)


class CourseReader:
    """Reads several courses with one query each: planning it costs more than a course more."""

    def __init__(self, rollups: RollupReader, ended: Ended, rhythms: Rhythms) -> None:
        self._rollups, self._ended, self._rhythms = rollups, ended, rhythms

    def read(self, courses: Collection[str], now: Micros) -> list[CourseFacts]:
        """What is known of some courses.

        :raises StoreUnavailable: when a database does not answer
        """
        listed, today = sorted(courses), utc_date(now)
        values = {
            "courses": listed,
            "quiet_since": today - timedelta(days=_QUIET - 1),
            "answers_since": from_micros(now - _ANSWERS),
            "week_at": from_micros(week_of(now)),
        }
        found = self._rollups.read(_QUERIES, values)
        stops, answers, finished = (_by_course(found[name]) for name in _QUERIES)
        over = set(self._ended(listed, today))
        return [
            CourseFacts(
                course_id=course,
                now=now,
                over=course in over,
                lessons=tuple(LessonStop(r["lesson_id"], r["began"], r["stopped"]) for r in stops[course]),
                questions=tuple(map(_question, answers[course])),
                usual=self._rhythms.usual(course),
                heard_at=self._rhythms.heard_at(course),
                finished=sum(row["finished"] for row in finished[course]),
                week_at=week_of(now),
            )
            for course in listed
        ]


def _question(row: Row) -> QuestionAnswers:
    return QuestionAnswers(row["assessment_id"], row["question_id"], row["answered"], row["right"])


def _by_course(rows: Iterable[Row]) -> dict[str, list[Row]]:
    by: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by[row["course_id"]].append(row)
    return by
