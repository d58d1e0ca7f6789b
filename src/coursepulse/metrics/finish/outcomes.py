"""What came of courses, each number with an interval."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.comparisons import compare_shares
from coursepulse.definitions.intervals import FAIR
from coursepulse.definitions.outcomes.case_mix import AgainstExpected, CaseCell, Expectation, expect
from coursepulse.definitions.outcomes.durations import Stay, time_to
from coursepulse.definitions.outcomes.gain import Gain, learning_gain
from coursepulse.kit.clock import from_micros
from coursepulse.metrics.query import Query

LEARNERS, ELSEWHERE, ANSWERS = "outcome_learners", "outcome_elsewhere", "outcome_answers"
INSTRUCTORS = "instructors"
CHANGES, CHANGE_LEARNERS = "known_changes", "change_learners"

#: How long somebody who has come to a lesson has to complete it.
_TO_GO_ON = timedelta(days=14)

#: What the rollups say of a lesson that is not completed, and an array of nothing.
_NEVER = date(1970, 1, 1)

#: Days after which it makes sense to ask whether somebody has completed.
KNOWN_AFTER = 28

#: Weeks since somebody enrolled, as far as they matter to what can be expected: the first of each band, with its days.
_WEEKS = ((13, 91), (9, 63), (6, 42), (4, 0))

#: Of more courses than this, each is a small part of what is expected of all: one model serves them all.
_MANY = 200

#: The part that is the whole; the others are months, such as 2026-03.
EVERYBODY = "everybody"

#: The end of a version that has none.
_OPEN = ".."


def list_outcomes(found: QueryRows, query: Query) -> list[Row]:
    """Everybody who enrolled, those of each version of the course, and those of each month."""
    last = from_micros(query.moment).date()
    expectation = expect([_cell(row) for row in found[ELSEWHERE]])
    months = defaultdict[str, list[Row]](list)
    for row in found[LEARNERS]:
        months[_month(row)].append(row)
    whole = _tell(EVERYBODY, found[LEARNERS], last, expectation)
    parts = [_tell(month, months[month], last, expectation) for month in sorted(months, reverse=True)]
    versions = [
        _tell(name, [row for row in found[LEARNERS] if _is_of(row, name)], last, expectation)
        for name in _name_versions([row["changed_on"] for row in found[CHANGES]])
    ]
    return [whole, *versions, *parts] if found[LEARNERS] else []


def belongs(row: Row, part: Row) -> bool:
    """Whether a learner is one of a row."""
    named = part["part"]
    return _is_of(row, named) if is_version(named) else named in (EVERYBODY, _month(row))


def is_version(part: str) -> bool:
    """Whether a part is a version of the course, and no month."""
    return "/" in part


def _name_versions(changes: Iterable[date]) -> list[str]:
    """The days on which each version could be enrolled in, as ISO 8601-2 writes open intervals; the newest first."""
    days = sorted(set(changes))
    if not days:
        return []
    begins = [_OPEN, *map(str, days)]
    ends = [*(str(day - timedelta(days=1)) for day in days), _OPEN]
    return [f"{begin}/{end}" for begin, end in zip(begins, ends, strict=True)][::-1]


def _is_of(row: Row, version: str) -> bool:
    begin, _, end = version.partition("/")
    day = str(row["enrolled_on"])
    return (begin == _OPEN or begin <= day) and (end == _OPEN or day <= end)


def _month(row: Row) -> str:
    return f"{row['enrolled_on']:%Y-%m}"


def is_known(row: Row, last: date) -> bool:
    """Whether somebody enrolled long enough ago."""
    return bool((last - row["enrolled_on"]).days >= KNOWN_AFTER)


def _tell(part: str, rows: Sequence[Row], last: date, expectation: Expectation | None) -> Row:
    known = [row for row in rows if is_known(row, last)]
    cells = _count_cells(known, last)
    against = expectation.against(cells) if expectation else None
    spent = time_to([_stay(row, last) for row in rows])
    completed = sum(row["done"] for row in known)
    return {
        "part": part,
        "learners": len(known),
        "completed": completed,
        "completed_pct": 100 * completed / len(known) if known else None,
        **_against(against),
        "enrolled": len(rows),
        "half_after": spent.days,
        "half_low": spent.low,
        "half_high": spent.high,
    }


def _stay(row: Row, last: date) -> Stay:
    end = row["completed_on"] or last
    return Stay(max(1.0, (end - row["enrolled_on"]).days), completed=row["done"], left=row["left_it"])


def _count_cells(rows: Iterable[Row], last: date) -> list[CaseCell]:
    people, done = Counter[tuple[int, ...]](), Counter[tuple[int, ...]]()
    for row in rows:
        days = (last - row["enrolled_on"]).days
        weeks = next(first for first, least in _WEEKS if days >= least)
        traits = (weeks, row["begun_before"], row["completed_before"])
        people[traits] += 1
        done[traits] += row["done"]
    return [CaseCell(traits, number, done[traits]) for traits, number in people.items()]


def _cell(row: Row) -> CaseCell:
    return CaseCell(
        (row["weeks"], row["begun_before"], row["completed_before"]), row["people"], row["completed"]
    )


def _against(found: AgainstExpected | None) -> Row:
    if found is None:
        return {"expected_pct": None, "difference": None, "low": None, "high": None}
    value, low, high = (100 * each for each in found.difference)
    return {"expected_pct": 100 * found.expected, "difference": value, "low": low, "high": high}


def list_courses(found: QueryRows, _: Query) -> list[Row]:
    """Each course that is large enough, against what was to be expected; the surest gain first."""
    cells = defaultdict[str, list[CaseCell]](list)
    for row in found[ELSEWHERE]:
        cells[row["course_id"]].append(_cell(row))
    shared = expect([each for own in cells.values() for each in own]) if len(cells) > _MANY else None
    rows = [
        _tell_course(course, cells, shared)
        for course, own in cells.items()
        if sum(each.people for each in own) >= FAIR
    ]
    return sorted(rows, key=lambda row: (-(row["low"] if row["low"] is not None else -101), row["course_id"]))


def _tell_course(course: str, cells: dict[str, list[CaseCell]], shared: Expectation | None) -> Row:
    own = cells[course]
    expectation = shared or expect(
        [each for other, found in cells.items() if other != course for each in found]
    )
    people, completed = sum(each.people for each in own), sum(each.succeeded for each in own)
    return {
        "course_id": course,
        "learners": people,
        "completed": completed,
        "completed_pct": 100 * completed / people,
        **_against(expectation.against(own) if expectation else None),
    }


def list_instructors(found: QueryRows, _: Query) -> list[Row]:
    """The learners of each instructor's courses against how people like them did in the courses of others."""
    cells = defaultdict[str, list[CaseCell]](list)
    for row in found[ELSEWHERE]:
        cells[row["course_id"]].append(_cell(row))
    taught = defaultdict[tuple[str, str], set[str]](set)
    for row in found[INSTRUCTORS]:
        if row["course_id"] in cells:
            taught[str(row["teacher_id"]), row["name"]].add(row["course_id"])
    shared = expect([each for own in cells.values() for each in own]) if len(cells) > _MANY else None
    rows = [_tell_instructor(*who, courses, cells, shared) for who, courses in sorted(taught.items())]
    return [row for row in rows if row["learners"] >= FAIR]


