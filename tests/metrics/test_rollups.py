"""The rollups: repeated, cut off, rebuilt, frozen, and spread over many days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, cast

import pytest
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates import working_set
from coursepulse.aggregates.rollups import Rollups
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, MINUTE, Micros, utc_date
from coursepulse.kit.ids import NIL, to_text
from tests.metrics.rollup_rows import (
    empty_tables,
    expected,
    snapshot,
    stored_days,
    stored_parts,
)
from tests.reference.course_day import course_days
from tests.reference.parts import parts
from tests.support.clickhouse import migrated_database
from tests.support.event_logs import START, STUDENTS
from tests.support.long import LONG

ANN, BOB, _ = STUDENTS

#: Statements of one batch that must look everything up.
STATEMENTS = 12


@pytest.fixture(scope="module")
def database(clickhouse_url: str) -> Iterator[Client]:
    with migrated_database(clickhouse_url) as client:
        yield client


@pytest.fixture
def client(database: Client) -> Client:
    empty_tables(database)
    return database


class CutOff(Exception):
    """The process died here."""


class Dying:
    """A client that reaches its database so many times, and then no more.

    :param calls: None for as often as it likes
    """

    def __init__(self, client: Client, calls: int | None) -> None:
        self.client, self.left = client, calls

    def __getattr__(self, name: str) -> Any:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise CutOff
        return getattr(self.client, name)


def dying(client: Client, calls: int) -> Client:
    return cast(Client, Dying(client, calls))


def watch(
    number: int, at: Micros, *, student: bytes = ANN, session: bytes = b"s" * 16, kind: str = "video_progress"
) -> Event:
    return Event(
        number.to_bytes(16, "big"),
        kind,
        at,
        student,
        session,
        "c1",
        "l1",
        "v1" if kind.startswith("video") else "",
        position=float(number % 100) if kind.startswith("video") else None,
        duration=600.0 if kind.startswith("video") else None,
    )


#: A session over midnight, one of another student, and facts without a session.
EVENING = [watch(n, START + DAY - 10 * MINUTE + n * MINUTE) for n in range(20)]
OTHERS = [watch(n, START + n * HOUR, student=BOB, session=b"t" * 16) for n in range(30, 35)]
FACTS = [
    watch(40, START, session=NIL, kind="lesson_complete"),
    watch(41, START + DAY, session=NIL, kind="lesson_start"),
]
LOG = EVENING + OTHERS + FACTS


@pytest.mark.parametrize("calls", range(STATEMENTS))
def test_a_batch_cut_off_anywhere_and_repeated_leaves_no_trace(client: Client, calls: int) -> None:
    first, second = LOG[::2], LOG[1::2]
    Rollups(client).refresh(first, 1)
    with pytest.raises(CutOff):
        Rollups(dying(client, calls)).refresh(second, 2)
    Rollups(client).refresh(second, 2)
    assert stored_parts(client) == expected(parts(LOG))
    assert stored_days(client, "student_days") == expected(course_days(LOG))


def test_the_same_rollups_go_on_after_a_failure(client: Client) -> None:
    database = Dying(client, None)
    rollups = Rollups(cast(Client, database))
    rollups.refresh(LOG[::3], 1)
    database.left = 4
    with pytest.raises(CutOff):
        rollups.refresh(LOG[1::3], 2)
    database.left = None
    rollups.refresh(LOG[1::3] + LOG[2::3], 3)
    assert stored_days(client, "student_course_days") == expected(course_days(LOG))


@pytest.mark.long
@pytest.mark.parametrize("room", [0, 3, 12])
def test_a_working_set_that_is_full_forgets_and_stays_right(
    client: Client, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    monkeypatch.setattr(working_set, "_EVENTS", room)
    rollups = Rollups(client)
    for start in range(9):
        rollups.refresh(LOG[start::9], start)
        assert rollups._working_set.events.height <= room
    assert stored_parts(client) == expected(parts(LOG))
    assert stored_days(client, "student_days") == expected(course_days(LOG))


def test_a_session_that_was_forgotten_beside_one_that_was_not_comes_back_whole(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_set, "_EVENTS", 4)
    early = [watch(n, START + n * MINUTE, session=b"s" * 16) for n in range(6)]
    later = [watch(n, START + n * HOUR, session=b"t" * 16) for n in range(20, 22)]
    rollups = Rollups(client)
    for version, batch in enumerate((early[::2], later, early[1::2]), 1):
        rollups.refresh(batch, version)
    assert stored_parts(client) == expected(parts(early + later))
    assert stored_days(client, "student_days") == expected(course_days(early + later))


def test_a_folded_session_comes_back_whole(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("_EVENTS", 4), ("_MANY", 1), ("_SILENT", 1), ("_FOLD", 1)):
        monkeypatch.setattr(working_set, name, value)
    early, later = (
        [watch(n, START + n * MINUTE, session=session) for n in numbers]
        for session, numbers in ((b"s" * 16, range(6)), (b"t" * 16, range(60, 62)))
    )
    last = [watch(90, START + 90 * MINUTE, session=b"u" * 16)]
    rollups = Rollups(client)
    for version, batch in enumerate((early[:3], later, last, early[3:]), 1):
        rollups.refresh(batch, version)
    assert stored_parts(client) == expected(parts(early + later + last))
    assert stored_days(client, "student_days") == expected(course_days(early + later + last))


def test_rows_that_somebody_else_took_away_do_not_come_back(client: Client) -> None:
    rollups = Rollups(client)
    rollups.refresh(LOG, 1)
    for table in ("events", "session_parts"):
        client.command(f"DELETE FROM {table} WHERE student_id = {{id:UUID}}", parameters={"id": to_text(ANN)})
    rollups.forget()
    late = watch(19, START + DAY + 8 * MINUTE)
    rollups.refresh([late], 2)
    of_ann = {row for row in stored_parts(client) if row[0] == ANN}
    assert of_ann == expected(parts([late]))


def test_repeating_a_batch_changes_nothing(client: Client) -> None:
    rollups = Rollups(client)
    rollups.refresh(LOG, 1)
    before = snapshot(client)
    rollups.refresh(LOG, 1)
    rollups.refresh(LOG[:5], 2)
    assert snapshot(client) == before


def test_two_batches_may_share_a_version(client: Client) -> None:
    rollups = Rollups(client)
    for start in range(3):
        rollups.refresh(LOG[start::3], 1)
    assert stored_days(client, "student_course_days") == expected(course_days(LOG))


def test_a_rebuild_gives_the_rows_of_the_batches(client: Client) -> None:
    rollups = Rollups(client)
    for start in range(3):
        rollups.refresh(LOG[start::3], start)
    before = snapshot(client)
    rollups.rebuild([utc_date(START), utc_date(START + DAY)], 10)
    assert snapshot(client) == before


#: One session_id, whose platform counts its events anew every other day.
RENUMBERED = [watch(n, START + day * DAY + DAY - (10 - n) * MINUTE) for day in (0, 2) for n in range(10)]


@pytest.mark.parametrize("batches", [1, 2, 20 if LONG else 5])
def test_ids_that_come_back_two_days_later_are_other_events(client: Client, batches: int) -> None:
    rollups = Rollups(client)
    for start in range(batches):
        rollups.refresh(RENUMBERED[start::batches], start)
        rollups.refresh(RENUMBERED[start::batches], start)
    assert stored_parts(client) == expected(parts(RENUMBERED))
    rollups.rebuild([utc_date(START), utc_date(START + 2 * DAY)], 100)
    assert stored_parts(client) == expected(parts(RENUMBERED))


#: Forty students with ten events each on one day, and one of them with one more on the next.
CROWD = [
    watch(1000 + 10 * number + step, START + step * MINUTE, student=bytes([(37 * number) % 256, number] * 8))
    for number in range(40)
    for step in range(10)
]
CROWDED = [*CROWD, watch(999, START + DAY, student=CROWD[0].student_id, session=b"t" * 16)]


def test_a_rebuild_in_slices_leaves_nobody_out(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coursepulse.aggregates.rollups._EVENTS_PER_SLICE", 50)
    Rollups(client).refresh(CROWDED, 1)
    Rollups(client).rebuild([utc_date(START), utc_date(START + DAY)], 2)
    assert stored_parts(client) == expected(parts(CROWDED))
    assert stored_days(client, "student_course_days") == expected(course_days(CROWDED))


class Noting:
    """A client that notes how many rows each answer has, and what is removed."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.heights: list[int] = []
        self.removals: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def query_arrow(self, *args: Any, **options: Any) -> Any:
        answer = self._client.query_arrow(*args, **options)
        self.heights.append(answer.num_rows)
        return answer

    def command(self, statement: str, *args: Any, **options: Any) -> Any:
        if "DELETE" in statement:
            self.removals.append(statement)
        return self._client.command(statement, *args, **options)


