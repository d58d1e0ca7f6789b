"""What every queue of dead letters promises: in the file of a server alone, and in the place that all servers see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from coursepulse.collect.dead_letters import DeadLetterQueue, SqliteDeadLetterQueue
from coursepulse.collect.keeping import Keeping
from coursepulse.collect.keys import PIPELINE_SOURCE
from coursepulse.collect.poison import to_dead_letter
from coursepulse.collect.spooled_letters import SpooledDeadLetters
from coursepulse.events.event import Event
from coursepulse.events.reasons import Rejected, RejectionReason
from coursepulse.kit.clock import DAY, MINUTE, from_micros
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.kit.ids import NIL
from coursepulse.kit.settings import Settings
from coursepulse.privacy.consent import ConsentDecision, ConsentRegister, Purpose
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.connect import Pool, open_pool
from coursepulse.store.postgres.dead_letters import PostgresDeadLetters
from coursepulse.store.postgres.tombstones import Tombstones
from tests.support.postgres import Server

NAMES = Pseudonyms(b"a secret of these tests")
NOW = 20_600 * DAY


def refused(number: int, who: str = "ann", reason: RejectionReason = RejectionReason.MALFORMED) -> Rejected:
    body = f'{{"student_id": "{who}", "event_type": "quiz_answer", "number": {number}}}'.encode()
    return Rejected(0, f"e-{number}", reason, "$.number", f"Number {number} is odd.", body)


class Servers:
    """Servers that share a PostgreSQL, each with a file of its own."""

    def __init__(self, folder: Path, pool: Pool, most: int = 100) -> None:
        self.folder, self.pool, self.most = folder, pool, most
        self.consents, self.closing = ConsentRegister(), ExitStack()
        self.shared = PostgresDeadLetters(pool, most=most)
        for who in ("ann", "ben"):
            self.decide(who, granted=True)

    def decide(self, who: str, *, granted: bool) -> None:
        self.consents.apply([ConsentDecision(NAMES.of(who), Purpose.ANALYTICS, granted=granted)])

    def file(self, name: str) -> SqliteDeadLetterQueue:
        file = SqliteDeadLetterQueue(self.folder / f"{name}.sqlite", most=self.most)
        self.closing.callback(file.close)
        return file

    def open(self, name: str = "one") -> SpooledDeadLetters:
        keeping = Keeping(NAMES, self.consents, Settings())
        return SpooledDeadLetters(
            self.file(name), self.shared, name=name, keeping=keeping, tombstone=NAMES.tombstone
        )


@pytest.fixture(scope="module")
def database(postgres_server: Server) -> Iterator[Pool]:
    with postgres_server.database() as dsn, open_pool(dsn, 2) as pool:
        yield pool


@pytest.fixture
def servers(database: Pool, tmp_path: Path) -> Iterator[Servers]:
    with database.connection() as connection:
        for table in ("dead_letters", "dead_letter_overflows", "erased_students"):
            connection.execute(f"DELETE FROM {table}")
    servers = Servers(tmp_path, database)
    with servers.closing:
        yield servers


_OPEN: dict[str, Callable[[Servers], DeadLetterQueue]] = {
    "alone": lambda servers: servers.file("alone"),
    "shared": lambda servers: servers.open(),
}


@pytest.fixture(params=_OPEN)
def queue(request: pytest.FixtureRequest, servers: Servers) -> DeadLetterQueue:
    return _OPEN[request.param](servers)


def ids(queue: DeadLetterQueue, **wish: str) -> list[str | None]:
    return [letter.event_id for letter in queue.newest(**wish)]  # type: ignore[arg-type]


def test_what_is_put_in_comes_out_as_it_was(queue: DeadLetterQueue) -> None:
    queue.put([refused(1)], NOW + 7, "sender")
    (letter,) = queue.newest()
    wanted = refused(1)
    assert (letter.received_at, letter.source, letter.reason) == (NOW + 7, "sender", wanted.reason)
    assert (letter.event_id, letter.path, letter.sentence) == ("e-1", wanted.path, wanted.sentence)
    assert letter.body == wanted.body


def test_newest_first_by_reason_and_sender(queue: DeadLetterQueue) -> None:
    late = RejectionReason.TIMESTAMP_TOO_OLD
    queue.put([refused(1), refused(2, reason=late)], NOW, "sender")
    queue.put([refused(3, reason=late)], NOW + 1, "importer")
    assert ids(queue) == ["e-3", "e-2", "e-1"]
    assert [letter.event_id for letter in queue.newest(late, 1)] == ["e-3"]
    assert ids(queue, source="sender") == ["e-2", "e-1"]
    assert queue.waiting() == {"malformed": 1, "timestamp_too_old": 2}
    assert queue.waiting("importer") == {"timestamp_too_old": 1}


def test_the_same_refusal_of_one_sender_waits_once(queue: DeadLetterQueue) -> None:
    for source in ("sender", "sender", "importer"):
        queue.put([refused(1)], NOW, source)
        assert ids(queue)[0] == "e-1"
    assert len(queue.newest()) == 2


def test_of_each_sender_so_many_are_kept_and_the_rest_counted(servers: Servers, tmp_path: Path) -> None:
    narrow = Servers(tmp_path / "narrow", servers.pool, most=3)
    (tmp_path / "narrow").mkdir()
    with narrow.closing:
        for queue in (narrow.file("alone"), narrow.open()):
            queue.put([refused(100)], NOW, "quiet")
            for number in range(5):
                queue.put([refused(number)], NOW, "loud")
                assert ids(queue, source="loud")[0] == f"e-{number}"
            assert ids(queue, source="loud") == ["e-4", "e-3", "e-2"]
            assert (queue.overflowed("loud"), queue.overflowed("quiet"), queue.overflowed()) == (2, 0, 2)


def test_mended_judged_and_replayed(queue: DeadLetterQueue) -> None:
    queue.put([refused(1), refused(2)], NOW, "sender")
    second, first = (letter.id for letter in queue.newest())
    assert [letter.id for letter in queue.pick([second, first, 12345])] == [first, second]
    assert queue.pick([first], "importer") == []
    assert queue.fix(first, b'{"mended": 1}', "sender")
    assert not queue.fix(first, b"{}", "importer")
    queue.judge(first, Rejected(0, "new", RejectionReason.INVALID_VALUE, "$.a", "Worse.", b""))
    (again,) = queue.pick([first])
    assert (again.body, again.reason, again.sentence) == (b'{"mended": 1}', "invalid_value", "Worse.")
    queue.resolve([first], NOW)
    assert (queue.pick([first]), ids(queue)) == ([], ["e-2"])
    assert not queue.fix(first, b"{}")
    queue.drop([second])
    assert queue.newest() == []


def test_old_ones_are_purged_also_those_that_were_replayed(queue: DeadLetterQueue) -> None:
    for day in range(3):
        queue.put([refused(day)], NOW + day * DAY, "sender")
    queue.resolve([queue.newest()[-1].id], NOW)
    assert queue.purge(NOW + 2 * DAY) == 2
    assert ids(queue) == ["e-2"]


def test_a_student_is_found_and_forgotten_wherever_something_names_them(queue: DeadLetterQueue) -> None:
    queue.put([refused(1, "ann"), refused(2, "ben")], NOW, "sender")
    assert [letter.event_id for letter in queue.find(lambda body: b"ann" in body)] == ["e-1"]
    queue.judge(queue.newest()[0].id, Rejected(0, "e-2", RejectionReason.MALFORMED, "$", "Says ann.", b""))
    assert queue.forget(lambda text: b"ann" in (text.encode() if isinstance(text, str) else text or b"")) == 2
    assert queue.newest() == []


def test_arrivals_are_counted_by_the_minute_after_an_id(queue: DeadLetterQueue) -> None:
    for number, at in enumerate((NOW, NOW + 1, NOW + MINUTE)):
        queue.put([refused(number)], at, "sender")
    newest = queue.newest()[0].id
    every = queue.arrivals(0)
    assert [(each.minute_at, each.number) for each in every] == [(NOW, 2), (NOW + MINUTE, 1)]
    assert every[-1].newest == newest
    assert queue.arrivals(newest) == []


def test_texts_that_a_table_cannot_take_are_kept_nevertheless(queue: DeadLetterQueue) -> None:
    queue.put([Rejected(0, "a\0b", RejectionReason.MALFORMED, "$", "It says \0.", b"\0\xff")], NOW, "sender")
    (letter,) = queue.newest()
    assert letter.body == b"\0\xff"
    assert (letter.event_id or "")[0] == "a"


def test_all_servers_see_and_settle_one_queue(servers: Servers) -> None:
    one, two = servers.open("one"), servers.open("two")
    one.put([refused(1)], NOW, "sender")
    two.put([refused(2)], NOW, "sender")
    one.move()
    assert ids(two) == ids(one) == ["e-2", "e-1"]
    two.resolve([letter.id for letter in two.newest()], NOW)
    assert one.newest() == []


def test_what_was_handed_over_before_a_crash_is_not_handed_over_again(servers: Servers) -> None:
    one = servers.open()
    one.put([msgless(1)], NOW, "sender")
    (waiting,) = servers.file("one").oldest(10)
    servers.shared.take_over("one", lambda: [waiting], lambda _: [])
    # The crash came before the file forgot it.
    one.resolve([servers.shared.newest()[0].id], NOW)
    assert one.newest() == []
    assert servers.file("one").oldest(10) == []


def msgless(number: int) -> Rejected:
    """A refusal of something that has no id."""
    return Rejected(number, None, RejectionReason.MALFORMED, "$", "It is broken.", b"{")


class Away(PostgresDeadLetters):
    """A PostgreSQL that does not answer."""

    away = False

    def take_over(self, *told: object) -> None:
        self._fail()
        super().take_over(*told)  # type: ignore[arg-type]

    def waiting(self, source: str | None = None) -> dict[str, int]:
        self._fail()
        return super().waiting(source)

    def arrivals(self, after: int) -> list[object]:  # type: ignore[override]
        self._fail()
        return list(super().arrivals(after))

    def _fail(self) -> None:
        if self.away:
            raise StoreUnavailable("PostgreSQL is away.")


def test_nothing_is_lost_while_postgresql_is_away(servers: Servers) -> None:
    servers.shared = away = Away(servers.pool)
    one = servers.open()
    one.put([refused(1)], NOW, "sender")
    assert (ids(one), one.waiting()) == (["e-1"], {"malformed": 1})
    away.away = True
    one.put([refused(2)], NOW, "sender")
    with pytest.raises(StoreUnavailable):
        one.newest()
    # What is known by heart is told on: health must not fail because of it.
    assert (one.waiting(), one.overflowed(), one.arrivals(0)) == ({"malformed": 2}, 0, [])
    one.close()
    away.away = False
    assert ids(servers.open()) == ["e-2", "e-1"]


def test_consents_are_asked_again_on_the_way(servers: Servers) -> None:
    one = servers.open()
    event = Event(b"e" * 16, "quiz_answer", NOW, NAMES.of("ben"), NIL)
    one.put([refused(1, "ann"), refused(2, "ben")], NOW, "sender")
    one.put([to_dead_letter(event, "PostgreSQL refuses it.")], NOW, PIPELINE_SOURCE)
    servers.decide("ann", granted=False)
    assert [letter.source for letter in one.newest()] == [PIPELINE_SOURCE, "sender"]
    assert b"ann" not in repr(one.newest()).encode()


def test_what_waited_at_another_server_does_not_outlive_an_erasure(servers: Servers) -> None:
    """An essential event needs no consent; it goes because it came before the erasure."""
    one, essential = servers.open(), b'{"student_id": "ann", "event_type": "lesson_complete"}'
    letter = Rejected(0, "old", RejectionReason.MALFORMED, "$", "It is broken.", essential)
    one.put([letter], NOW, "sender")
    Tombstones(servers.pool).add(NAMES.of("ann"), NAMES.tombstone(NAMES.of("ann")), from_micros(NOW + 1))
    assert one.newest() == []
    one.put([letter], NOW + 2, "sender")
    assert ids(one) == ["old"]