def _tell_instructor(
    key: str,
    name: str,
    courses: set[str],
    cells: dict[str, list[CaseCell]],
    shared: Expectation | None,
) -> Row:
    own = [each for course in courses for each in cells[course]]
    expectation = shared or expect(
        [each for other, found in cells.items() if other not in courses for each in found]
    )
    people, completed = sum(each.people for each in own), sum(each.succeeded for each in own)
    return {
        "instructor_id": key,
        "instructor": name or key,
        "courses": len(courses),
        "learners": people,
        "completed": completed,
        "completed_pct": 100 * completed / people,
        **_against(expectation.against(own) if expectation else None),
    }


def list_changes(found: QueryRows, query: Query) -> list[Row]:
    """For each change, who went on within two weeks: those who came to the lesson before it, and since."""
    last = from_micros(query.moment).date()
    return [_tell_change(row, found[CHANGE_LEARNERS], last) for row in found[CHANGES]]


def _tell_change(change: Row, learners: Sequence[Row], last: date) -> Row:
    found = [each for row in learners if (each := came_on(row, change, last))]
    before, since = ([each.in_time for each in found if each.later == side] for side in (False, True))
    compared = compare_shares(sum(since), len(since), sum(before), len(before))
    difference, low, high = compared or (None, None, None)
    return {
        "change": f"{change['changed_on']} {change['lesson_id']}",
        "changed_on": change["changed_on"],
        "lesson_id": change["lesson_id"],
        "what": change["what"],
        "earlier": len(before),
        "earlier_on": sum(before),
        "earlier_pct": 100 * sum(before) / len(before) if before else None,
        "later": len(since),
        "later_on": sum(since),
        "later_pct": 100 * sum(since) / len(since) if since else None,
        "difference": difference,
        "low": low,
        "high": high,
    }


