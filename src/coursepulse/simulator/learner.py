"""The simulated students: their habits, skills and patience."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from coursepulse.simulator.offering import Offering
from coursepulse.simulator.places import choose_country
from coursepulse.simulator.wire import DAY, Millis
from coursepulse.simulator.words import FAMILY_NAMES, GIVEN_NAMES, SKILLS


class Persona(NamedTuple):
    """A way of studying.

    :param share: part of all students
    :param weekday: chance to study on an ordinary working day
    :param weekend: the same on Saturday and Sunday
    :param hour: local hour around which they study
    :param skill: mean skill, on the scale of question difficulty
    :param calm: seconds of video between two interactions with the player
    :param stay: chance to watch a video to its end
    :param steps: lessons, quizzes and the like that fit into one session, on average
    """

    name: str
    share: float
    weekday: float
    weekend: float
    hour: float
    skill: float
    calm: float
    stay: float
    steps: float


STEADY = Persona("steady", 0.34, 0.40, 0.18, 18.5, 0.9, 330, 0.86, 1.7)
CRAMMER = Persona("crammer", 0.18, 0.09, 0.08, 20.0, 0.6, 260, 0.72, 2.8)
NIGHT_OWL = Persona("night owl", 0.13, 0.36, 0.32, 23.6, 0.8, 280, 0.80, 1.8)
STRUGGLING = Persona("struggling", 0.13, 0.30, 0.16, 19.0, -0.6, 120, 0.62, 1.4)
DROPOUT = Persona("dropout", 0.12, 0.28, 0.12, 17.5, 0.2, 180, 0.60, 1.4)
EXCELLING = Persona("excelling", 0.10, 0.54, 0.40, 16.5, 2.2, 420, 0.95, 1.9)
PERSONAS = (STEADY, CRAMMER, NIGHT_OWL, STRUGGLING, DROPOUT, EXCELLING)

#: Time zones, and how many students out of a hundred live there.
ZONES = {
    "Europe/Berlin": 26, "Europe/London": 14, "America/New_York": 16, "America/Los_Angeles": 9,
    "Asia/Kolkata": 15, "America/Sao_Paulo": 8, "Africa/Lagos": 7, "Asia/Tokyo": 5,
}  # fmt: skip

_DESKTOPS = (
    ("Windows", "Chrome"),
    ("Windows", "Edge"),
    ("macOS", "Safari"),
    ("macOS", "Chrome"),
    ("Linux", "Firefox"),
)
_MOBILES = (("iOS", "Safari"), ("Android", "Chrome"), ("Android", "Samsung Internet"))


class Plan(NamedTuple):
    """An enrolment: its day, and the most lessons that this student will complete."""

    offering: int
    enrolled: Millis
    patience: int
    paid: bool


class SimulatedLearner(NamedTuple):
    """One student, determined by the seed; nothing here changes during the simulation.

    :param quits: the day (from the first simulated one) after which the student sends nothing more
    :param silent: a player that never reports a pause
    :param reports: a player that reports played segments
    :param rate: the usual playback speed
    :param strengths: by how much somebody is better at a skill than their ability says
    :param country: where they live, as far as the platform knows
    """

    external_id: str
    name: str
    email: str
    zone: str
    persona: Persona
    skill: float
    hour: float
    diligence: float
    rate: float
    silent: bool
    reports: bool
    quits: int
    devices: tuple[str, ...]
    plans: tuple[Plan, ...]
    consents: tuple[tuple[str, bool, str, Millis], ...]
    is_test: bool = False
    strengths: Mapping[str, float] = MappingProxyType({})
    country: str = ""


class Famous(NamedTuple):
    """A fixed student for demo logins and tours."""

    external_id: str
    name: str
    zone: str
    persona: Persona


FAMOUS = (
    Famous("maria.lopez", "Maria Lopez", "Europe/Berlin", EXCELLING._replace(weekday=0.93, weekend=0.8)),
    Famous("jonas.weber", "Jonas Weber", "America/New_York", STRUGGLING._replace(weekday=0.6, weekend=0.3)),
    Famous(
        "aiko.tanaka", "Aiko Tanaka", "America/Los_Angeles", NIGHT_OWL._replace(weekday=0.75, weekend=0.6)
    ),
)

#: Students out of a thousand with test accounts.
_TESTERS = 4


#: How unlike the skills of one student are: the standard deviation of what comes on top of ability, in logits.
UNLIKE = 0.4


def make_learners(
    seed: int, rng: Random, count: int, offerings: list[Offering], days: int, begin: Millis
) -> list[SimulatedLearner]:
    """``count`` students, the fixed ones first."""
    personas = rng.choices(PERSONAS, [persona.share for persona in PERSONAS], k=count)
    zones = rng.choices(list(ZONES), list(ZONES.values()), k=count)
    learners = []
    for number in range(count):
        if number < len(FAMOUS):
            who = FAMOUS[number]
        else:
            name = f"{rng.choice(GIVEN_NAMES)} {rng.choice(FAMILY_NAMES)}"
            who = Famous(f"s-{10_000 + number}", name, zones[number], personas[number])
        made = _make_learner(rng, who, number, offerings, days, begin)
        country = choose_country(seed, who.external_id, who.zone)
        learners.append(made._replace(strengths=_choose_strengths(seed, who.external_id), country=country))
    return learners


def hazard(persona: Persona) -> float:
    """The chance of giving up a course after its first lesson; later on it is less."""
    return 0.06 - 0.055 * persona.stay


def _choose_strengths(seed: int, who: str) -> Mapping[str, float]:
    rng = Random(f"{seed} {who} strengths")  # noqa: S311
    return {skill: rng.gauss(0.0, UNLIKE) for skills in SKILLS.values() for skill in skills}


def _make_learner(
    rng: Random, who: Famous, number: int, offerings: list[Offering], days: int, begin: Millis
) -> SimulatedLearner:
    famous = number < len(FAMOUS)
    persona = who.persona
    mailbox = who.external_id if famous else f"{who.name.lower().replace(' ', '.')}{number}"
    fast = persona.name == "excelling" or rng.random() < 0.15
    return SimulatedLearner(
        external_id=who.external_id,
        name=who.name,
        email=f"{mailbox}@example.edu",
        zone=who.zone,
        persona=persona,
        skill=rng.gauss(persona.skill, 0.5),
        hour=rng.gauss(persona.hour, 1.2),
        diligence=1.0 if famous else min(1.9, max(0.3, rng.gauss(1.14, 0.35))),
        rate=rng.choice((1.25, 1.5)) if fast else 1.0,
        silent=not famous and rng.random() < 0.06,
        reports=rng.random() < 0.08,
        quits=rng.randint(6, max(7, days // 2)) if persona.name == "dropout" else 1_000_000,
        devices=_choose_devices(rng),
        plans=_choose_plans(rng, persona, offerings, days, begin, famous=famous),
        consents=_choose_consents(rng, days, begin, famous=famous),
        is_test=not famous and number % (1000 // _TESTERS) == 77,
    )


def _choose_devices(rng: Random) -> tuple[str, ...]:
    """The device used most, then the others, as JSON."""
    kind = "tablet" if rng.random() < 0.08 else "mobile"
    system, browser = rng.choice(_DESKTOPS)
    desktop = f'{{"type":"desktop","os":"{system}","browser":"{browser}"}}'
    system, browser = rng.choice(_MOBILES)
    mobile = f'{{"type":"{kind}","os":"{system}","browser":"{browser}"}}'
    return (desktop, mobile) if rng.random() < 0.7 else (mobile, desktop)


def _choose_plans(
    rng: Random, persona: Persona, offerings: list[Offering], days: int, begin: Millis, *, famous: bool
) -> tuple[Plan, ...]:
    if famous:
        wanted = [0, 1, 2, min(7, len(offerings) - 1)]
    else:
        number = rng.choices((1, 2, 3, 4), (18, 37, 29, 16))[0]
        wanted = rng.choices(range(len(offerings)), [offering.pull for offering in offerings], k=number)
    chosen = [place for place in dict.fromkeys(wanted) if place < len(offerings)]
    plans = [
        _make_plan(rng, persona, place, offerings[place], days, begin, famous=famous) for place in chosen
    ]
    return tuple(sorted(plans, key=lambda plan: plan.enrolled))


def _make_plan(
    rng: Random, persona: Persona, place: int, offering: Offering, days: int, begin: Millis, *, famous: bool
) -> Plan:
    """People join a taught course around its first day, and a self-paced one at any time."""
    if offering.last is None and not famous:
        day = days * rng.random() ** 1.6
    else:
        day = max(0.0, offering.first + rng.gauss(-2.0, 4.0)) + rng.random()
    # Most who leave a course do so early: the chance falls with each completed lesson.
    patience = 0
    loyalty = 0.999 if famous else 1 - hazard(persona)
    while patience < 100 and rng.random() < loyalty + (1 - loyalty) * patience / (patience + 6):
        patience += 1
    return Plan(place, begin + int(day * DAY), patience, offering.price > 0 and rng.random() < 0.7)


def _choose_consents(
    rng: Random, days: int, begin: Millis, *, famous: bool
) -> tuple[tuple[str, bool, str, Millis], ...]:
    """Purpose, granted, source and time; a few change their mind later."""
    joined = begin - int(rng.uniform(1, 200) * DAY)
    chances = {"analytics": 0.97, "personalisation": 0.7, "research": 0.4, "employer_sharing": 0.08}
    rows = [
        (purpose, famous or rng.random() < chance, "sign-up", joined) for purpose, chance in chances.items()
    ]
    if not famous and rng.random() < 0.03:
        changed = begin + int(rng.uniform(0, days) * DAY)
        rows.append(("research", not rows[2][1], "privacy-centre", changed))
    return tuple(rows)
