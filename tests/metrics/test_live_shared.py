"""Right now, where several workers share the students: told while somebody looks, and only then."""

from __future__ import annotations

from typing import Any

import pytest

from coursepulse.aggregates.live import LiveTable
from coursepulse.aggregates.live_shared import PLATFORM, LiveTeller, Looks, SharedLive, SharedPulse
from coursepulse.events.event import Event
from coursepulse.kit.clock import SECOND, Micros
from coursepulse.kit.ids import to_text
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.live import LiveBoard
from coursepulse.stream.processors.sessions import LiveSessions
from coursepulse.stream.processors.video_progress import VideoProgressing
from coursepulse.stream.pulse import Pulse
from coursepulse.stream.runners.embedded import EmbeddedRunner

NOW: Micros = 1_772_445_600 * SECOND
ANN, BEN, COURSE = b"a" * 16, b"b" * 16, "course"
IN_COURSE: dict[str, Any] = {"course": COURSE}


class OneWorker:
    """A worker with its table; it tells when it is asked to."""

    def __init__(self, pool: Pool, name: str) -> None:
        self.now, self.name = NOW, name
        self.table, self.pulse = LiveTable(lambda: self.now), Pulse(lambda: self.now)
        self.board = LiveBoard(pool, name)
        self.changed: list[tuple[str, bytes]] = []
        self.teller = LiveTeller(self.table, self.pulse, self.board, self.changed.extend)
        self._runner = EmbeddedRunner([LiveSessions(), VideoProgressing()], [self.table])
        self._events = 0

    def send(self, student: bytes, lesson: str) -> None:
        """Somebody begins a lesson."""
        self._events += 1
        event = Event(
            self._events.to_bytes(15) + student[:1],
            "lesson_start",
            self.now,
            student,
            student[::-1],
            course_id=COURSE,
            lesson_id=lesson,
            received_at=self.now,
        )
        self._runner.process([event])
        self.pulse.note(1, SECOND)


@pytest.fixture
def workers(pool: Pool) -> list[OneWorker]:
    made = [OneWorker(pool, name) for name in ("one", "two")]
    with pool.connection() as connection:
        connection.execute("DELETE FROM log_partitions")
        for number, worker in enumerate(made):
            connection.execute(
                "INSERT INTO log_partitions (partition, owner, epoch, leased_until) "
                "VALUES (%s, %s, 1, now() + interval '1 hour')",
                (number, worker.name),
            )
    made[0].send(ANN, "l1")
    made[1].send(BEN, "l2")
    return made


def server(pool: Pool, workers: list[OneWorker]) -> tuple[SharedLive, SharedPulse]:
    """A server that reads no partition; the workers have their turn while it waits."""

    def pass_time(_: float) -> None:
        for worker in workers:
            worker.teller.turn()

    looks = Looks(LiveBoard(pool, "web"), pass_time)
    own = LiveTable(lambda: NOW)
    return SharedLive(own, looks, lambda: NOW), SharedPulse(Pulse(lambda: NOW), own.active_sessions, looks)


def test_a_server_without_students_shows_what_all_workers_know(pool: Pool, workers: list[OneWorker]) -> None:
    live, _ = server(pool, workers)
    found = {row["student_id"].bytes: row["item_id"] for row in live.rows("course_now", IN_COURSE)}
    assert found == {ANN: "l1", BEN: "l2"}
    assert live.rows("course_now", {"course": "another"}) == []
    assert live.rows("student_now", {"student": to_text(ANN), "course": ""}) == []


def test_a_worker_of_a_release_that_speaks_otherwise_is_left_out(
    pool: Pool, workers: list[OneWorker]
) -> None:
    live, _ = server(pool, workers)
    live.rows("course_now", IN_COURSE)
    with pool.connection() as connection:
        connection.execute("UPDATE live_told SET outputs = '\\x81a161a162' WHERE worker = 'two'")
    assert {row["item_id"] for row in live.rows("course_now", IN_COURSE)} == {"l1"}


def test_a_worker_adds_what_it_knows_itself_and_hears_nothing_of_itself(
    pool: Pool, workers: list[OneWorker]
) -> None:
    one, two = workers
    live = SharedLive(one.table, Looks(one.board, lambda _: two.teller.turn()), lambda: NOW)
    one.board.want(f"course:{COURSE}")
    one.teller.turn()
    assert {row["item_id"] for row in live.rows("course_now", IN_COURSE)} == {"l1", "l2"}


def test_nobody_looking_costs_no_row(pool: Pool, workers: list[OneWorker]) -> None:
    for worker in workers:
        worker.teller.turn()
    with pool.connection() as connection:
        assert connection.execute("SELECT count(*) FROM live_told").fetchone() == (0,)


def test_what_has_changed_while_somebody_looks_is_told_once(pool: Pool, workers: list[OneWorker]) -> None:
    live, _ = server(pool, workers)
    live.rows("course_now", IN_COURSE)
    one, two = workers
    one.teller.turn()
    assert one.changed == []
    one.now += SECOND
    one.send(ANN, "l3")
    for _ in range(2):
        one.teller.turn()
        two.teller.turn()
    assert (one.changed, two.changed) == ([(COURSE, ANN)], [])
    found = {row["student_id"].bytes: row["item_id"] for row in live.rows("course_now", IN_COURSE)}
    assert found == {ANN: "l3", BEN: "l2"}


def test_a_worker_that_lost_its_partitions_is_heard_no_more(pool: Pool, workers: list[OneWorker]) -> None:
    live, _ = server(pool, workers)
    live.rows("course_now", IN_COURSE)
    with pool.connection() as connection:
        connection.execute(
            "UPDATE log_partitions SET leased_until = now() - interval '1 second' WHERE owner = 'two'"
        )
    assert {row["item_id"] for row in live.rows("course_now", IN_COURSE)} == {"l1"}


def test_nothing_that_was_said_of_an_erased_student_is_kept(pool: Pool, workers: list[OneWorker]) -> None:
    live, _ = server(pool, workers)
    live.rows("course_now", IN_COURSE)
    workers[0].table.forget(ANN)
    workers[0].board.forget()
    with pool.connection() as connection:
        assert connection.execute("SELECT count(*) FROM live_told").fetchone() == (0,)


def test_the_pulse_is_that_of_all_workers(pool: Pool, workers: list[OneWorker]) -> None:
    _, pulse = server(pool, workers)
    assert pulse.active_sessions() == 2
    assert pulse.taken().per_second == pytest.approx(sum(each.pulse.taken().per_second for each in workers))
    assert pulse.taken().delay == SECOND
    assert pulse.minutes()[-1].events == 2
    assert PLATFORM in workers[0].board.wanted()


def test_looks_that_are_over_are_let_go(pool: Pool, workers: list[OneWorker]) -> None:
    live, _ = server(pool, workers)
    live.rows("course_now", IN_COURSE)
    with pool.connection() as connection:
        connection.execute("UPDATE live_wanted SET wanted_until = now() - interval '2 minutes'")
        connection.execute("UPDATE live_told SET told_at = now() - interval '2 minutes'")
    assert workers[0].board.wanted() == []
    workers[0].board.prune()
    with pool.connection() as connection:
        counts = "SELECT (SELECT count(*) FROM live_told), (SELECT count(*) FROM live_wanted)"
        assert connection.execute(counts).fetchone() == (0, 0)