class Passage(NamedTuple):
    """How somebody came to a lesson and went on.

    :param later: came since the change
    """

    came: date
    went: date | None
    later: bool

    @property
    def in_time(self) -> bool:
        """Whether they completed it within two weeks."""
        return self.went is not None and self.went <= self.came + _TO_GO_ON


def came_on(row: Row, change: Row, last: date) -> Passage | None:
    """When somebody came to the lesson of a change; None where that cannot be compared."""
    came, went = _pass_lesson(row, change["lesson_id"])
    if came is None or came + _TO_GO_ON > last or _is_between(came, change["changed_on"]):
        return None
    return Passage(came, went, came >= change["changed_on"])


def _is_between(came: date, changed: date) -> bool:
    """Came before the change, and had time to meet it. All of those are left out: those who went on sooner, too."""
    return came < changed < came + _TO_GO_ON


def _pass_lesson(row: Row, lesson: str) -> tuple[date | None, date | None]:
    """When somebody came to a lesson, which is when they completed the one before it, and when they completed it."""
    order: list[str] = row["order_of_lessons"]
    done = [None if day == _NEVER else day for day in row["completed_on"]]
    if lesson not in order:
        return None, None
    place = order.index(lesson)
    return (done[place - 1] if place else row["enrolled_on"]), done[place]


def list_gains(found: QueryRows, _: Query) -> list[Row]:
    """Each quiz that enough people took twice: everybody, and those of each version of the course."""
    quizzes = defaultdict[str, list[Row]](list)
    for row in found[ANSWERS]:
        quizzes[row["assessment_id"]].append(row)
    of_version = {
        name: {row["student_id"] for row in found[LEARNERS] if _is_of(row, name)}
        for name in _name_versions([row["changed_on"] for row in found[CHANGES]])
    }
    told = [_tell_quiz(quiz, rows, of_version) for quiz, rows in quizzes.items()]
    ordered = sorted(filter(None, told), key=lambda rows: (-rows[0]["gain"], rows[0]["assessment_id"]))
    return [row for rows in ordered for row in rows]


def _tell_quiz(quiz: str, rows: Sequence[Row], of_version: Mapping[str, Set[object]]) -> list[Row]:
    """Everybody first, if there are enough of them."""
    parts = {EVERYBODY: rows} | {
        name: [row for row in rows if row["student_id"] in students] for name, students in of_version.items()
    }
    gains = {part: _measure(some) for part, some in parts.items() if some}
    return [_tell_gain(quiz, part, gain) for part, gain in gains.items() if gain]


def _measure(rows: Sequence[Row]) -> Gain | None:
    """Only of those who answered every question that most were asked: others saw another quiz."""
    questions = _usual_questions(rows)
    tries: tuple[dict[object, dict[str, bool]], ...] = (defaultdict(dict), defaultdict(dict))
    for row in rows:
        tries[row["try"] - 1][row["student_id"]][row["question_id"]] = row["correct"]
    first = {who: said for who, said in tries[0].items() if questions <= said.keys()}
    again = [place for place, who in enumerate(first) if questions <= tries[1].get(who, {}).keys()]
    people, order = list(first), sorted(questions)
    answers = np.array([[first[who][each] for each in order] for who in people], dtype=bool)
    second = [[tries[1][people[place]][each] for each in order] for place in again]
    if not second:
        return None
    return learning_gain(answers, np.array(again), np.array(second, dtype=float).mean(axis=1))


def _usual_questions(rows: Sequence[Row]) -> set[str]:
    asked = Counter(row["question_id"] for row in rows if row["try"] == 1)
    return {question for question, number in asked.items() if 2 * number > max(asked.values())}


def _tell_gain(quiz: str, part: str, gain: Gain) -> Row:
    value, low, high = (100 * each for each in gain.gain)
    return {
        "assessment_id": quiz,
        "part": part,
        "repeaters": gain.people,
        "first_pct": 100 * gain.first,
        "second_pct": 100 * gain.second,
        "chance_pct": 100 * gain.expected,
        "gain": value,
        "low": low,
        "high": high,
    }
