from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, to_micros, utc_date
from coursepulse.kit.errors import LeaseLost, StoreRejected, StoreUnavailable
from coursepulse.kit.ids import NIL
from coursepulse.log.port import Block
from coursepulse.log.positions import event_position, from_number
from coursepulse.store.postgres.connect import Pool, open_pool
from coursepulse.store.postgres.raw import NAME, ConsumerProgress, PostgresRawStore, StoredBatch
from coursepulse.store.postgres.recent import Recent
from tests.reference.order import in_order

NOON = to_micros(datetime(2026, 11, 22, 12, tzinfo=UTC))


def event(number: int, at: int = NOON, **changes: Any) -> Event:
    made = Event(number.to_bytes(16), "video_play", at, bytes([9] * 16), bytes([7] * 16), received_at=at)
    return msgspec.structs.replace(made, **changes)


def block(number: int, events: list[Event]) -> Block:
    return Block(from_number(number), events)


def count(pool: Pool) -> int:
    with pool.connection() as connection:
        found = connection.execute("SELECT count(*) FROM student_activity_events").fetchone()
    assert found
    return int(found[0])


def partitions(pool: Pool) -> list[str]:
    query = b"SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE relkind = 'r' ORDER BY 1"
    with pool.connection() as connection:
        return [name for (name,) in connection.execute(query)]


@pytest.fixture
def raw(pool: Pool) -> PostgresRawStore:
    return PostgresRawStore(pool)


def test_a_database_that_lacks_what_was_written_is_not_gone_on_with(
    raw: PostgresRawStore, pool: Pool
) -> None:
    """As after the promotion of a replica that was behind: who begins anew finds where to go on."""
    raw.write([block(5, [event(1)])])
    raw.publish([from_number(5)], NOON, NOON)
    with pool.connection() as connection:
        kept = connection.execute("SELECT partition, stored, served FROM log_partitions").fetchone()
    raw.write([block(6, [event(2)])])
    raw.publish([from_number(6)], NOON, NOON)
    raw.confirm()
    with pool.connection() as connection:
        connection.execute("DELETE FROM student_activity_events WHERE log_position >= 6 << 14")
        connection.execute("UPDATE log_partitions SET (partition, stored, served) = (%s, %s, %s)", kept)
    with pytest.raises(LeaseLost):
        raw.write([block(7, [event(3)])])
    with pytest.raises(LeaseLost):
        raw.publish([from_number(6)], NOON, NOON)
    with pytest.raises(LeaseLost):
        raw.confirm()
    assert (count(pool), raw.served(0)) == (1, from_number(5))
    again = PostgresRawStore(pool)
    assert again.write([block(6, [event(2)]), block(7, [event(3)])]).duplicates == 0
    assert count(pool) == 3


def test_an_event_is_stored_with_everything_it_says(raw: PostgresRawStore, pool: Pool) -> None:
    full = event(
        1, course_id="c", lesson_id="l", video_id="v", assessment_id="a", device_type="mobile", os="Android",
        browser="Firefox", ip="203.0.113.0/24", country="DE", payload=b'{"current_time":1.5}',
    )  # fmt: skip
    raw.write([block(5, [full])])
    with pool.connection() as connection:
        (row,) = connection.execute(
            "SELECT course_id, lesson_id, video_id, assessment_id, device_type, os, browser, ip_address::text,"
            " country_code, event_data, event_timestamp, event_date, event_hour, log_position, received_at"
            " FROM student_activity_events"
        ).fetchall()
    moment = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert row == (
        "c", "l", "v", "a", "mobile", "Android", "Firefox", "203.0.113.0/24", "DE", {"current_time": 1.5},
        moment, date(2026, 11, 22), 12, event_position(from_number(5), 0), moment,
    )  # fmt: skip


def test_what_an_event_does_not_say_is_null(raw: PostgresRawStore, pool: Pool) -> None:
    raw.write([block(5, [event(1, session_id=NIL)])])
    with pool.connection() as connection:
        query = b"SELECT num_nonnulls(session_id, course_id, video_id, os, ip_address) FROM student_activity_events"
        assert connection.execute(query).fetchone() == (0,)


def test_a_version_6_network(raw: PostgresRawStore, pool: Pool) -> None:
    raw.write([block(5, [event(1, ip="2001:db8:7::/48")])])
    with pool.connection() as connection:
        assert connection.execute("SELECT ip_address::text FROM student_activity_events").fetchone() == (
            "2001:db8:7::/48",
        )


def test_duplicates_in_one_batch_count_once(raw: PostgresRawStore, pool: Pool) -> None:
    once, again, other = event(1, clicks=1), event(1, clicks=2), event(2)
    assert raw.write([block(5, [once, again]), block(6, [other, again])]) == StoredBatch([once, other], 2)
    assert count(pool) == 2


