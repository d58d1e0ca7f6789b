"""Teachers and administrators of the simulated campus. They click too, and must not count as learners."""

from __future__ import annotations

from random import Random

from coursepulse.simulator.learner import STEADY, Plan, SimulatedLearner
from coursepulse.simulator.offering import Offering
from coursepulse.simulator.words import FAMILY_NAMES, GIVEN_NAMES

#: The instructors of the demo logins; the first teaches the three most popular courses.
FAMOUS_TEACHERS = {"ada.okafor": "Ada Okafor", "samuel.reyes": "Samuel Reyes"}

STAFF = {"kit.vogel": "Kit Vogel", "lin.farah": "Lin Farah"}
_JOINED = 1_700_000_000_000


def name_teachers(courses: int) -> list[str]:
    """External ids: one teacher per two and a half courses, and at least the fixed ones."""
    return [*FAMOUS_TEACHERS, *(f"t-{100 + number}" for number in range(max(0, courses * 2 // 5 - 2)))]


def make_teachers(rng: Random, ids: list[str], offerings: list[Offering]) -> list[SimulatedLearner]:
    """The teachers, each with a plan for every course they teach."""
    teachers = []
    for external_id in ids:
        name = FAMOUS_TEACHERS.get(external_id) or f"{rng.choice(GIVEN_NAMES)} {rng.choice(FAMILY_NAMES)}"
        plans = tuple(
            Plan(place, 0, 100, paid=False)
            for place, offering in enumerate(offerings)
            if external_id in offering.teachers
        )
        teachers.append(_make_colleague(external_id, name, plans))
    return teachers


def make_staff() -> list[SimulatedLearner]:
    """Administrators: on the roster, never in a course."""
    return [_make_colleague(external_id, name, ()) for external_id, name in STAFF.items()]


def _make_colleague(external_id: str, name: str, plans: tuple[Plan, ...]) -> SimulatedLearner:
    mailbox = (
        external_id
        if external_id in FAMOUS_TEACHERS | STAFF
        else f"{name.lower().replace(' ', '.')}.{external_id}"
    )
    desktop = '{"type":"desktop","os":"macOS","browser":"Safari"}'
    return SimulatedLearner(
        external_id=external_id,
        name=name,
        email=f"{mailbox}@example.edu",
        zone="Europe/Berlin",
        persona=STEADY,
        skill=2.5,
        hour=10.5,
        diligence=1.0,
        rate=1.0,
        silent=False,
        reports=False,
        quits=1_000_000,
        devices=(desktop, desktop),
        plans=plans,
        consents=(("analytics", True, "contract", _JOINED),),
    )
