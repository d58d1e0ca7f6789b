"""Certificates, members to talk to, seats and budgets of a team: on real stores, computed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from coursepulse.campus.certificates import Certificate, CertificateStatus
from coursepulse.campus.enrolments import Enrolment
from coursepulse.campus.seats import Budget, SeatPool
from coursepulse.campus.target_profiles import Need, TargetProfile
from coursepulse.definitions.attention import RecentLearning, TalkReason, attention
from coursepulse.kit.clock import DAY
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.campus import CampusStore
from coursepulse.store.postgres.company import CompanyStore
from tests.metrics.small_course import ANN, BEN, BENS_REST, COURSE, CY, DEE, TEAM, events
from tests.metrics.test_team_training import LEADER, share
from tests.metrics.test_teams import filled, summary
from tests.support.campus_world import World, pseudonym
from tests.support.postgres import Server

TODAY = date(2026, 3, 9)
NAMES = cast(Pseudonyms, SimpleNamespace(of=pseudonym, tombstone=lambda student: student))


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    """The small course, which Ben has completed; Ann has learned for 760 s and Cy has left."""
    with filled(clickhouse_url, postgres_server) as world:
        world.take_in(events(BENS_REST))
        yield world


@pytest.fixture
def company(world: World) -> Iterator[CompanyStore]:
    yield CompanyStore(world.pool, NAMES)
    with world.pool.connection() as connection:
        connection.execute("TRUNCATE certificates, seat_pools, budgets, enrolments")
        connection.execute("UPDATE courses SET ends_on = NULL")


def certify(company: CompanyStore, who: str, ahead: int | None, **more: Any) -> None:
    row = Certificate(
        external_id=who,
        organisation_id=more.pop("organisation", "acme"),
        certificate_id=more.pop("kind", "first-aid"),
        title=more.pop("title", "First aid"),
        issued_on=date(2024, 1, 1),
        expires_on=None if ahead is None else TODAY + timedelta(days=ahead),
        **more,
    )
    company.put_certificates([row])


def held(world: World, **wish: Any) -> list[tuple[bytes, str, int | None]]:
    rows = world.ask("team_certificate_members", team=TEAM, **wish)
    return [(row["student_id"].bytes, row["state"], row["days_left"]) for row in rows]


def test_certificates_the_first_to_expire_on_top(world: World, company: CompanyStore) -> None:
    for who, ahead in (("ann", 400), ("ben", -1), ("cy", 30), ("dee", None), ("sam", -9), ("stranger", 1)):
        certify(company, who, ahead)
    assert held(world) == [
        (BEN, "expired", -1),
        (CY, "expires_30", 30),
        (ANN, "valid", 400),
        (DEE, "valid", None),
    ]
    (row,) = world.ask("team_certificates", team=TEAM)
    assert row == {
        "certificate_id": "first-aid",
        "certificate": "First aid",
        "holders": 4,
        "expired": 1,
        "expires_30": 1,
        "expires_90": 0,
        "valid": 2,
    }


def test_the_latest_certificate_of_a_kind_holds(world: World, company: CompanyStore) -> None:
    certify(company, "ann", -5)
    certify(company, "ann", 31)
    certify(company, "ann", 3, kind="forklift", title="")
    assert held(world) == [(ANN, "expires_30", 3), (ANN, "expires_90", 31)]
    assert [row["certificate"] for row in world.ask("team_certificates", team=TEAM)] == [
        "First aid",
        "forklift",
    ]


def test_neither_a_revoked_certificate_nor_one_for_another_organisation_is_shown(
    world: World, company: CompanyStore
) -> None:
    world.team("globex-crew", "globex")
    certify(company, "ann", 5, status=CertificateStatus.REVOKED)
    certify(company, "ben", 5, organisation="globex")
    assert held(world) == []
    assert world.ask("team_certificates", team=TEAM) == []


def test_a_manager_sees_certificates_of_members_who_share(world: World, company: CompanyStore) -> None:
    for who in ("ann", "ben", "cy", "dee"):
        certify(company, who, -1)
    share(world, "ben")
    assert held(world, viewer=LEADER) == [(BEN, "expired", -1)]
    (row,) = world.ask("team_certificates", team=TEAM, viewer=LEADER)
    share(world)
    assert (row["certificate"], row["expired"], row["holders"]) == ("First aid", None, None)


def talked_to(world: World, **wish: Any) -> dict[bytes, tuple[Any, ...]]:
    columns = ("why", "open_courses", "time_30", "quiet", "next_end_on")
    rows = world.ask("team_attention_members", team=TEAM, **wish)
    return {row["student_id"].bytes: tuple(row[column] for column in columns) for row in rows}


def test_who_has_something_to_learn_and_does_not(world: World, company: CompanyStore) -> None:
    """Ben is done and Cy has left; Dee has enrolled and never come."""
    assert talked_to(world) == {
        ANN: ("little_time", 1, 760, 0, None),
        DEE: ("dormant", 1, 0, None, None),
    }
    (row,) = world.ask("team_attention", team=TEAM)
    assert row == {"learning": 2, "dormant": 1, "ends_soon": 0, "little_time": 1}


def test_a_course_or_an_enrolment_that_ends_soon(world: World, company: CompanyStore) -> None:
    with world.pool.connection() as connection:
        connection.execute("UPDATE courses SET ends_on = '2026-04-08'")
    assert talked_to(world)[ANN] == ("little_time", 1, 760, 0, date(2026, 4, 8)), "which weighs more"
    assert talked_to(world)[DEE][0] == "dormant"
    assert world.ask("team_attention", team=TEAM)[0]["ends_soon"] == 2
    row = Enrolment(course_id=COURSE, external_id="ann", ends_on=date(2026, 4, 9))
    CampusStore(world.pool, NAMES, None).put_enrolments([row])
    assert talked_to(world)[ANN][-1] == date(2026, 4, 9)
    assert world.ask("team_attention", team=TEAM)[0]["ends_soon"] == 1


def test_after_thirty_days_everybody_is_silent(world: World, company: CompanyStore) -> None:
    now = world.now
    world.now = now + 30 * DAY
    before = talked_to(world)[ANN]
    world.now = now + 31 * DAY
    after = talked_to(world)[ANN]
    world.now = now
    assert (before[0], before[3]) == ("little_time", 30)
    assert (after[0], after[3]) == ("dormant", 31)


def test_without_consent_to_analytics_nothing_is_said(world: World, company: CompanyStore) -> None:
    world.clickhouse.insert("not_agreed", [(str(world.uuid(ANN)), 11, 0)])
    found, counted = talked_to(world), world.ask("team_attention", team=TEAM)[0]
    world.clickhouse.insert("not_agreed", [(str(world.uuid(ANN)), 12, 1)])
    assert set(found) == {DEE}
    assert (counted["learning"], counted["little_time"]) == (1, 0)


@pytest.mark.parametrize(
    ("recent", "reasons"),
    [
        (RecentLearning(0, 0, None, None), []),
        (RecentLearning(1, 3599, TODAY, None), [TalkReason.LITTLE_TIME]),
        (RecentLearning(1, 3600, TODAY, None), []),
        (RecentLearning(1, 9999, TODAY - timedelta(days=30), None), []),
        (RecentLearning(1, 9999, TODAY - timedelta(days=31), None), [TalkReason.DORMANT]),
        (RecentLearning(1, 9999, TODAY, TODAY + timedelta(days=30)), [TalkReason.ENDS_SOON]),
        (RecentLearning(1, 9999, TODAY, TODAY + timedelta(days=31)), []),
        (RecentLearning(2, 60, TODAY, TODAY), [TalkReason.LITTLE_TIME, TalkReason.ENDS_SOON]),
    ],
)
def test_reasons_by_the_day(recent: RecentLearning, reasons: list[TalkReason]) -> None:
    assert attention(recent, TODAY) == reasons


def buy(company: CompanyStore, pool: str, organisation: str = "acme", **more: Any) -> None:
    company.put_seats([SeatPool(pool_id=pool, organisation_id=organisation, bought=80, **more)])


def seats(world: World, **wish: Any) -> dict[str, dict[str, Any]]:
    return {row["pool_id"]: row for row in world.ask("team_seats", team=TEAM, **wish)}


def test_seats_of_the_team_and_of_its_organisation(world: World, company: CompanyStore) -> None:
    world.team("other", "acme")
    world.team("globex-crew", "globex")
    buy(company, "all", name="Library", assigned=60, activated=45, used=31)
    buy(company, "own", team_id=TEAM, assigned=0)
    buy(company, "others", team_id="other")
    buy(company, "strangers", "globex")
    buy(company, "over", ends_on=date(2026, 2, 1))
    found = seats(world)
    assert set(found) == {"all", "own"}
    assert found["all"] == {
        "pool_id": "all",
        "licence": "Library",
        "of_team": False,
        "bought": 80,
        "assigned": 60,
        "activated": 45,
        "used": 31,
        "free": 20,
        "activated_pct": 75,
        "ends_on": None,
    }
    assert (found["own"]["of_team"], found["own"]["free"], found["own"]["activated_pct"]) == (True, 80, None)


def test_what_few_people_used_is_hidden_and_what_was_bought_is_not(
    world: World, company: CompanyStore
) -> None:
    buy(company, "few", assigned=3, activated=2, used=1)
    buy(company, "many", assigned=60, activated=45, used=31)
    found = seats(world, viewer=LEADER)
    assert (found["few"]["activated"], found["few"]["used"]) == (2, None)
    assert (found["many"]["activated"], found["many"]["used"] % 5) == (45, 0)


def test_budgets_beside_the_time_that_is_over(world: World, company: CompanyStore) -> None:
    budget = Budget(
        budget_id="b",
        organisation_id="acme",
        team_id=TEAM,
        currency="EUR",
        amount=Decimal("1000.00"),
        spent=Decimal("1200.50"),
        starts_on=date(2026, 3, 1),
        ends_on=date(2026, 3, 16),
    )
    company.put_budgets([budget])
    (row,) = world.ask("team_budgets", team=TEAM, viewer=LEADER)
    assert row == {
        "budget_id": "b",
        "budget": "b",
        "of_team": True,
        "currency": "EUR",
        "amount": 1000,
        "spent": 1200.5,
        "left": -200.5,
        "spent_pct": pytest.approx(120.05),
        "elapsed_pct": 50,
        "ends_on": date(2026, 3, 16),
    }


@pytest.fixture
def lead(world: World, company: CompanyStore) -> Iterator[None]:
    """A role that needs a skill and a course; Ann, Ben, Dee and a stranger work in it."""
    with world.pool.connection() as connection:
        connection.execute("UPDATE assessments SET skills = '{sets}'")
    profile = TargetProfile(
        profile_id="lead",
        organisation_id="acme",
        name="Shift lead",
        needs=(Need(skill="sets", level=60), Need(course_id=COURSE, level=100)),
        people=("ann", "ben", "dee", "stranger"),
    )
    company.put_profiles([profile])
    yield
    with world.pool.connection() as connection:
        connection.execute("TRUNCATE target_profiles CASCADE")


@pytest.mark.usefixtures("lead")
def test_skills_against_what_the_role_needs(world: World) -> None:
    """Ann has scored 80 and done half of the course, Ben 50 and all of it; Dee has done nothing."""
    columns = ("need", "skill_state", "reached", "gap")
    rows = [
        (row["student_id"].bytes, *(row[column] for column in columns))
        for row in world.ask("team_skill_members", team=TEAM)
    ]
    assert rows[:4] == [
        (DEE, "Mathematics", "no_result", None, 100),
        (DEE, "sets", "no_result", None, 60),
        (ANN, "Mathematics", "below", 50, 50),
        (BEN, "sets", "below", 50, 10),
    ]
    assert set(rows[4:]) == {(ANN, "sets", "met", 80, 0), (BEN, "Mathematics", "met", 100, 0)}
    counted = {row["need"]: row for row in world.ask("team_skills", team=TEAM)}
    assert set(counted) == {"Mathematics", "sets"}
    for row in counted.values():
        assert (row["role"], row["people"], row["met"], row["below"], row["no_result"]) == (
            "Shift lead",
            3,
            1,
            1,
            1,
        )
    assert counted["sets"]["level"] == 60


@pytest.mark.usefixtures("lead")
def test_skills_are_shown_by_name_of_those_who_share(world: World) -> None:
    share(world, "ann")
    rows = world.ask("team_skill_members", team=TEAM, viewer=LEADER)
    counted = world.ask("team_skills", team=TEAM, viewer=LEADER)
    share(world)
    assert {row["student_id"].bytes for row in rows} == {ANN}
    assert {row["met"] for row in counted} == {None}, "two who do not share are too few"


@pytest.mark.usefixtures("lead")
def test_scores_are_those_of_members_who_agreed_to_analytics(world: World) -> None:
    world.clickhouse.insert("not_agreed", [(str(world.uuid(BEN)), 13, 0)])
    rows = world.ask("team_skill_members", team=TEAM)
    world.clickhouse.insert("not_agreed", [(str(world.uuid(BEN)), 14, 1)])
    said = {row["need"]: row["skill_state"] for row in rows if row["student_id"].bytes == BEN}
    assert said == {"sets": "no_result", "Mathematics": "met"}


def test_the_team_has_a_name(world: World) -> None:
    assert summary(world)["team"] == TEAM
    assert world.now == int(datetime(2026, 3, 9, 12, tzinfo=UTC).timestamp() * 1e6)
