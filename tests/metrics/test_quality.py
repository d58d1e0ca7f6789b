"""How good the data are: of senders by what was counted of them, of courses by their events."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.collect.senders import SenderCount, add_up
from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.special.advice import advise_sender
from coursepulse.definitions.clocks import step_of
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, to_micros
from coursepulse.kit.ids import NIL, to_bytes
from coursepulse.store.postgres.connect import open_pool
from coursepulse.store.postgres.sender_counts import SenderCounts
from tests.metrics.rollup_rows import empty_tables
from tests.reference.catalog import CourseCatalog
from tests.reference.quality import count_courses, count_players
from tests.support.campus_world import World
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import event_logs
from tests.support.long import examples
from tests.support.postgres import Server

pytestmark = pytest.mark.slow

NOW = to_micros(datetime(2026, 3, 9, 12, tzinfo=UTC))
TODAY = NOW // DAY


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        yield World(client, pool, NOW)


COUNTS = [
    SenderCount(TODAY, "lms", "accepted", 90),
    SenderCount(TODAY - 1, "lms", "accepted", 6),
    SenderCount(TODAY - 1, "lms", "refused:no_consent", 3),
    SenderCount(TODAY, "lms", "refused:malformed", 1),
    SenderCount(TODAY, "lms", "late", 25),
    SenderCount(TODAY, "lms", "duplicate", 24),
    SenderCount(TODAY, "lms", f"clock:{step_of(-2 * HOUR)}", 5),
    SenderCount(TODAY, "lms", f"clock:{step_of(SECOND)}", 4),
    SenderCount(TODAY, "app", "accepted", 7),
    SenderCount(TODAY - 40, "app", "accepted", 1000),
    SenderCount(TODAY - 401, "app", "late", 1000),
]


def test_counts_add_up_to_a_row_of_each_sender(world: World) -> None:
    counts, halves = SenderCounts(world.pool, lambda: NOW), [*COUNTS, *COUNTS]
    # In any order, in any number of parts.
    random.Random(7).shuffle(halves)
    for part in (halves[::3], halves[1::3], halves[2::3]):
        counts.add(add_up(part))
    rows = {row["sender"]: row for row in world.ask("quality_senders")}
    assert list(rows) == ["lms", "app"]
    lms, app = rows["lms"], rows["app"]
    assert (lms["events"], lms["refused"], lms["late"], lms["duplicates"]) == (200, 8, 50, 48)
    assert (lms["refused_pct"], lms["late_pct"], lms["duplicates_pct"]) == (4, 25, 25)
    assert lms["clock"] == pytest.approx(-7200, rel=0.05)
    assert lms["last_day"] == date(2026, 3, 9)
    assert (app["events"], app["late"], app["clock"]) == (14, 0, None)
    whole = world.ask("quality_senders", start=date(2020, 1, 1))
    assert {row["sender"]: row["events"] for row in whole} == {"lms": 200, "app": 2014}
    assert sum(row["late"] for row in whole) == 50, "counts of 401 days ago are not kept"
    assert world.ask("quality_refusals") == [
        {"sender": "lms", "reason": "no_consent", "events": 6},
        {"sender": "lms", "reason": "malformed", "events": 2},
    ]


@pytest.mark.parametrize(
    ("sender", "words"),
    [
        ({}, "Nothing to do"),
        ({"refused_pct": 2.0, "clock": 9000.0}, "reasons below"),
        ({"clock": -7200.0}, "2\u00a0h away from the time of receipt, which looks like a wrong time zone"),
        ({"clock": 19_700.0}, "wrong time zone"),
        ({"clock": -400.0}, "7\u00a0min ahead"),
        ({"clock": 700.0}, "arrive 12\u00a0min after"),
        ({"duplicates_pct": 6.0}, "received before"),
        ({"late_pct": 30.0}, "over an hour late"),
        ({"refused_pct": None, "late_pct": None, "duplicates_pct": None}, "Nothing to do"),
    ],
)
def test_what_to_do_about_a_sender(sender: dict[str, float | None], words: str) -> None:
    fine = {"refused_pct": 0.5, "late_pct": 3.0, "duplicates_pct": 1.0, "clock": 2.0}
    assert words in advise_sender(fine | sender)


def test_every_card_says_what_to_do_or_where_to_look() -> None:
    cards = all_cards()
    assert [each.name for each in cards["quality_senders"].columns][-1] == "advice"
    assert [each.name for each in cards["quality_refusals"].columns][-1] == "advice"
    assert "Send the catalog" in cards["quality_courses"].about
    assert "video_pause" in cards["quality_players"].about


@examples(10)
@given(log=event_logs(), data=st.data())
def test_courses_without_a_catalog(world: World, log: list[Event], data: st.DataObject) -> None:
    empty_tables(world.clickhouse)
    world.clickhouse.command("TRUNCATE TABLE course_lessons")
    world.know(CourseCatalog(lessons={"c1": ("l1",)}))
    again = data.draw(st.lists(st.sampled_from(log), max_size=3))
    world.take_in(data.draw(st.permutations(log + again)))
    found = [(row["course_id"], row["events"], row["learners"]) for row in world.ask("quality_courses")]
    assert found == count_courses(log, {"c1"})


plays = st.fixed_dictionaries(
    {course: st.tuples(st.sampled_from([4, 5]), st.sampled_from([3, 4, 5]), st.booleans()) for course in "ab"}
)


@examples(10)
@given(classes=plays, data=st.data())
def test_players_that_never_pause(
    world: World, classes: dict[str, tuple[int, int, bool]], data: st.DataObject
) -> None:
    empty_tables(world.clickhouse)
    log = [
        watch(f"{course}{learner}{number}", course, learner, "video_play")
        for course, (learners, starts, _) in classes.items()
        for learner in range(learners)
        for number in range(starts)
    ]
    log += [watch(f"{course}p", course, 0, "video_pause") for course, each in classes.items() if each[2]]
    world.take_in(data.draw(st.permutations(log + log[:3])))
    found = [(row["course_id"], row["plays"], row["learners"]) for row in world.ask("quality_players")]
    assert found == count_players(log)


def watch(event_id: str, course: str, learner: int, kind: str) -> Event:
    student, at = to_bytes(str(learner), "student"), NOW - DAY + learner * MINUTE
    return Event(to_bytes(event_id, "event"), kind, at, student, NIL, course, video_id="v1")