def test_duplicates_across_batches_count_once(raw: PostgresRawStore, pool: Pool) -> None:
    raw.write([block(5, [event(1), event(2)])])
    assert raw.write([block(6, [event(2), event(3), event(1)])]) == StoredBatch([event(3)], 2)
    assert count(pool) == 3


def test_an_id_on_neighbouring_days_is_one_event_however_they_are_batched(
    raw: PostgresRawStore, pool: Pool
) -> None:
    today, tomorrow = event(1), event(1, NOON + DAY)
    assert raw.write([block(5, [today, tomorrow, today])]) == StoredBatch([today], 2)
    apart = [event(2, NOON + DAY), event(2)]
    written = [raw.write([block(6 + n, [one])]) for n, one in enumerate(apart)]
    assert written == [StoredBatch([apart[0]], 0), StoredBatch([], 1)]
    assert count(pool) == 2


def test_an_id_two_days_later_is_another_event(raw: PostgresRawStore, pool: Pool) -> None:
    days = [event(1, NOON + day * DAY) for day in range(3)]
    assert raw.write([block(5, days)]) == StoredBatch([days[0], days[2]], 1)
    assert [len(raw.write([block(6 + n, [event(2, one.at)])]).fresh) for n, one in enumerate(days)] == [
        1,
        0,
        1,
    ]
    assert count(pool) == 4


@pytest.mark.parametrize("most_ids", [0, 1_000])
def test_a_start_forgets_no_day(pool: Pool, most_ids: int) -> None:
    PostgresRawStore(pool).write([block(5, [event(number) for number in range(1, 9)])])
    for position, day in ((6, -1), (7, 1), (8, 0)):
        started = PostgresRawStore(pool, most_ids=most_ids)
        started.write(
            [block(position, [event(position * 100, NOON - 5 * DAY)])]
        )  # knows no duplicate any more
        again = [event(number, NOON + day * DAY) for number in range(1, 9)]
        assert started.write(
            [block(position + 10, [*again, event(position, NOON + day * DAY, clicks=7)])]
        ) == (StoredBatch([], 9))
    assert count(pool) == 11


