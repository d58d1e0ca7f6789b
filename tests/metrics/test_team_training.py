"""Training of a team: who is done, overdue and told apart, on real stores, computed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.campus.trainings import Training, TrainingStatus
from coursepulse.metrics.query import Query
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.company import CompanyStore
from tests.metrics.small_course import ANN, BEN, BENS_REST, COURSE, CY, DEE, TEAM, events
from tests.metrics.test_teams import filled, listed, summary
from tests.support.campus_world import World, pseudonym
from tests.support.postgres import Server

LEADER = Viewer(
    role=Role.MANAGER, subject="account:mia", team_ids=frozenset({TEAM, "many"}), organisation_id="acme"
)


def march(day: int) -> date:
    return date(2026, 3, day)


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    """The small course, which Ben has completed on 4 March; it is 9 March."""
    with filled(clickhouse_url, postgres_server) as world:
        world.take_in(events(BENS_REST))
        yield world


@pytest.fixture
def company(world: World) -> Iterator[CompanyStore]:
    yield CompanyStore(world.pool, cast(Pseudonyms, SimpleNamespace(of=pseudonym)))
    with world.pool.connection() as connection:
        connection.execute("TRUNCATE team_trainings, person_trainings")


def assign(company: CompanyStore, *due: date | None, **more: Any) -> None:
    for each in due:
        company.put_trainings([Training(course_id=COURSE, team_id=TEAM, due_on=each, **more)])


def allow(company: CompanyStore, who: str, due_on: date | None, **more: Any) -> None:
    row = Training(course_id=COURSE, external_id=who, organisation_id="acme", due_on=due_on, **more)
    company.put_trainings([row])


def states(world: World, **wish: Any) -> dict[bytes, tuple[str, int | None, date | None]]:
    rows = world.ask("team_training_members", team=TEAM, **wish)
    return {row["student_id"].bytes: (row["state"], row["days_left"], row["done_on"]) for row in rows}


def counts(world: World, viewer: Viewer | None = None, team: str = TEAM) -> dict[str, Any]:
    wish = {"viewer": viewer} if viewer else {}
    (row,) = world.ask("team_training", team=team, **wish)
    return {name: row[name] for name in ("assigned", "done", "overdue", "due_soon", "not_begun", "done_pct")}


def test_who_is_done_and_who_is_overdue(world: World, company: CompanyStore) -> None:
    assign(company, march(5))
    assert states(world) == {
        ANN: ("overdue", -4, None),
        BEN: ("done", None, march(4)),
        CY: ("overdue", -4, None),
        DEE: ("overdue", -4, None),
    }
    assert counts(world) == {
        "assigned": 4,
        "done": 1,
        "overdue": 3,
        "due_soon": 0,
        "not_begun": 1,
        "done_pct": 25,
    }
    (row,) = world.ask("team_training", team=TEAM)
    assert (row["title"], row["due_on"], row["mandatory"]) == ("Mathematics", march(5), True)


def test_a_due_date_that_has_passed_before_it_was_done(world: World, company: CompanyStore) -> None:
    assign(company, march(3))
    assert states(world)[BEN] == ("done_late", None, march(4))
    assign(company, march(9))
    assert states(world)[ANN] == ("due_soon", 0, None)
    assert (counts(world)["overdue"], counts(world)["due_soon"]) == (0, 3)


def test_the_row_of_a_person_holds_rather_than_that_of_the_team(world: World, company: CompanyStore) -> None:
    assign(company, march(5))
    allow(company, "ann", march(30))
    allow(company, "cy", None, status=TrainingStatus.WITHDRAWN)
    assert states(world) == {
        ANN: ("due_soon", 21, None),
        BEN: ("done", None, march(4)),
        DEE: ("overdue", -4, None),
    }
    assert counts(world)["assigned"] == 3


def test_training_of_one_person_alone(world: World, company: CompanyStore) -> None:
    allow(company, "dee", march(1), mandatory=False)
    allow(company, "stranger", march(1))
    assert states(world) == {DEE: ("overdue", -8, None)}
    (row,) = world.ask("team_training", team=TEAM)
    assert (row["assigned"], row["due_on"], row["mandatory"]) == (1, None, False)


def test_what_another_organisation_assigns_is_not_shown(world: World, company: CompanyStore) -> None:
    world.team("globex-crew", "globex")
    row = Training(course_id=COURSE, external_id="dee", organisation_id="globex", due_on=march(1))
    company.put_trainings([row])
    assert states(world) == {}
    assert world.ask("team_training", team=TEAM) == []


def test_a_refresher_counts_from_its_day(world: World, company: CompanyStore) -> None:
    assign(company, march(8), counts_from=march(5))
    assert states(world)[BEN] == ("overdue", -1, None)


def test_how_far_each_member_is(world: World, company: CompanyStore) -> None:
    assign(company, march(5))
    rows = world.ask("team_training_members", team=TEAM)
    reached = {row["student_id"].bytes: row["completion_pct"] for row in rows}
    assert reached == {ANN: 50, BEN: 100, CY: 0, DEE: 0}


def test_withdrawn_training_is_gone(world: World, company: CompanyStore) -> None:
    assign(company, march(5))
    assign(company, march(5), status=TrainingStatus.WITHDRAWN)
    assert states(world) == {}


def test_the_most_urgent_comes_first_and_what_is_done_last(world: World, company: CompanyStore) -> None:
    assign(company, march(5))
    allow(company, "ann", march(1))
    names = [row["student_id"].bytes for row in world.ask("team_training_members", team=TEAM)]
    assert (names[0], names[-1]) == (ANN, BEN)


def test_without_consent_to_analytics_it_is_known_who_is_done(world: World, company: CompanyStore) -> None:
    """Completions rest on contract."""
    assign(company, march(5))
    world.clickhouse.insert("not_agreed", [(str(world.uuid(BEN)), 1, 0)])
    assert states(world)[BEN] == ("done", None, march(4))
    assert summary(world)["active_members"] == 2
    world.clickhouse.insert("not_agreed", [(str(world.uuid(BEN)), 2, 1)])


def share(world: World, *people: str) -> None:
    with world.pool.connection() as connection:
        connection.execute("DELETE FROM consents")
        for each in people:
            connection.execute(
                "INSERT INTO consents (student_id, purpose, granted, recorded_at) "
                "VALUES (%s, 'employer_sharing', true, now())",
                [world.uuid(pseudonym(each))],
            )


def test_a_manager_sees_by_name_who_shares_and_of_few_others_no_number(
    world: World, company: CompanyStore
) -> None:
    assign(company, march(5))
    share(world, "ann")
    assert set(states(world, viewer=LEADER)) == {ANN}
    assert set(counts(world, LEADER).values()) == {None}
    share(world, "ann", "ben", "cy", "dee")
    assert counts(world, LEADER) == counts(world)
    share(world)


def test_numbers_about_many_are_of_those_seen_and_rounded_for_the_others(
    world: World, company: CompanyStore
) -> None:
    others = [f"member-{n}" for n in range(40)]
    world.team("many", "acme", "ann", "ben", *others)
    share(world, "ann", "ben")
    company.put_trainings([Training(course_id=COURSE, team_id="many", due_on=march(5))])
    row = counts(world, LEADER, "many")
    share(world)
    assert row["assigned"] in (40, 45)
    # Ben's is as it is; those of the others are a multiple of five.
    assert (row["done"], row["overdue"] - 1) == (1, 40)


def test_who_is_not_linked_is_told_apart_from_who_did_not_agree(world: World) -> None:
    """Dee has enrolled, so there is an event; of Nia nobody has heard."""
    world.team("apart", "acme", "ann", "ben", "dee", "nia")
    share(world, "ann", "nia")
    world.clickhouse.insert("not_agreed", [(str(world.uuid(ANN)), 3, 0)])
    row = summary(world, "apart")
    assert (row["members"], row["not_agreed"], row["not_linked"]) == (4, 3, 1)
    world.clickhouse.insert("not_agreed", [(str(world.uuid(ANN)), 4, 1)])
    assert summary(world, "apart")["not_agreed"] == 2
    share(world)


def test_other_totals_of_a_team_stay_as_they_were(world: World) -> None:
    assert listed(world)[BEN][:2] == (1, 100)


def test_as_of_a_day_that_is_over(world: World, company: CompanyStore) -> None:
    """A question about a group is answered as of yesterday: what was due then is overdue, as on the screen."""
    assign(company, march(8))
    query = Query(metric="team_training", team=TEAM)
    share(world, "ann", "ben", "cy", "dee")
    (row,) = world.metrics.run(query, LEADER).records()
    share(world)
    assert row["overdue"] == 3
