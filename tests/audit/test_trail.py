"""The trail in a real PostgreSQL: what goes in stays, and what is done to it is found."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from coursepulse.audit.chain import PRUNED, derive_key
from coursepulse.audit.entry import AuditEntry
from coursepulse.audit.port import Search
from coursepulse.kit.clock import DAY, system_clock
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.store.anchor import AnchorFile
from coursepulse.store.postgres.connect import APP, SERVICE, Pool, open_pool
from coursepulse.store.postgres.trail import PostgresTrail

KEY = derive_key(b"a secret of the tests")
NOW = system_clock()
ANN = "0b9d2c1e-6f53-4a0e-9d6a-5a2f4a3f7c10"


def entry(number: int = 0, **fields: object) -> AuditEntry:
    values: dict[str, object] = {"at": NOW + number, "actor": "account:1", "role": "admin", "tag": "a:b:c"}
    return AuditEntry(**(values | {"detail": str(number)} | fields))  # type: ignore[arg-type]


@pytest.fixture
def service(postgres_dsn: str) -> Iterator[Pool]:
    with open_pool(postgres_dsn, size=4, role=SERVICE) as pool:
        yield pool


@pytest.fixture
def trail(service: Pool, tmp_path: Path) -> Iterator[PostgresTrail]:
    trail = PostgresTrail(service, KEY, AnchorFile(tmp_path / "audit.head"))
    yield trail
    trail.close()


def as_owner(dsn: str, *statements: str) -> None:
    """What an administrator of the database can do: also switch the triggers off."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement.encode())


def test_entries_of_many_threads_and_writers_form_one_chain(
    trail: PostgresTrail, service: Pool, tmp_path: Path
) -> None:
    other = PostgresTrail(service, KEY, AnchorFile(tmp_path / "other.head"))
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: (trail if n % 2 else other).write(entry(n)), range(200)))
    other.close()
    assert trail.verify()[:1] + trail.verify()[2:] == (200, None, "")
    assert {link.entry.detail for link in trail.stream(Search())} == {str(n) for n in range(200)}


def test_an_entry_comes_back_as_it_was_written(trail: PostgresTrail) -> None:
    odd = entry(purpose="sé\x00 \ud800'\"", request_id="r", address="192.0.2.0/24", subject="s")
    trail.write(odd)
    kept = trail.find(Search(), 1)[0].entry
    assert (kept.at, kept.purpose, kept.address, kept.subject) == (odd.at, "sé\ufffd ?'\"", odd.address, "s")
    assert trail.verify().broken is None


def test_the_trail_names_nobody_by_pseudonym(trail: PostgresTrail, postgres_dsn: str) -> None:
    trail.write(entry(subject=ANN, actor=f"embed:{ANN}", purpose=f"about {ANN}", detail=f"x={ANN}"))
    trail.write(entry(subject=ANN))
    trail.write(entry(subject=f"account:{ANN}"))
    with psycopg.connect(postgres_dsn) as connection:
        told = connection.execute(
            "SELECT concat(actor, subject, purpose, detail) FROM audit_trail"
        ).fetchall()
    assert [ANN in text for (text,) in told] == [False, False, True]
    found = trail.find(Search(subject=ANN), 9)
    assert len(found) == len(trail.accesses(ANN, [], 9)) == 2
    # What the trail shows can be searched for too.
    assert len(trail.find(Search(subject=found[0].entry.subject), 9)) == 2


TAMPERING = [
    ("UPDATE audit_trail SET subject = 'somebody else' WHERE number = 3", 3),
    ("UPDATE audit_trail SET at = at + interval '1 microsecond' WHERE number = 2", 2),
    ("DELETE FROM audit_trail WHERE number = 4", 4),
    ("DELETE FROM audit_trail WHERE number <= 2", 1),
    ("DELETE FROM audit_trail WHERE number >= 4", 4),
    ("UPDATE audit_trail SET actor = 'x' WHERE number >= 2", 2),
    ("TRUNCATE audit_trail", 1),
    (
        "INSERT INTO audit_trail SELECT 6, at, actor, role, tag, subject, purpose, request_id, address, detail, hash"
        " FROM audit_trail WHERE number = 5",
        6,
    ),
    (
        "UPDATE audit_trail SET number = number + 100 WHERE number >= 3; UPDATE audit_trail SET number = 3"
        " WHERE number = 104; UPDATE audit_trail SET number = 4 WHERE number = 103;"
        " UPDATE audit_trail SET number = 5 WHERE number = 105",
        3,
    ),
]


@pytest.mark.parametrize(("statement", "broken"), TAMPERING)
def test_tampering_by_the_owner_is_found_and_named(
    trail: PostgresTrail, postgres_dsn: str, statement: str, broken: int
) -> None:
    for number in range(5):
        trail.write(entry(number))
    trail.drop_anchor()
    as_owner(postgres_dsn, *statement.split(";"))
    assert trail.verify().broken == broken


def test_a_cut_off_tail_is_found_after_more_was_written_and_anchored(
    trail: PostgresTrail, postgres_dsn: str
) -> None:
    for number in range(5):
        trail.write(entry(number))
    trail.drop_anchor()
    as_owner(postgres_dsn, "DELETE FROM audit_trail WHERE number > 3")
    for number in range(5):
        trail.write(entry(number, purpose="later"))
    trail.drop_anchor()
    assert trail.anchored() is not None
    assert trail.verify().broken == 5


