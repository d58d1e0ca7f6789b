"""Messages drawn by lot on simulated campuses: the product finds by how much they help, 19 times of 20."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from coursepulse.campus.message_draws import MessageDraw
from coursepulse.events.decode import decode
from coursepulse.events.event import Event
from coursepulse.kit.clock import to_micros
from coursepulse.kit.ids import to_bytes
from coursepulse.privacy.consent import Purpose
from coursepulse.simulator.campus import SimulatedCampus
from coursepulse.simulator.nudges import EFFECT
from coursepulse.simulator.truth import TrueMessage
from coursepulse.store.postgres.connect import open_pool
from tests.support.campus_world import World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server
from tests.support.vectors import to_event

NOW = datetime(2026, 4, 15, 16, 30, tzinfo=UTC)
SEEDS = range(20)


def name(seed: int, who: str) -> str:
    """The same student of another campus is somebody else."""
    return f"{seed}/{who}"


def course_of(seed: int) -> str:
    return f"lot-{seed}"


def draws_of(seed: int, drawn: list[TrueMessage]) -> Iterator[tuple[datetime, MessageDraw]]:
    """The lists of a campus: who was written to on the day of the list was drawn for it."""
    lists = defaultdict[datetime, list[TrueMessage]](list)
    for each in drawn:
        lists[each.listed_at].append(each)
    for at, listed in lists.items():
        halves = [
            frozenset(
                pseudonym(name(seed, each.external_id)) for each in listed if (each.written_at == at) is side
            )
            for side in (True, False)
        ]
        yield at, MessageDraw(UUID(bytes=to_bytes(f"{seed} {at}", "event")), course_of(seed), seed, *halves)


def events_of(seed: int, bodies: list[bytes], who: set[str]) -> Iterator[Event]:
    """What they did in the course, as the collector keeps it."""
    for body in bodies:
        for sent in decode(body).sent:
            event = to_event(sent) if sent.envelope.student_id in who else None
            if event and event.course_id:
                yield msgspec.structs.replace(
                    event,
                    event_id=to_bytes(f"{seed} {event.event_id.hex()}", "event"),
                    student_id=pseudonym(name(seed, sent.envelope.student_id)),
                    course_id=course_of(seed),
                )


def take_in(world: World, seed: int) -> None:
    campus = SimulatedCampus.make(seed=seed, students=200, courses=1, days=40, now=to_micros(NOW))
    bodies = list(campus.history())
    drawn = [each for each in campus.truth().messages if each.drawn]
    who = {each.external_id for each in drawn}
    for each in who:
        world.agree(name(seed, each), Purpose.RESEARCH)
    for at, made in draws_of(seed, drawn):
        world.draws.keep(made, "teacher", to_micros(at))
    world.take_in(list(events_of(seed, bodies, who)))


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, to_micros(NOW))
        for seed in SEEDS:
            take_in(world, seed)
        yield world
        world.trail.close()


@pytest.mark.long
def test_the_truth_is_within_the_interval_nineteen_times_of_twenty(world: World) -> None:
    """A quarter of those who would have stayed away come back. How many would, those who wait on all campuses say."""
    rows: list[dict[str, Any]] = []
    for seed in SEEDS:
        rows += world.ask(
            "course_draws", course=course_of(seed), start=date(2026, 2, 1), end=date(2026, 4, 16)
        )
    assert len(rows) == len(SEEDS)
    back = sum(row["others"] * row["others_pct"] for row in rows) / sum(row["others"] for row in rows)
    effect = EFFECT * (100 - back)
    held = [row["low"] <= effect <= row["high"] for row in rows]
    assert sum(held) >= 19, [(row["low"], row["high"]) for row in rows]
    found = sum(row["difference"] for row in rows) / len(rows)
    assert found == pytest.approx(effect, abs=6), "twenty campuses together are surer than one"
    assert effect > 5