def test_what_a_failed_batch_left_open_is_read_again(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = PostgresRawStore(pool)
    raw.write([block(5, [event(1)])])

    def advance(*_: object) -> None:
        raise StoreUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr("coursepulse.store.postgres.raw._advance", advance)
        with pytest.raises(StoreUnavailable):
            raw.write([block(6, [event(2)])])
    PostgresRawStore(pool).write([block(6, [event(2)])])  # as if the answer alone had been lost
    assert raw.write([block(7, [event(2, NOON + DAY), event(1, NOON - DAY)])]) == StoredBatch([], 2)


def test_reading_again_gives_the_same_answer(raw: PostgresRawStore, pool: Pool) -> None:
    raw.write([block(5, [event(1), event(2)])])
    blocks = [block(6, [event(2), event(3), event(3)]), block(7, [event(4), event(1)])]
    first = raw.write(blocks)
    raw.write([block(8, [event(4), event(5)])])
    assert raw.write(blocks) == first == StoredBatch([event(3), event(4)], 3)
    assert count(pool) == 5


def test_another_process_reads_the_same_answer(raw: PostgresRawStore, postgres_dsn: str) -> None:
    blocks = [block(5, [event(1), event(2)])]
    raw.write(blocks)
    with open_pool(postgres_dsn) as pool:
        assert PostgresRawStore(pool).write(blocks).fresh == [event(1), event(2)]


def test_what_another_server_stored_meanwhile_counts_once(raw: PostgresRawStore, pool: Pool) -> None:
    raw.write([block(5, [event(1)])])
    raw.write([block(6, [event(2)])])
    PostgresRawStore(pool).write([block(7, [event(3)])])
    assert raw.write([block(8, [event(4), event(3)])]) == StoredBatch([event(4)], 1)
    assert raw.write([block(9, [event(5), event(4), event(3)])]) == StoredBatch([event(5)], 2)
    assert count(pool) == 5


@pytest.mark.parametrize("seed", range(5))
def test_duplicates_of_any_age_count_once(pool: Pool, seed: int) -> None:
    rng = random.Random(seed)
    forgetful, sent, stored = PostgresRawStore(pool, Recent(3)), list[Event](), list[Event]()
    for position in range(1, 60):
        # Runs of new events, and duplicates of the last or of long ago, on days side by side or apart.
        chosen = [
            event(
                rng.randrange(position, position + 2) if rng.random() < 0.7 else rng.randrange(position),
                NOON + day * DAY,
                received_at=NOON + len(sent) + n,
            )
            for n, day in enumerate(rng.choices(range(4), k=rng.randrange(1, 4)))
        ]
        sent += chosen
        if rng.random() < 0.1:
            forgetful = PostgresRawStore(pool, Recent(3), most_ids=rng.choice([0, 5, 1_000]))
        blocks = [block(position, chosen)]
        written = forgetful.write(blocks)
        if rng.random() < 0.2:
            assert forgetful.write(blocks) == written
        stored += written.fresh
    # One by one, in one batch, or as the definitions have it.
    assert sorted(stored, key=_moment) == sorted(in_order(sent), key=_moment)
    assert count(pool) == len(stored)


def _moment(event: Event) -> tuple[int, bytes]:
    return event.at, event.event_id


@pytest.mark.parametrize(
    "bad",
    [
        event(3, course_id="a\0b"),
        event(3, payload=b"{"),
        event(3, payload=b'{"a":"\\u0000"}'),
        event(3, ip="not a network"),
        event(3, ip="203.0.113.7/32"),
        event(3, student_id=b"short"),
        event(3, at=10**18),
        event(3, received_at=2**63),
        event(3, course_id="\ud800"),
    ],
    ids=[
        "nul",
        "not json",
        "nul in json",
        "no network",
        "full address",
        "short id",
        "year 33658",
        "overflow",
        "surrogate",
    ],
)
def test_an_event_that_fits_no_row_is_rejected_with_its_batch(
    raw: PostgresRawStore, pool: Pool, bad: Event
) -> None:
    blocks = [block(5, [event(1), bad, event(2)])]
    with pytest.raises(StoreRejected):
        raw.write(blocks)
    assert (count(pool), raw.position(NAME)) == (0, 0)
    assert raw.write(blocks, skip={event_position(from_number(5), 1)}) == StoredBatch([event(1), event(2)], 0)


def test_skipped_events_keep_their_neighbours_positions(raw: PostgresRawStore) -> None:
    blocks = [block(5, [event(1), event(2), event(3)])]
    raw.write(blocks, skip={event_position(from_number(5), 0)})
    assert raw.write(blocks).fresh == [event(1), event(2), event(3)]


def test_days_of_long_ago_get_their_partitions(raw: PostgresRawStore, pool: Pool) -> None:
    old = to_micros(datetime(2013, 2, 28, 23, 59, 59, tzinfo=UTC))
    raw.write([block(5, [event(1, old), event(2, old + HOUR), event(3)])])
    assert partitions(pool) == [
        "student_activity_events_20130228",
        "student_activity_events_20130301",
        "student_activity_events_20261122",
    ]


def test_partitions_are_made_ahead(raw: PostgresRawStore, pool: Pool) -> None:
    assert (raw.prepare(NOON), raw.prepare(NOON), raw.prepare(NOON + DAY)) == (8, 0, 1)
    assert partitions(pool)[-1] == "student_activity_events_20261130"


def test_writers_that_miss_the_same_partitions(postgres_dsn: str) -> None:
    with open_pool(postgres_dsn, size=6) as pool, ThreadPoolExecutor(6) as threads:
        raw = PostgresRawStore(pool)
        batches = [[block(k + 1, [event(10 * k + n, NOON + n * DAY) for n in range(8)])] for k in range(4)]
        made = [threads.submit(raw.prepare, NOON) for _ in range(2)]
        written = list(threads.map(raw.write, batches))
        assert all(len(one.fresh) == 8 for one in written)
        assert sum(one.result() for one in made) <= 8
        assert count(pool) == 32


def test_retention_drops_whole_days(raw: PostgresRawStore, pool: Pool) -> None:
    raw.write([block(5, [event(1, NOON - DAY), event(2)])])
    assert raw.drop_days([date(2026, 11, 21), date(2026, 11, 20)]) == 1
    assert count(pool) == 1
    assert raw.write([block(6, [event(3, NOON - DAY)])]).fresh == [event(3, NOON - DAY)]


def test_old_events_expire_as_long_after_they_came_as_new_ones(raw: PostgresRawStore) -> None:
    long_ago = NOON - 400 * DAY
    old, imported = event(1, long_ago, received_at=long_ago), event(2, long_ago - DAY, received_at=NOON)
    raw.write([block(5, [old, imported])])
    assert raw.expired_days(utc_date(NOON)) == [utc_date(long_ago)]
    assert raw.expired_days(utc_date(NOON + DAY)) == [utc_date(long_ago - DAY), utc_date(long_ago)]


def test_positions_never_go_back(raw: PostgresRawStore) -> None:
    assert (raw.position("served"), raw.progress("served")) == (0, None)
    raw.advance("served", 7, NOON, NOON + 1)
    raw.advance("served", 3, None, NOON + 2)
    assert raw.progress("served") == ConsumerProgress(7, NOON, NOON + 2)
    raw.write([block(5, [event(1)])])
    assert raw.progress(NAME) == ConsumerProgress(5, NOON, NOON)


def test_an_outage_is_said_to_be_one(postgres_dsn: str) -> None:
    pool = open_pool(postgres_dsn)
    pool.close()
    with pytest.raises(StoreUnavailable):
        PostgresRawStore(pool).write([block(5, [event(1)])])