def test_a_rebuild_of_a_quiet_day_beside_a_busy_one_reads_a_slice_at_a_time(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coursepulse.aggregates.rollups._EVENTS_PER_SLICE", 50)
    Rollups(client).refresh(CROWDED, 1)
    noting = Noting(client)
    Rollups(cast(Client, noting)).rebuild([utc_date(START + DAY)], 2)
    assert sum(noting.heights) == len(CROWDED)
    assert max(noting.heights) <= 50 + 11


def test_a_rebuild_of_many_days_goes_over_each_table_once(client: Client) -> None:
    Rollups(client).refresh(LOG, 1)
    noting = Noting(client)
    Rollups(cast(Client, noting)).rebuild([utc_date(START), utc_date(START + DAY)], 2)
    assert len(noting.removals) == len(set(noting.removals)) > 0


def test_a_rebuild_forgets_what_the_raw_events_no_longer_say(client: Client) -> None:
    rollups = Rollups(client)
    rollups.refresh(LOG, 1)
    client.command("DELETE FROM events WHERE session_id = {id:UUID}", parameters={"id": to_text(b"s" * 16)})
    rollups.rebuild([utc_date(START), utc_date(START + DAY)], 2)
    rest = OTHERS + FACTS
    assert stored_parts(client) == expected(parts(rest))
    assert stored_days(client, "student_days") == expected(course_days(rest))
    late = watch(90, START + 2 * HOUR, student=BOB, session=b"t" * 16)
    rollups.refresh([late], 3)
    assert stored_days(client, "student_days") == expected(course_days([*rest, late]))


def test_a_frozen_day_is_never_written_again(client: Client) -> None:
    rollups = Rollups(client)
    rollups.refresh(LOG, 1)
    frozen = utc_date(START)
    before = {row for row in stored_days(client, "student_course_days") if row[2] == frozen}
    rollups.freeze([frozen])
    rollups.refresh([watch(91, START + HOUR), watch(92, START + DAY + HOUR)], 2)
    rollups.rebuild([frozen], 3)
    assert before
    assert {row for row in stored_days(client, "student_course_days") if row[2] == frozen} == before


def test_a_batch_may_lie_on_a_hundred_days(client: Client) -> None:
    log = [watch(n, START + n * DAY, session=NIL, kind="lesson_start") for n in range(100)]
    Rollups(client).refresh(log, 1)
    assert stored_days(client, "student_course_days") == expected(course_days(log))


def test_an_event_tells_of_the_day_before_whose_last_visit_it_ends(client: Client) -> None:
    rollups = Rollups(client)
    midnight = START + DAY
    rollups.refresh([watch(1, midnight - MINUTE), watch(2, midnight + 2 * MINUTE)], 1)
    renewed = rollups.refresh([watch(3, midnight + 1)], 2)
    assert renewed.days == {utc_date(START), utc_date(midnight)}


def test_a_fact_without_a_session_tells_of_its_own_day_alone(client: Client) -> None:
    rollups = Rollups(client)
    rollups.refresh(FACTS, 1)
    renewed = rollups.refresh([watch(42, START + DAY + HOUR, session=NIL, kind="lesson_start")], 2)
    assert renewed.days == {utc_date(START + DAY)}


def test_platform_days_leave_staff_out(client: Client) -> None:
    rollups = Rollups(client)
    rollups.refresh(LOG, 1)
    client.insert("students", [(to_text(BOB), "UTC", True, False, 1, 0)])
    day = utc_date(START)
    rollups.refresh_platform([day, day + timedelta(days=1), date(2020, 1, 1)], 1)
    rows = client.query(
        "SELECT day, active_students, events FROM platform_days FINAL ORDER BY day"
    ).result_rows
    assert rows == [(day, 1, 11), (day + timedelta(days=1), 1, 11)]
