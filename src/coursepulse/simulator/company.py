"""A company whose employees learn on the simulated campus: its teams, what they have to take, what it has bought."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

import msgspec

from coursepulse.campus.certificates import Certificate
from coursepulse.campus.courses import Course, Lesson
from coursepulse.campus.organisations import Organisation, Team
from coursepulse.campus.people import Person, PlatformRole
from coursepulse.campus.seats import Budget, SeatPool
from coursepulse.campus.target_profiles import Need, TargetProfile
from coursepulse.campus.trainings import Training, TrainingStatus
from coursepulse.simulator.wire import DAY, HOUR, MINUTE, Millis, Wire

COMPANY = Organisation(organisation_id="northwind", name="Northwind Logistics")

#: The manager of the demo login.
MANAGER = Person(
    external_id="rosa.klein",
    name="Rosa Klein",
    email="rosa.klein@example.com",
    time_zone="Europe/Berlin",
    role=PlatformRole.STAFF,
    organisation_id=COMPANY.organisation_id,
)

#: Hired this week: on the roster, and nothing has been heard of them yet.
NEWCOMERS = tuple(
    Person(
        external_id=f"n-{number}",
        name=name,
        email=f"{name.lower().replace(' ', '.')}@example.com",
        time_zone="Europe/Berlin",
        organisation_id=COMPANY.organisation_id,
    )
    for number, name in enumerate(
        (
            "Ida Brandt",
            "Omar Haddad",
            "Lin Zhao",
            "Tomas Novak",
            "Greta Holm",
            "Samir Aziz",
            "Paul Mwangi",
            "Eva Lindqvist",
            "Nils Becker",
            "Rita Sousa",
            "Hugo Marin",
        ),
        1,
    )
)

#: The teams, and how many of the campus's first students are in each; enough that none is a small group.
_TEAMS = {"operations": ("Operations", 60), "dispatch": ("Dispatch", 30)}

#: How many employees out of a hundred let their managers see their record.
_SHARING = 0.68


class Drill(NamedTuple):
    """A short course that every employee has to take; days count from today.

    :param share: who has completed it
    :param begun: who has begun it and not completed it
    """

    course_id: str
    title: str
    lessons: tuple[str, ...]
    assigned: int
    due: int
    share: float
    begun: float


DRILLS = (
    Drill(
        "fire-safety",
        "Fire Safety at Work",
        ("Alarms and exits", "Extinguishers", "The first three minutes"),
        -45,
        -6,
        0.76,
        0.1,
    ),
    Drill(
        "data-protection",
        "Data Protection Basics",
        ("What personal data are", "Letters and lists", "When something goes wrong"),
        -21,
        18,
        0.44,
        0.2,
    ),
)


class Certification(NamedTuple):
    """A certificate that part of a team holds for ``years``."""

    certificate_id: str
    title: str
    holders: int
    years: int


_CERTIFICATIONS = (
    Certification("forklift", "Forklift licence", 24, 3),
    Certification("first-aid", "First aid at work", 40, 2),
)

#: How many certificates out of a hundred have so many days left.
_DAYS_LEFT = (((-35, -1), 9), ((0, 30), 14), ((31, 90), 19), ((91, 700), 58))


#: How many members of the first team are shift leads, and which skills that takes at which level.
_SHIFT_LEADS = 24
_SKILLS = (("management", 65), ("statistics", 60))


class Drilled(NamedTuple):
    """What really happened in a drill: the ground truth that tests check the screens against.

    :param done: the day on which each employee who did completed it
    :param begun: who has touched it
    """

    drill: Drill
    due_on: date
    done: dict[str, date]
    begun: frozenset[str]

    def overdue(self, members: Iterable[str], today: date) -> set[str]:
        """Who of the members should have done it by now."""
        return {each for each in members if each not in self.done and self.due_on < today}


class Company:
    """The company as of ``now``, over a history that begins at ``begin``.

    :param students: the people of the campus; the first of them who are no test accounts are employees
    """

    def __init__(self, seed: int, students: Iterable[Person], begin: Millis, now: Millis) -> None:
        self._seed, self._begin, self._now = seed, begin, now
        self._today = datetime.fromtimestamp(now / 1000, UTC).date()
        self._students = list(students)
        self._teams = self._make_teams()
        self.drilled: list[Drilled] = []
        self.events: list[tuple[Millis, str]] = []
        for drill in DRILLS:
            self._hold(drill)
        self.events.sort(key=lambda event: event[0])

    def people(self) -> list[Person]:
        """The students, with the employees marked as such, the newcomers and the manager."""
        employed = self.employees
        return [
            msgspec.structs.replace(person, organisation_id=COMPANY.organisation_id)
            if person.external_id in employed
            else person
            for person in self._students
        ] + [*NEWCOMERS, MANAGER]

    @property
    def employees(self) -> frozenset[str]:
        """Students who are employees."""
        return frozenset(each for team in self._teams for each in team.members)

    def shares(self, who: str, *, usual: bool) -> bool:
        """Whether somebody lets an employer see their record; ``usual`` is what students without one say."""
        if who not in self.employees or usual:
            return usual
        return Random(f"{self._seed} {who} shares").random() < _SHARING  # noqa: S311

    def teams(self) -> list[Team]:
        """The teams, with their manager."""
        return self._teams

    def courses(self) -> list[Course]:
        """The drills."""
        return [
            Course(
                course_id=drill.course_id,
                title=drill.title,
                lessons=tuple(
                    Lesson(lesson_id=f"{drill.course_id}-l{number}", title=title)
                    for number, title in enumerate(drill.lessons, 1)
                ),
            )
            for drill in DRILLS
        ]

    def trainings(self) -> list[Training]:
        """What the teams have to take, more time for one member, and an exemption for another."""
        rows = [
            Training(
                course_id=drill.course_id,
                team_id=team.team_id,
                assigned_on=self._day(drill.assigned),
                due_on=self._day(drill.due),
            )
            for drill in DRILLS
            for team in self._teams
        ]
        more, exempt = (
            Training(course_id=DRILLS[1].course_id, external_id=who, organisation_id=COMPANY.organisation_id)
            for who in self._teams[0].members[1:3]
        )
        return [
            *rows,
            msgspec.structs.replace(more, due_on=self._day(DRILLS[1].due + 30)),
            msgspec.structs.replace(exempt, status=TrainingStatus.WITHDRAWN),
        ]

    def certificates(self) -> list[Certificate]:
        """Of the first team; some have expired, more soon will."""
        return [
            self._certify(certification, who)
            for certification in _CERTIFICATIONS
            for who in self._teams[0].members[: certification.holders]
        ]

    def profiles(self) -> list[TargetProfile]:
        """What shift leads need; they are the first of their team."""
        needs = [Need(course_id=drill.course_id, level=100) for drill in DRILLS]
        needs += [Need(skill=skill, level=level) for skill, level in _SKILLS]
        return [
            TargetProfile(
                profile_id="shift-lead",
                organisation_id=COMPANY.organisation_id,
                name="Shift lead",
                needs=tuple(needs),
                people=self._teams[0].members[:_SHIFT_LEADS],
            )
        ]

    def seats(self) -> list[SeatPool]:
        """A licence of the whole company, and one of a team that nearly nobody uses."""
        staff, (begin, end) = len(self.employees), self._year()
        return [
            SeatPool(
                pool_id="library",
                organisation_id=COMPANY.organisation_id,
                name="Course library",
                bought=staff + 30,
                assigned=staff,
                activated=staff - len(NEWCOMERS),
                used=(staff - len(NEWCOMERS)) * 2 // 3,
                starts_on=begin,
                ends_on=end,
            ),
            SeatPool(
                pool_id="languages",
                organisation_id=COMPANY.organisation_id,
                team_id=self._teams[0].team_id,
                name="Language courses",
                bought=40,
                assigned=32,
                activated=17,
                used=9,
                starts_on=begin,
                ends_on=end,
            ),
        ]

    def budgets(self) -> list[Budget]:
        """The company's budget, and that of a team, which has spent more than it had."""
        return [
            self._budget("company", "Learning, whole company", "60000", "41350.75"),
            self._budget("operations", "Learning, Operations", "24000", "24980.40", self._teams[0].team_id),
        ]

    def _budget(self, budget_id: str, name: str, amount: str, spent: str, team_id: str = "") -> Budget:
        begin, end = self._year()
        return Budget(
            budget_id=budget_id,
            organisation_id=COMPANY.organisation_id,
            team_id=team_id,
            name=name,
            currency="EUR",
            amount=Decimal(amount),
            spent=Decimal(spent),
            starts_on=begin,
            ends_on=end,
        )

    def _year(self) -> tuple[date, date]:
        return self._today.replace(month=1, day=1), self._today.replace(month=12, day=31)

    def _make_teams(self) -> list[Team]:
        """The manager's teams; a campus of few students has only the first."""
        sent = iter([each.external_id for each in self._students if not each.is_test])
        teams = []
        for team_id, (name, size) in _TEAMS.items():
            members = [who for who, _ in zip(sent, range(size), strict=False)]
            if team_id == "operations":
                members += [each.external_id for each in NEWCOMERS]
            if members:
                teams.append(_team(team_id, name, members))
        return teams

    def _hold(self, drill: Drill) -> None:
        """Everybody takes the drill, in time, late or not at all."""
        done, begun = dict[str, date](), set[str]()
        newcomers = {each.external_id for each in NEWCOMERS}
        for who in sorted(self.employees - newcomers):
            rng = Random(f"{self._seed} {who} {drill.course_id}")  # noqa: S311
            luck, at = rng.random(), self._choose_moment(rng, drill)
            if luck < drill.share:
                done[who] = datetime.fromtimestamp(self._sit(rng, who, drill, at, 3) / 1000, UTC).date()
            elif luck < drill.share + drill.begun:
                self._sit(rng, who, drill, at, 1)
            if luck < drill.share + drill.begun:
                begun.add(who)
        self.drilled.append(Drilled(drill, self._day(drill.due), done, frozenset(begun)))

    def _choose_moment(self, rng: Random, drill: Drill) -> Millis:
        """From the assignment to a few days after the due date; most wait until it is near."""
        first = max(self._begin, self._now + drill.assigned * DAY)
        last = min(self._now - 12 * HOUR, self._now + (drill.due + 3) * DAY)
        return int(first + max(0, last - first) * rng.random() ** 0.6)

    def _sit(self, rng: Random, who: str, drill: Drill, at: Millis, lessons: int) -> Millis:
        """Some lessons one after another, in a player that knows no sessions; returns when the last one ended."""
        wire, course = Wire(self._post, rng, who), f'{{"course_id":"{drill.course_id}"}}'
        wire.send(at - MINUTE, "course_enroll", course)
        for number in range(1, lessons + 1):
            lesson = f'{{"course_id":"{drill.course_id}","lesson_id":"{drill.course_id}-l{number}"}}'
            wire.send(at + MINUTE // 4, "lesson_start", lesson)
            at += rng.randrange(4 * MINUTE, 11 * MINUTE)
            wire.send(at, "lesson_complete", lesson)
        if lessons == len(drill.lessons):
            wire.send(at + MINUTE // 6, "course_complete", course, '{"passed":true}')
        return at

    def _post(self, event: tuple[Millis, str]) -> None:
        self.events.append(event)

    def _certify(self, certification: Certification, who: str) -> Certificate:
        rng = Random(f"{self._seed} {who} {certification.certificate_id}")  # noqa: S311
        ((low, high),) = rng.choices([span for span, _ in _DAYS_LEFT], [weight for _, weight in _DAYS_LEFT])
        expires_on = self._day(rng.randint(low, high))
        return Certificate(
            external_id=who,
            organisation_id=COMPANY.organisation_id,
            certificate_id=certification.certificate_id,
            title=certification.title,
            issued_on=expires_on - timedelta(days=365 * certification.years),
            expires_on=expires_on,
        )

    def _day(self, ahead: int) -> date:
        return self._today + timedelta(days=ahead)


def merge(
    delivered: Iterable[list[tuple[Millis, str]]], more: Sequence[tuple[Millis, str]]
) -> Iterator[list[tuple[Millis, str]]]:
    """Deliveries with further events in their places."""
    place = 0
    for each in delivered:
        end = place
        while each and end < len(more) and more[end][0] <= each[-1][0]:
            end += 1
        yield sorted([*each, *more[place:end]], key=lambda event: event[0]) if end > place else each
        place = end
    if place < len(more):
        yield list(more[place:])


def _team(team_id: str, name: str, members: Sequence[str]) -> Team:
    return Team(
        team_id=team_id,
        organisation_id=COMPANY.organisation_id,
        name=name,
        managers=(MANAGER.external_id,),
        members=tuple(members),
    )