@pytest.mark.parametrize("role", [APP, SERVICE])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_trail SET actor = ''",
        "DELETE FROM audit_trail",
        "TRUNCATE audit_trail",
        "SELECT set_config('coursepulse.audit_pruning', 'on', false); DELETE FROM audit_trail",
        "ALTER TABLE audit_trail DISABLE TRIGGER USER",
        "DROP TABLE audit_trail",
        "SELECT prune_audit_trail(1)",
    ],
)
def test_no_role_of_the_application_may_change_the_past(
    trail: PostgresTrail, postgres_dsn: str, role: str, statement: str
) -> None:
    trail.write(entry())
    with (
        open_pool(postgres_dsn, size=1, role=role) as pool,
        pool.connection() as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())
    assert trail.verify().checked == 1


@pytest.mark.parametrize("statement", ["UPDATE audit_trail SET actor = ''", "TRUNCATE audit_trail"])
def test_a_slip_of_the_owner_is_refused(trail: PostgresTrail, pool: Pool, statement: str) -> None:
    trail.write(entry())
    with pool.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_pruning_leaves_a_chain_that_verifies(trail: PostgresTrail) -> None:
    for age in (3000, 2900, 2800, 10):
        trail.write(entry(at=NOW - age * DAY))
    trail.drop_anchor()
    assert trail.prune(NOW - 2557 * DAY, NOW) == 3
    assert trail.prune(NOW - 2557 * DAY, NOW) == 0
    assert trail.verify().checked == 2
    note = trail.find(Search(tag=PRUNED), 1)[0].entry
    assert note.detail.startswith("through 3 ")


def test_what_is_younger_than_a_year_cannot_be_pruned(trail: PostgresTrail) -> None:
    trail.write(entry())
    with pytest.raises(StoreUnavailable, match="a year"):
        trail.prune(NOW + DAY, NOW)
    assert trail.verify().checked == 1


def test_pruning_twice_over_the_years_still_verifies(trail: PostgresTrail) -> None:
    for age in (5000, 4000, 3000, 10):
        trail.write(entry(at=NOW - age * DAY))
    assert trail.prune(NOW - 4500 * DAY, NOW - 1000 * DAY) == 1
    assert trail.prune(NOW - 2000 * DAY, NOW) == 2
    trail.drop_anchor()
    assert trail.verify().broken is None


def test_search_narrows_by_everything(trail: PostgresTrail) -> None:
    trail.write(entry(1, actor="account:7", subject=ANN, tag="metrics:student:read", purpose="Tutoring 100%"))
    trail.write(entry(2, actor="account:8", subject="course-2", tag="metrics:course:read", detail="lists"))
    found = {
        "actor": trail.find(Search(actor="account:7"), 9),
        "subject": trail.find(Search(subject=ANN), 9),
        "tag": trail.find(Search(tag="metrics:student"), 9),
        "text": trail.find(Search(text="tutoring 100%"), 9),
        "end": trail.find(Search(end=NOW + 2), 9),
        "after": trail.find(Search(after=2), 9),
        "accesses": trail.accesses(ANN, [], 9),
        "stream": list(trail.stream(Search(text="TUTOR"))),
    }
    assert {name: [link.number for link in links] for name, links in found.items()} == {
        name: [1] for name in found
    }
    assert [link.number for link in trail.find(Search(start=NOW + 2), 9)] == [2]
    assert [link.number for link in trail.find(Search(), 9)] == [2, 1]


def _write_forever(dsn: str, folder: str) -> None:
    with open_pool(dsn, size=2, role=SERVICE) as pool:
        trail = PostgresTrail(pool, KEY, AnchorFile(Path(folder) / "killed.head"))
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda n: trail.write(entry(n)), range(100_000)))


def test_a_kill_during_writes_leaves_a_chain_that_verifies(
    trail: PostgresTrail, postgres_dsn: str, tmp_path: Path
) -> None:
    spawn = multiprocessing.get_context("spawn")
    for _ in range(2):
        before = trail.verify().checked
        writer = spawn.Process(target=_write_forever, args=(postgres_dsn, str(tmp_path)))
        writer.start()
        deadline = time.monotonic() + 30
        while trail.verify().checked < before + 50:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        writer.kill()
        writer.join()
        assert writer.exitcode == -signal.SIGKILL
        trail.write(entry())
        verdict = trail.verify()
        assert verdict.broken is None
        assert verdict.checked > before + 50


def test_without_a_database_nothing_is_written(tmp_path: Path, service: Pool) -> None:
    trail = PostgresTrail(service, KEY, AnchorFile(tmp_path / "audit.head"))
    service.close()
    with pytest.raises(StoreUnavailable, match="audit trail"):
        trail.write(entry())


def test_exports_that_nobody_takes_hold_nothing(
    postgres_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight downloads that stopped in the middle once held every connection of the pages."""
    monkeypatch.setattr("coursepulse.store.postgres.trail._PAGE", 3)
    with open_pool(postgres_dsn, size=1, role=SERVICE) as pool:
        trail = PostgresTrail(pool, KEY, AnchorFile(tmp_path / "audit.head"))
        for number in range(10):
            trail.write(entry(number))
        stalled = [trail.stream(Search(tag="a:")) for _ in range(8)]
        assert [next(each).entry.detail for each in stalled] == ["0"] * 8
        trail.write(entry(10))
        assert len(trail.find(Search(), 100)) == 11
        assert [link.entry.detail for link in stalled[0]] == [str(number) for number in range(1, 10)]
        trail.close()


def test_walks_go_one_by_one_and_leave_a_connection_to_exports(
    service: Pool, trail: PostgresTrail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coursepulse.store.postgres.trail._WALKING", 0.01)
    trail.write(entry())
    with trail._walk_alone():
        with pytest.raises(StoreUnavailable, match="is being verified"):
            trail.verify()
        assert len(list(trail.stream(Search()))) == 1
    assert trail.verify().broken is None
