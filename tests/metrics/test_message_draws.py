"""Lists divided by lot: who is written to at once, who waits, and what the comparison says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.written import WrittenMessages
from coursepulse.campus.message_draws import FEWEST, WAIT
from coursepulse.definitions.comparisons import compare_shares
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, to_micros
from coursepulse.kit.ids import to_bytes
from coursepulse.privacy.consent import Purpose
from coursepulse.simulator.nudges import EFFECT
from coursepulse.store.postgres.connect import open_pool
from coursepulse.store.postgres.message_draws import MessageDraws, draw
from tests.support.campus_world import World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

START = datetime(2026, 2, 1, 9, tzinfo=UTC)
COURSE = "logic"
PEOPLE = [f"p-{n:02}" for n in range(41)]
LISTED = [(pseudonym(who), COURSE) for who in PEOPLE]
DRAWN_AT = to_micros(START + timedelta(days=10))


def happen(student: bytes, kind: str, day: float, **said: Any) -> Event:
    at = to_micros(START + timedelta(days=day))
    return Event(to_bytes(f"{student!r} {kind} {at}", "event"), kind, at, student, bytes(16), COURSE, **said)


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    """Forty who agree to research and one who does not; the list is divided on the eleventh of February."""
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, to_micros(datetime(2026, 3, 1, tzinfo=UTC)))
        for who in PEOPLE[:40]:
            world.agree(who, Purpose.RESEARCH)
        split = world.draws.split(LISTED, DRAWN_AT)
        (made,) = split.made
        world.draws.keep(made, "teacher", DRAWN_AT)
        back = [*sorted(made.at_once)[:12], *sorted(made.waiting)[:4]]
        log = [happen(student, "course_enroll", 0) for student, _ in LISTED]
        log += [happen(student, "lesson_start", 17, lesson_id="l1") for student in back]
        # The eighth day is that of the message to those who waited.
        log += [happen(student, "lesson_start", 18, lesson_id="l1") for student in made.waiting]
        world.take_in(log)
        yield world
        world.trail.close()


def test_the_same_seed_gives_the_same_half_and_everybody_has_the_same_chance() -> None:
    people = [bytes([n]) for n in range(11)]
    assert draw(people, 7) == draw(reversed(people), 7)
    halves = [draw(people, seed) for seed in range(400)]
    assert {len(half) for half in halves} == {5, 6}
    shares = [np.mean([one in half for half in halves]) for one in people]
    assert all(0.4 < share < 0.6 for share in shares)


def test_who_was_drawn_keeps_it_and_who_does_not_agree_is_written_to(world: World) -> None:
    again = world.draws.split(LISTED, DRAWN_AT + DAY)
    assert again.made == ()
    assert len(again.waiting) == 20
    assert LISTED[40] not in again.waiting
    assert set(again.waiting.values()) == {datetime(2026, 2, 11 + WAIT, tzinfo=UTC)}
    assert world.draws.split(LISTED, DRAWN_AT + WAIT * DAY).waiting == {}, "the wait is over"
    few = list(again.waiting)[: FEWEST - 1]
    assert world.draws.split(few, DRAWN_AT + DAY).waiting == {}, "a teacher who picks a few has a reason"
    assert MessageDraws(world.pool, on=False).split(LISTED, DRAWN_AT + DAY).waiting == {}


def test_both_halves_are_compared_as_they_were_drawn(world: World) -> None:
    (row,) = world.ask("course_draws", course=COURSE, start=date(2026, 2, 1))
    assert (row["written"], row["written_pct"], row["others"], row["others_pct"]) == (20, 60, 20, 20)
    expected = compare_shares(12, 20, 4, 20)
    assert (row["difference"], row["low"], row["high"]) == pytest.approx(tuple(expected or ()))
    assert row["early"] == 0
    one = next(iter(world.draws.split(LISTED, DRAWN_AT + DAY).waiting))
    WrittenMessages(world.pool).note([one], "teacher", DRAWN_AT + 2 * DAY)
    (after,) = world.ask("course_draws", course=COURSE, start=date(2026, 2, 1))
    assert after == row | {"early": 1}, "who is written to early counts as waiting all the same"
    now, world.now = world.now, DRAWN_AT + 7 * DAY
    assert world.ask("course_draws", course=COURSE, start=date(2026, 2, 1)) == []
    world.now = now


def test_who_waits_stands_in_a_list_until_they_are_written_to(world: World) -> None:
    teacher = Viewer(role=Role.INSTRUCTOR, subject="teacher", course_ids=frozenset({COURSE}))
    before = world.ask("course_message_waits", viewer=teacher, course=COURSE)
    assert {row["write_from"] for row in before} == {date(2026, 2, 11) + timedelta(days=WAIT)}
    done = before[0]["student_id"].bytes
    WrittenMessages(world.pool).note([(done, COURSE)], "teacher", DRAWN_AT + 9 * DAY)
    after = world.ask("course_message_waits", viewer=teacher, course=COURSE)
    assert after == before[1:]


@pytest.mark.parametrize("size", [30, 61])
def test_a_message_that_helps_by_a_known_amount_is_found_nineteen_times_of_twenty(size: int) -> None:
    """As in the simulator, a quarter of those come back who would have stayed away."""
    rng, held, rounds = np.random.default_rng(5), 0, 600
    people = [bytes([n]) for n in range(size)]
    for seed in range(rounds):
        alone = rng.random(size) < rng.uniform(0.1, 0.6, size)
        moved = alone | (rng.random(size) < EFFECT)
        at_once = draw(people, seed)
        sides = [[n for n, one in enumerate(people) if (one in at_once) is side] for side in (True, False)]
        found = compare_shares(
            int(moved[sides[0]].sum()), len(sides[0]), int(alone[sides[1]].sum()), len(sides[1])
        )
        assert found is not None
        held += found.low <= 100 * (1 - 0.35) * EFFECT <= found.high
    assert held / rounds >= 0.92
