"""What the roster may use of the server: keys with the scope ``roster`` read back what they wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Protocol

from coursepulse.campus.board_names import NameTrouble
from coursepulse.campus.certificates import Certificate
from coursepulse.campus.consents import ConsentRow, Decided
from coursepulse.campus.courses import Course
from coursepulse.campus.deliveries import Delivery, Missing, Seen
from coursepulse.campus.enrolments import Enrolment, Grant, Teaching
from coursepulse.campus.goals import Goal, GoalKind
from coursepulse.campus.organisations import Organisation, Team
from coursepulse.campus.people import KnownPerson, Person
from coursepulse.campus.seats import Budget, SeatPool
from coursepulse.campus.target_profiles import TargetProfile
from coursepulse.campus.trainings import Training
from coursepulse.kit.clock import Micros
from coursepulse.web.http.ports import Writes


class RosterStore(Protocol):
    """Keeps people, courses and consents. Every method raises StoreUnavailable when it cannot answer."""

    def pseudonym(self, external_id: str) -> bytes:
        """The pseudonym of the platform's own id."""

    def people(self, ids: Iterable[str]) -> list[KnownPerson]:
        """Those people who are on the roster, by the platform's ids or by pseudonyms as UUIDs."""

    def consents(self, external_id: str) -> list[Decided]:
        """Everything a student ever decided, oldest first."""

    def put_consents(self, consents: Sequence[ConsentRow]) -> None:
        """Add decisions to the history."""

    def put_people(self, people: Sequence[Person]) -> None:
        """Add people or change them."""

    def put_organisations(self, organisations: Sequence[Organisation]) -> None:
        """Add organisations or change them."""

    def put_teams(self, teams: Sequence[Team]) -> None:
        """Add teams or replace them with all their people."""

    def put_courses(self, courses: Sequence[Course], *, keep_parts: bool = False) -> None:
        """Add courses or replace them, with their parts unless those are kept."""

    def put_enrolments(self, enrolments: Sequence[Enrolment], delivery: Delivery) -> None:
        """Add enrolments or change them."""

    def put_teaching(self, teaching: Sequence[Teaching], delivery: Delivery) -> None:
        """Add who teaches what, or change it."""

    def put_seen(self, seen: Sequence[Seen], delivery: Delivery) -> None:
        """Note that a delivery names these."""

    def put_ends(self, delivery: Delivery, today: date) -> None:
        """End what came from the source of a delivery and is not named by it."""

    def known_missing(self, delivery: Delivery, today: date) -> Missing:
        """How much of what holds would end."""

    def known_courses(self, ids: Iterable[str]) -> set[str]:
        """Which of some courses exist."""

    def known_organisations(self, ids: Iterable[str]) -> set[str]:
        """Which of some organisations exist."""

    def new_teaching(self, teaching: Sequence[Teaching], today: date) -> list[Grant]:
        """What people would gain by these rows."""

    def new_instructors(self, courses: Sequence[Course], today: date) -> list[Grant]:
        """What people would gain by the instructors of these courses."""

    def new_leading(self, teams: Sequence[Team]) -> list[Grant]:
        """What people would gain by these teams."""


class ChoosesBoardNames(Protocol):
    """Gives students names on leaderboards."""

    def choose(self, student: bytes, name: str, at: Micros) -> NameTrouble | None:
        """Give a student a name, or say why they cannot have it."""


class KeepsGoals(Protocol):
    """Keeps the goals that students set for themselves. Raises StoreUnavailable when it cannot."""

    def put(self, student: bytes, goal: Goal, at: Micros) -> None:
        """Give a student a goal, in the place of an earlier one of the kind and course."""

    def drop(self, student: bytes, kind: GoalKind, course_id: str) -> bool:
        """Take a goal of a student away."""


class TrainingStore(Protocol):
    """Keeps what organisations have their people learn. Every method raises StoreUnavailable when it cannot answer."""

    def known_teams(self, ids: Iterable[str]) -> set[str]:
        """Which of some teams exist."""

    def put_trainings(self, trainings: Sequence[Training]) -> None:
        """Add assignments of training or change them."""

    def put_certificates(self, certificates: Sequence[Certificate]) -> None:
        """Add certificates or change them."""

    def put_profiles(self, profiles: Sequence[TargetProfile]) -> None:
        """Add target profiles or replace them with their needs and people."""

    def put_seats(self, seats: Sequence[SeatPool]) -> None:
        """Add seats or change them."""

    def put_budgets(self, budgets: Sequence[Budget]) -> None:
        """Add budgets or change them."""


class RosterServices(Writes, Protocol):
    """Takes the roster and the consents."""

    @property
    def campus(self) -> RosterStore:
        """People, courses and consents."""

    @property
    def board_names(self) -> ChoosesBoardNames:
        """Names on leaderboards."""

    @property
    def goals(self) -> KeepsGoals:
        """Goals of students."""

    @property
    def company(self) -> TrainingStore:
        """What organisations have their people learn."""
