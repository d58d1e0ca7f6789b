"""The simulated courses: contents, difficulty, and where attention drops."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from coursepulse.simulator.stories import plan_change
from coursepulse.simulator.wire import DAY, HOUR, Millis
from coursepulse.simulator.words import FIELDS, skill_of

#: Who would have given up so many lessons before the hard one pushes on to it, and up to so many after it gets stuck.
_BEFORE, _AFTER = 2, 6


class Clip(NamedTuple):
    """One video. Students who give up tend to do so at ``weak``; ``dense`` is where they go back.

    :param seconds: its duration
    """

    video_id: str
    title: str
    seconds: int
    weak: float
    dense: float
    context: str


class QuizQuestion(NamedTuple):
    """``difficulty`` on the scale of a learner's skill: at equal values half of them get it right.

    :param skill: what it tests
    :param choices: the key, the choice that most errors lead to, another one, and one that hardly anybody takes
    """

    question_id: str
    difficulty: float
    choices: str
    skill: str = ""


class Quiz(NamedTuple):
    """Asked after lesson number ``after`` (from 0)."""

    assessment_id: str
    title: str
    after: int
    questions: tuple[QuizQuestion, ...]
    pass_mark: float
    due: Millis | None
    context: str


class Task(NamedTuple):
    """An assignment, available once lesson number ``after`` is open."""

    assessment_id: str
    title: str
    after: int
    due: Millis | None
    context: str
    skill: str = ""


class LessonPlan(NamedTuple):
    """One lesson: a video, a text of about ``reading`` seconds, and for some an exercise."""

    lesson_id: str
    title: str
    clip: Clip
    reading: int
    exercise: str
    context: str


class Offering(NamedTuple):
    """One presentation of a course; days count from the first simulated day.

    :param last: None for a self-paced course, which opens all lessons at once
    :param pull: how popular it is, relative to the others
    :param live: weekday and hour (UTC) of a weekly live class, or None
    :param changed: the day on which the hard lesson was made anew, or None
    :param closed: the day on which it could not be reached, or None
    """

    course_id: str
    title: str
    first: int
    last: int | None
    units: tuple[LessonPlan, ...]
    quizzes: tuple[Quiz, ...]
    tasks: tuple[Task, ...]
    teachers: tuple[str, ...]
    price: int
    pull: float
    live: tuple[int, int] | None
    context: str
    changed: int | None = None
    closed: int | None = None

    @property
    def hard(self) -> int:
        """How many lessons come before the hard one, at which those stop who would soon have given up."""
        return len(self.units) * 2 // 5

    def hold(self, patience: int) -> int:
        """After how many lessons somebody gives up: at the hard one rather than near it."""
        return self.hard if self.hard - _BEFORE <= patience <= self.hard + _AFTER else patience

    @property
    def beyond(self) -> int:
        """After how many lessons somebody gives up whom the hard one does not stop."""
        return self.hard + _AFTER + 1

    def list_due(self) -> Iterator[tuple[str, Millis | None]]:
        """Every assessment with its due date."""
        yield from ((quiz.assessment_id, quiz.due) for quiz in self.quizzes)
        yield from ((task.assessment_id, task.due) for task in self.tasks)

    def opens(self, number: int) -> int | None:
        """The first day on which the lesson with this number (from 0) is open; None for a self-paced course."""
        if self.last is None:
            return None
        return next((day for day in range(self.first, self.last) if self.open_units(day) > number), self.last)

    def open_units(self, day: int) -> int:
        """How many lessons are open on ``day``; a taught course opens them evenly, the last a week before the end."""
        if self.last is None:
            return len(self.units)
        taught = max(1, self.last - 7 - self.first)
        return min(len(self.units), 2 + max(0, day - self.first) * len(self.units) // taught)


def make_offerings(rng: Random, count: int, days: int, begin: Millis, teachers: list[str]) -> list[Offering]:
    """``count`` courses around the simulated ``days`` that begin at ``begin``, the most popular first."""
    names = _course_names(count)
    made = [
        _make_offering(rng, place, field, title, days, begin, _pick_teachers(rng, place, teachers))
        for place, (field, title) in enumerate(names)
    ]
    return [
        each._replace(changed=plan_change(place, days, each.opens(each.hard)))
        for place, each in enumerate(made)
    ]


def _course_names(count: int) -> list[tuple[str, str]]:
    """Field and title, taking the fields in turn; in the second round titles become part II."""
    most = max(len(titles) for titles, _ in FIELDS.values())
    names = [(field, titles[row]) for row in range(most) for field, (titles, _) in FIELDS.items()]
    rounds = ["", *(f" {numeral}" for numeral in ("II", "III", "IV", "V", "VI", "VII", "VIII", "IX"))]
    every = [(field, title + numeral) for numeral in rounds for field, title in names]
    while len(every) < count:
        every += [(field, f"{title} {len(every)}") for field, title in names]
    return every[:count]


def _pick_teachers(rng: Random, place: int, teachers: list[str]) -> tuple[str, ...]:
    """The first teacher has the three most popular courses, the second the next two; the others share the rest."""
    if place < 5:
        return (teachers[0] if place < 3 else teachers[min(1, len(teachers) - 1)],)
    return tuple(rng.sample(teachers, k=min(len(teachers), 1 + (rng.random() < 0.2))))


def _make_offering(
    rng: Random, place: int, field: str, title: str, days: int, begin: Millis, teachers: tuple[str, ...]
) -> Offering:
    course_id = f"{field}-{101 + place}"
    first, last = _choose_dates(rng, place, days)
    units = _make_units(rng, course_id, field)
    quizzes = tuple(
        _make_quiz(rng, course_id, nth, after, units[after], _due(begin, first, last, len(units), after, 9))
        for nth, after in enumerate(range(2, len(units), 3))
    )
    tasks = tuple(
        _make_task(
            course_id,
            number,
            after,
            units[after],
            _due(begin, first, last, len(units), after, 8),
            skill_of(course_id, len(quizzes) + number - 1),
        )
        for number, after in enumerate((len(units) * 2 // 5, len(units) * 4 // 5), 1)
    )
    live = (
        (rng.randrange(5), rng.choice((9, 14, 16, 18))) if last is not None and rng.random() < 0.6 else None
    )
    price = rng.choice((0, 0, 29, 49, 99, 149))
    pull = 1.0 / (place + 4) ** 0.7
    context = f'{{"course_id":"{course_id}"}}'
    return Offering(
        course_id, title, first, last, units, quizzes, tasks, teachers, price, pull, live, context
    )


def _choose_dates(rng: Random, place: int, days: int) -> tuple[int, int | None]:
    """Three in ten are self-paced; the others begin in waves and may end after the last simulated day."""
    if place % 10 in (3, 6, 9):
        return 0, None
    wave = 0.0 if place < 3 else rng.choice((0.0, 0.05, 0.15, 0.3, 0.45))
    first = int(wave * days)
    return first, first + (70 if place < 3 else rng.choice((42, 49, 56, 70)))


def _due(begin: Millis, first: int, last: int | None, units: int, after: int, slack: int) -> Millis | None:
    """``slack`` days after the lesson opens, at 23:00 UTC, and never after the course."""
    if last is None:
        return None
    opens = first + after * max(1, last - 7 - first) // units
    return begin + min(opens + slack, last) * DAY + 23 * HOUR


def _make_units(rng: Random, course_id: str, field: str) -> tuple[LessonPlan, ...]:
    topics = FIELDS[field][1]
    count = rng.randint(9, len(topics))
    chosen = sorted(rng.sample(range(len(topics)), count))
    return tuple(_make_unit(rng, course_id, number, topics[topic]) for number, topic in enumerate(chosen, 1))


def _make_unit(rng: Random, course_id: str, number: int, title: str) -> LessonPlan:
    lesson_id = f"{course_id}-l{number:02d}"
    seconds = round(min(900.0, max(180.0, rng.gauss(470, 180))))
    clip = Clip(
        f"{course_id}-v{number:02d}",
        title,
        seconds,
        seconds * rng.uniform(0.2, 0.75),
        seconds * rng.uniform(0.25, 0.85),
        f'{{"course_id":"{course_id}","lesson_id":"{lesson_id}","video_id":"{course_id}-v{number:02d}"}}',
    )
    exercise = f"{lesson_id}-x1" if rng.random() < 0.35 else ""
    context = f'{{"course_id":"{course_id}","lesson_id":"{lesson_id}"}}'
    return LessonPlan(lesson_id, f"{number}. {title}", clip, rng.randint(60, 420), exercise, context)


#: Every so-many-th question of a quiz tests the next skill of the course instead of the quiz's own.
_ASIDE = 3

#: The choices of a question, which every question uses in another order.
_CHOICES = "abcd"


def _make_quiz(
    rng: Random, course_id: str, nth: int, after: int, unit: LessonPlan, due: Millis | None
) -> Quiz:
    identifier = f"{course_id}-q{after + 1:02d}"
    questions = tuple(
        QuizQuestion(
            f"{identifier}-{number}",
            rng.gauss(-0.15, 0.9),
            _CHOICES[number % 4 :] + _CHOICES[: number % 4],
            skill_of(course_id, nth + (number % _ASIDE == 0)),
        )
        for number in range(1, rng.randint(5, 10) + 1)
    )
    context = f'{{"course_id":"{course_id}","lesson_id":"{unit.lesson_id}","assessment_id":"{identifier}"}}'
    title = f"Quiz after {unit.title.split('. ', 1)[1]}"
    return Quiz(identifier, title, after, questions, rng.choice((50.0, 60.0, 60.0, 70.0)), due, context)


def _make_task(
    course_id: str, number: int, after: int, unit: LessonPlan, due: Millis | None, skill: str
) -> Task:
    identifier = f"{course_id}-a{number}"
    context = f'{{"course_id":"{course_id}","assessment_id":"{identifier}"}}'
    return Task(
        identifier, f"Assignment {number}: {unit.title.split('. ', 1)[1]}", after, due, context, skill
    )
