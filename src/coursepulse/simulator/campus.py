"""A simulated campus as one value: people, courses, history and live events."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import NamedTuple

from coursepulse.campus.board_names import BoardNameRow
from coursepulse.campus.certificates import Certificate
from coursepulse.campus.consents import ConsentRow
from coursepulse.campus.courses import Assessment, AssessmentKind, Course, CourseChange, Lesson, Video
from coursepulse.campus.goals import GoalKind, GoalRow
from coursepulse.campus.organisations import Organisation, Team
from coursepulse.campus.people import Person, PlatformRole
from coursepulse.campus.seats import Budget, SeatPool
from coursepulse.campus.target_profiles import TargetProfile
from coursepulse.campus.trainings import Training
from coursepulse.kit.clock import Micros
from coursepulse.privacy.consent import Purpose
from coursepulse.simulator.company import COMPANY, Company, merge
from coursepulse.simulator.learner import FAMOUS, SimulatedLearner, make_learners
from coursepulse.simulator.nudges import Nudge
from coursepulse.simulator.offering import Offering, make_offerings
from coursepulse.simulator.stories import UNREACHABLE, plan_outage
from coursepulse.simulator.teacher import STAFF, make_staff, make_teachers, name_teachers
from coursepulse.simulator.truth import Truth, tell_truth
from coursepulse.simulator.wire import DAY, SECOND, Millis
from coursepulse.simulator.words import nicknames, skill_of
from coursepulse.simulator.world import Cast, World

#: Events of one request.
BATCH = 2_000

#: How often a live campus reads its clock.
TICK: Millis = SECOND // 2

#: Measured events per student and day; used only by progress bars.
_PACE = 8.5


#: The made-up platform on which courses are taken; the domain is reserved for examples (RFC 2606).
PLATFORM = "https://example.org/learn"

#: Besides the students of the demo, every so-many-th has goals.
_GOALS = 5


class Tick(NamedTuple):
    """Events that reach the collector before ``at`` (milliseconds), as a JSON array."""

    at: Millis
    body: bytes


class SimulatedCampus:
    """Deterministic: the same arguments give the same bytes, on any machine and at any time."""

    def __init__(self, cast: Cast, days: int, now: Millis) -> None:
        self._cast, self._days, self._now = cast, days, now
        self._world: World | None = None
        self._nudges: Sequence[Nudge] | None = None
        students = [_describe_person(learner, PlatformRole.STUDENT) for learner in cast.learners]
        self.company = Company(cast.seed, students, cast.begin, now)

    @property
    def offerings(self) -> Sequence[Offering]:
        """The courses as they were made: what is true of them, for tests to hold dashboards against."""
        return self._cast.offerings

    @classmethod
    def make(
        cls, seed: int = 7, students: int = 2_000, courses: int = 60, days: int = 60, now: Micros = 0
    ) -> SimulatedCampus:
        """A campus whose history covers the ``days`` whole UTC days before ``now`` and today so far."""
        rng = Random(f"{seed} campus")  # noqa: S311
        at = now // 1000
        begin = at // DAY * DAY - days * DAY
        names = name_teachers(courses)
        outage = plan_outage(begin, days)
        offerings = make_offerings(rng, courses, days, begin, names)
        if len(offerings) > UNREACHABLE:
            offerings[UNREACHABLE] = offerings[UNREACHABLE]._replace(closed=outage.day)
        learners = make_learners(seed, rng, students, offerings, days, begin)
        teachers = make_teachers(rng, names, offerings) + make_staff()
        return cls(Cast(seed, begin, days, outage, offerings, learners, teachers), days, at)

    @property
    def size(self) -> int:
        """The approximate number of events in the history."""
        return int(len(self._cast.learners) * self._days * _PACE)

    def people(self) -> list[Person]:
        """Students, one manager, teachers and staff, for the roster."""
        return self.company.people() + [
            _describe_person(
                teacher, PlatformRole.STAFF if teacher.external_id in STAFF else PlatformRole.INSTRUCTOR
            )
            for teacher in self._cast.teachers
        ]

    def organisations(self) -> list[Organisation]:
        """The organisation of some of the students."""
        return [COMPANY]

    def teams(self) -> list[Team]:
        """The teams of that organisation, with their manager."""
        return self.company.teams()

    def trainings(self) -> list[Training]:
        """What the teams have to take."""
        return self.company.trainings()

    def certificates(self) -> list[Certificate]:
        """What their members hold."""
        return self.company.certificates()

    def profiles(self) -> list[TargetProfile]:
        """What their roles need."""
        return self.company.profiles()

    def seats(self) -> list[SeatPool]:
        """What the organisation has bought."""
        return self.company.seats()

    def budgets(self) -> list[Budget]:
        """What it may spend."""
        return self.company.budgets()

    def courses(self) -> list[Course]:
        """The catalog for the roster."""
        begin = datetime.fromtimestamp(self._cast.begin / 1000, UTC).date()
        taught = [_describe_course(offering, begin) for offering in self._cast.offerings]
        return taught + self.company.courses()

    def consents(self) -> list[ConsentRow]:
        """Everyone's consents, with the few that were withdrawn."""
        playing = {row.external_id for row in self.board_names()}
        return [
            ConsentRow(
                external_id=learner.external_id,
                purpose=purpose,
                granted=self._grants(learner.external_id, purpose, granted),
                text_version="2026-01",
                source=source,
                at=datetime.fromtimestamp(at / 1000, UTC),
            )
            for place, learner in enumerate((*self._cast.learners, *self._cast.teachers))
            for purpose, granted, source, at in (
                *learner.consents,
                *_join(learner, playing),
                *_compare(place, learner),
            )
            if at <= self._now
        ]

    def board_names(self) -> list[BoardNameRow]:
        """Names on leaderboards: of the students of the demo and every third of the others, as far as names go."""
        known = {famous.external_id for famous in FAMOUS}
        playing = [
            learner.external_id
            for place, learner in enumerate(self._cast.learners)
            if learner.external_id in known or place % 3 == 0
        ]
        return [
            BoardNameRow(external_id=who, name=name) for who, name in zip(playing, nicknames(), strict=False)
        ]

    def goals(self) -> list[GoalRow]:
        """Goals of the students of the demo and some others who agree to analytics; no chance is drawn for them."""
        known = {famous.external_id for famous in FAMOUS}
        chosen = [
            learner
            for place, learner in enumerate(self._cast.learners)
            if (learner.external_id in known or place % _GOALS == 0) and self._agrees(learner)
        ]
        return [goal for place, learner in enumerate(chosen) for goal in self._make_goals(place, learner)]

    def _agrees(self, learner: SimulatedLearner) -> bool:
        said = {purpose: granted for purpose, granted, _, at in learner.consents if at <= self._now}
        return said.get(Purpose.ANALYTICS.value, False)

    def _make_goals(self, place: int, learner: SimulatedLearner) -> Iterator[GoalRow]:
        who, today = learner.external_id, datetime.fromtimestamp(self._now / 1000, UTC).date()
        yield GoalRow(external_id=who, kind=GoalKind.WEEKLY_MINUTES, minutes=60 + 30 * (place % 4))
        if learner.plans:
            yield GoalRow(
                external_id=who,
                kind=GoalKind.FINISH_COURSE,
                course_id=self._cast.offerings[learner.plans[0].offering].course_id,
                finish_on=today + timedelta(days=14 + 7 * (place % 5)),
            )

    def _grants(self, who: str, purpose: str, granted: bool) -> bool:
        return self.company.shares(who, usual=granted) if purpose == "employer_sharing" else granted

    def nudges(self) -> Sequence[Nudge]:
        """Who was on a list of silent students during the history, and who was written to."""
        if self._nudges is None:
            self._world = self._catch_up()
        return self._nudges or ()

    def truth(self) -> Truth:
        """What is true of the campus and no event says."""
        cast = self._cast
        return tell_truth(cast.begin, cast.outage, cast.offerings, cast.learners, self.nudges())

    def history(self) -> Iterator[bytes]:
        """Everything up to ``now`` in the order of arrival, as JSON arrays of up to :data:`BATCH` events."""
        world = World(self._cast)
        for delivered in merge(world.run(self._now), self.company.events):
            for start in range(0, len(delivered), BATCH):
                yield _to_json(delivered[start : start + BATCH])
        self._world, self._nudges = world, world.nudges.kept

    def live(self, rate: float, start: Micros | None = None) -> Iterator[Tick]:
        """Live events from ``start`` (by default the end of the history) on, at about ``rate`` events a second.

        Events between the history and ``start`` come first, as fast as they are read. The stream
        does not wait: the sender waits until ``at``.
        """
        world = self._catch_up()
        at = max(self._now, (start or 0) // 1000)
        for delivered in world.run(at):
            for first in range(0, len(delivered), BATCH):
                yield Tick(delivered[first][0], _to_json(delivered[first : first + BATCH]))
        while True:
            world.crowd(at, rate, TICK)
            at += TICK
            for delivered in world.run(at):
                if delivered:
                    yield Tick(at, _to_json(delivered))

    def _catch_up(self) -> World:
        """The world at the end of the history; if there is none, the history is simulated again without sending."""
        world, self._world = self._world, None
        if world is None:
            world = World(self._cast)
            for _ in world.run(self._now):
                pass
        self._nudges = world.nudges.kept
        return world


def _to_json(delivered: list[tuple[Millis, str]]) -> bytes:
    return f"[{','.join([text for _, text in delivered])}]".encode()


def _join(learner: SimulatedLearner, playing: Collection[str]) -> list[tuple[str, bool, str, Millis]]:
    """The decision about leaderboards: no chance is drawn for it, so that a campus stays what it was."""
    if learner.external_id not in playing:
        return []
    _, _, source, at = learner.consents[0]
    return [(Purpose.LEADERBOARDS.value, True, source, at)]


def _compare(place: int, learner: SimulatedLearner) -> list[tuple[str, bool, str, Millis]]:
    """The decision about a comparison with the class: four in five agree, those of the demo among them."""
    known = {famous.external_id for famous in FAMOUS}
    if place % 5 == 4 and learner.external_id not in known:
        return []
    _, _, source, at = learner.consents[0]
    return [(Purpose.CLASS_COMPARISON.value, True, source, at)]


def _describe_person(learner: SimulatedLearner, role: PlatformRole) -> Person:
    return Person(
        external_id=learner.external_id,
        name=learner.name,
        email=learner.email,
        time_zone=learner.zone,
        role=role,
        is_test=learner.is_test,
    )


def _describe_course(offering: Offering, begin: date) -> Course:
    units = offering.units
    return Course(
        course_id=offering.course_id,
        title=offering.title,
        url=f"{PLATFORM}/{offering.course_id}",
        starts_on=begin + timedelta(days=offering.first),
        ends_on=None if offering.last is None else begin + timedelta(days=offering.last),
        lessons=tuple(
            Lesson(
                lesson_id=unit.lesson_id,
                title=unit.title,
                url=f"{PLATFORM}/{offering.course_id}/{unit.lesson_id}",
            )
            for unit in units
        ),
        videos=tuple(
            Video(
                video_id=unit.clip.video_id,
                lesson_id=unit.lesson_id,
                title=unit.clip.title,
                duration_s=unit.clip.seconds,
            )
            for unit in units
        ),
        assessments=_describe_assessments(offering),
        changes=_describe_changes(offering, begin),
        instructors=offering.teachers,
    )


def _describe_changes(offering: Offering, begin: date) -> tuple[CourseChange, ...]:
    if offering.changed is None:
        return ()
    unit = offering.units[offering.hard]
    return (
        CourseChange(
            changed_on=begin + timedelta(days=offering.changed),
            lesson_id=unit.lesson_id,
            title="Shorter video, two more examples",
        ),
    )


def _describe_assessments(offering: Offering) -> tuple[Assessment, ...]:
    quizzes = [
        (quiz.assessment_id, quiz.title, AssessmentKind.QUIZ, quiz.pass_mark, quiz.due)
        for quiz in offering.quizzes
    ]
    tasks = [
        (task.assessment_id, task.title, AssessmentKind.ASSIGNMENT, 50.0, task.due) for task in offering.tasks
    ]
    return tuple(
        Assessment(
            assessment_id=identifier,
            title=title,
            url=f"{PLATFORM}/{offering.course_id}/{identifier}",
            kind=kind,
            pass_mark=pass_mark,
            due_at=None if due is None else datetime.fromtimestamp(due / 1000, UTC),
            skills=tuple(filter(None, (skill_of(offering.course_id, nth),))),
        )
        for nth, (identifier, title, kind, pass_mark, due) in enumerate((*quizzes, *tasks))
    )
