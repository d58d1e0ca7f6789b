"""Numbers of a team for its manager: members who agreed to be named one by one, and the others counted together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.audit.port import Search
from coursepulse.dashboards.evidence import describe
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.evidence.answer import Explained
from coursepulse.metrics.evidence.proof import ItemRule, Why
from coursepulse.metrics.query import Query
from tests.metrics.small_course import ANN, BEN, SCRIPT, TEAM, Line, events, expect_things
from tests.metrics.test_evidence import TEAM_NUMBERS, explain_rows
from tests.metrics.test_team_training import share
from tests.metrics.test_teams import filled
from tests.support.campus_world import World
from tests.support.postgres import Server

MANAGER = Viewer(role=Role.MANAGER, subject="rosa", organisation_id="acme", team_ids=frozenset({TEAM}))
ADMIN = Viewer(role=Role.ADMIN, subject="root")

OTHERS = tuple(f"other-{nth}" for nth in range(14))


def like_ben(name: str) -> list[Line]:
    return [(name, *line[1:]) for line in SCRIPT if line[0] == "ben"]


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    """Ann and Ben share their record with their employer, fourteen others who do what Ben does do not."""
    with filled(clickhouse_url, postgres_server) as world:
        world.team(TEAM, "acme", "ann", "ben", *OTHERS)
        expect_things(world, "maths")
        share(world, "ann", "ben")
        world.take_in(events([line for name in OTHERS for line in like_ben(name)]))
        # Managers are answered whole weeks.
        world.now = int(datetime(2026, 3, 18, 12, tzinfo=UTC).timestamp() * 1e6)
        yield world


def explain(world: World, metric: str, column: str, viewer: Viewer = MANAGER) -> list[Explained]:
    return list(explain_rows(world, Query(metric=metric, team=TEAM), column, viewer))


@pytest.mark.parametrize(("metric", "column"), TEAM_NUMBERS)
def test_named_members_and_the_rest_make_the_number(world: World, metric: str, column: str) -> None:
    for explained in explain(world, metric, column):
        assert {item["student_id"].bytes for item in explained.items} <= {ANN, BEN}
        if explained.why is None:
            assert explained.total == explained.value
            describe(explained, metric, {"column": column})
        else:
            assert (explained.why, explained.items, explained.rest) == (Why.SMALL_GROUPS, (), None)


def test_time_is_that_of_the_named_members_where_the_others_round_to_none(world: World) -> None:
    [explained] = explain(world, "team_summary", "time_spent")
    assert [(item["name"], item["time"]) for item in explained.items] == [("Ann", 760), ("Ben", 700)]
    assert (explained.value, explained.rest) == (1460, None)


def test_those_who_are_not_named_stand_in_a_row_of_their_own(world: World) -> None:
    [explained] = explain(world, "team_summary", "active_members")
    assert explained.rest is not None
    # Fourteen, rounded to fives.
    assert explained.rest.amount in (10, 15)
    assert explained.total == 2 + explained.rest.amount
    sheet = describe(explained, "team_summary", {"column": "active_members", "team": TEAM})
    assert sheet.rest == (f"Others, counted together: {explained.rest.amount}",)
    assert sheet.totals == (f"Number: {explained.total}",)
    assert "did not agree to be named" in sheet.summary
    assert sheet.rows[0][0].href.startswith("/students/")


def test_a_mean_says_over_how_many_others_it_is(world: World) -> None:
    [explained] = explain(world, "team_summary", "score_pct")
    assert (explained.rule, [item["score_pct"] for item in explained.items]) == (ItemRule.MEAN, [80, 50])
    assert explained.rest is not None
    assert explained.rest.of in (10, 15)
    assert explained.rest.amount == 50
    summary = describe(explained, "team_summary", {"column": "score_pct"}).summary
    assert f"About {explained.rest.of} members" in summary


def test_those_who_see_nobody_are_shown_nobody(world: World) -> None:
    for metric, column in (("team_summary", "time_spent"), ("team_training", "overdue")):
        assert {each.why for each in explain(world, metric, column, ADMIN)} == {Why.SMALL_GROUPS}


def test_a_look_at_the_members_is_written_down(world: World) -> None:
    explain(world, "team_summary", "time_spent")
    [latest, *_] = world.trail.find(Search(actor="rosa"), 1)
    assert (latest.entry.tag, latest.entry.subject) == ("metrics:team:read", TEAM)
    assert latest.entry.detail.startswith("evidence:team_summary.time_spent")


def test_every_metric_of_a_team_that_adds_members_up_says_who_they_are() -> None:
    told = {slug for slug, _ in TEAM_NUMBERS}
    assert {slug for slug, metric in METRICS.items() if metric.members} == told
