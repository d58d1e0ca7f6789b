"""What stands in the files is what the metrics say, of those who agreed, after whatever happens to a day."""

from __future__ import annotations

import hashlib
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from coursepulse.kit.clock import DAY, utc_date
from coursepulse.kit.ids import to_text
from coursepulse.privacy.erasable import DataSubject, ErasureMode
from coursepulse.store.clickhouse.erasure import ClickhouseErasure
from coursepulse.store.postgres.connect import open_pool
from coursepulse.warehouse.export import ExportOutcome, WarehouseExport, list_parts
from coursepulse.warehouse.keys import WarehouseKeys
from coursepulse.warehouse.manifest import MANIFEST, DamagedManifest, WarehouseManifest, read_manifest
from coursepulse.warehouse.parquet import schema_of
from coursepulse.warehouse.source import WarehouseSource
from coursepulse.warehouse.tables import TABLES, Kind
from coursepulse.warehouse.target import FolderTarget
from tests.metrics.rollup_rows import empty_tables
from tests.metrics.small_course import ANN, BEN, COURSE, NOW, SAM, events, fill
from tests.support.campus_world import World
from tests.support.clickhouse import migrated_database
from tests.support.long import LONG
from tests.support.postgres import Server

KEYS = WarehouseKeys(b"the secret of the tests")
END = NOW.date()

#: Whether a test has changed the stores since they were filled.
spoiled = {"stores"}


class Borrowed:
    """The client of the test, which the export may not close."""

    def __init__(self, world: World) -> None:
        self._client = world.clickhouse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def close(self) -> None:
        """It is not its own."""


@pytest.fixture(scope="module")
def stores(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        yield World(client, pool, 0)


@pytest.fixture
def world(stores: World) -> World:
    """The small course anew, for tests that change it."""
    spoiled.add("stores")
    return begin(stores)


@pytest.fixture
def still(stores: World) -> World:
    """The small course, for tests that only read it."""
    if spoiled:
        begin(stores)
        spoiled.clear()
    return stores


def begin(stores: World) -> World:
    empty_tables(stores.clickhouse)
    stores.clickhouse.command("TRUNCATE TABLE not_agreed")
    with stores.pool.connection() as connection:
        for name in ("people", "teams", "courses"):
            connection.execute(f"TRUNCATE TABLE {name} CASCADE")
    fill(stores)
    return stores


def export(
    world: World, folder: Path, days: tuple[date, ...] = (), keys: WarehouseKeys = KEYS
) -> ExportOutcome:
    source = WarehouseSource(lambda: Borrowed(world), world.pool)  # type: ignore[arg-type, return-value]
    return WarehouseExport(source, FolderTarget(folder), keys, lambda: world.now).run(days)


def manifest(folder: Path) -> WarehouseManifest:
    return read_manifest((folder / MANIFEST).read_bytes())


def table(folder: Path, name: str) -> pl.DataFrame:
    """The rows of a table as Polars reads them, by the manifest."""
    return pl.concat(
        [pl.read_parquet(folder / each.path) for each in manifest(folder).files if each.table == name]
    )


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """The answer of DuckDB, which finds the files by the manifest too."""
    with duckdb.connect() as db:
        for each in TABLES:
            files = [str(folder / file.path) for file in manifest(folder).files if file.table == each.name]
            if files:
                db.execute(f"CREATE VIEW {each.name} AS SELECT * FROM read_parquet({files})")
        return db.sql(query).fetchall()


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_totals_are_those_of_the_metrics(still: World, tmp_path: Path) -> None:
    export(still, tmp_path, (END,))
    period: dict[str, Any] = {"start": END - timedelta(days=20), "end": END + timedelta(days=1)}
    (asked,) = still.ask("platform_summary", **period)
    events_, time = ask(
        tmp_path, "SELECT sum(events), sum(time_video_s + time_quiz_s + time_reading_s) FROM learner_days"
    )[0]
    assert (events_, time) == (asked["events"], pytest.approx(asked["time_spent"]))
    assert ask(tmp_path, "SELECT count(*) FROM events") == [(asked["events"],)]
    assert ask(tmp_path, "SELECT sum(events), sum(active_learners) FROM course_days") == [
        (asked["events"], table(tmp_path, "learner_days").filter(pl.col("learning_events") > 0).height)
    ]
    learners = {row["student_id"]: row for row in still.ask("course_students", course=COURSE, **period)}
    found = table(tmp_path, "enrolments")
    for student in (ANN, BEN):
        (row,) = found.filter(learner=KEYS.of(student, Kind.LEARNER)).iter_rows(named=True)
        asked = learners[still.uuid(student)]
        assert row["score_pct"] == pytest.approx(asked["score_pct"])
        assert row["time_s"] == pytest.approx(asked["time_spent"])
        assert row["completion_pct"] == pytest.approx(asked["completion_pct"])


def test_files_have_the_declared_columns_and_the_manifest_says_what_they_are(
    still: World, tmp_path: Path
) -> None:
    export(still, tmp_path)
    for each in TABLES:
        for file in (file for file in manifest(tmp_path).files if file.table == each.name):
            path = tmp_path / file.path
            frame = pl.read_parquet(path, hive_partitioning=False)
            assert frame.columns == schema_of(each).names
            assert (frame.height, path.stat().st_size) == (file.rows, file.bytes)
            assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
            assert frame.select(each.key).is_duplicated().sum() == 0
            assert frame.equals(frame.sort(each.order))
            needed = [column.name for column in each.columns if column.needed]
            assert frame.select(needed).null_count().sum_horizontal().sum() == 0
    assert {file.table for file in manifest(tmp_path).files} == {each.name for each in TABLES}


def test_nobody_is_named_and_no_id_is_the_products_own(world: World, tmp_path: Path) -> None:
    world.clickhouse.command("ALTER TABLE events UPDATE thread_id = 'Ann Smith' WHERE true")
    export(world, tmp_path)
    held = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    everything = "".join(str(row) for each in TABLES for row in table(tmp_path, each.name).iter_rows())
    assert b"Ann Smith" not in held
    assert "Ann Smith" not in everything
    for student in (ANN, BEN, SAM):
        assert student not in held
        assert to_text(student) not in everything
        assert student.hex() not in everything
    assert KEYS.of(ANN, Kind.LEARNER) in everything


def test_only_students_who_agree_and_no_test_accounts(world: World, tmp_path: Path) -> None:
    export(world, tmp_path)
    first = {KEYS.of(student, Kind.LEARNER) for student in (BEN,)}
    assert first <= set(table(tmp_path, "events")["learner"])
    assert KEYS.of(SAM, Kind.LEARNER) not in set(table(tmp_path, "enrolments")["learner"])
    world.clickhouse.insert("not_agreed", [(to_text(BEN), 1, 0)])
    export(world, tmp_path)
    for name in ("events", "learner_days", "results", "enrolments"):
        assert not first & set(table(tmp_path, name)["learner"])
    assert ask(tmp_path, "SELECT sum(events) FROM learner_days") == ask(
        tmp_path, "SELECT sum(events) FROM course_days"
    )
    # One who agrees again is back, with everything.
    world.clickhouse.insert("not_agreed", [(to_text(BEN), 2, 1)])
    export(world, tmp_path)
    assert first <= set(table(tmp_path, "results")["learner"])


def test_twice_gives_the_same_files_and_writes_nothing(still: World, tmp_path: Path) -> None:
    one = export(still, tmp_path / "a")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "a").rglob("*")}
    again = export(still, tmp_path / "a")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "a").rglob("*")} == before
    assert (again.number, again.written, again.removed) == (one.number, 0, 0)
    assert "Nothing has changed" in again.sentence()
    export(still, tmp_path / "b")
    assert contents(tmp_path / "b") == contents(tmp_path / "a")


def test_only_days_that_changed_are_written(world: World, tmp_path: Path) -> None:
    export(world, tmp_path)
    before = manifest(tmp_path).paths()
    world.take_in(events([("ben", "03-05 15:00:00", "b9", "lesson_start", {"lesson_id": "l2"})]))
    export(world, tmp_path)
    new = {
        path.partition("=")[2].partition("/")[0]
        for path in manifest(tmp_path).paths() - before
        if "=" in path
    }
    assert new == {"2026-03-05", "2026-03"}
    assert table(tmp_path, "events").filter(event_type="lesson_start", lesson_id="l2").height == 1


def test_an_erased_student_is_in_no_file_of_any_day(world: World, tmp_path: Path) -> None:
    export(world, tmp_path)
    old = manifest(tmp_path).paths()
    hidden = KEYS.of(ANN, Kind.LEARNER)
    for name in ("events", "student_course_days", "student_days", "active_days", "learner_courses"):
        world.clickhouse.command(f"DELETE FROM {name} WHERE student_id = '{to_text(ANN)}'")
    export(world, tmp_path)
    everything = "".join(str(row) for each in TABLES for row in table(tmp_path, each.name).iter_rows())
    assert hidden not in everything
    # The files that had rows of the student are gone, and not only out of the manifest.
    left = {path for path in old if (tmp_path / path).exists()}
    assert left <= manifest(tmp_path).paths()
    assert all(hidden not in str(pl.read_parquet(path).rows()) for path in tmp_path.rglob("*.parquet"))


def test_an_anonymised_student_leaves_too_as_times_of_events_would_tell_who_it_was(
    world: World, tmp_path: Path
) -> None:
    export(world, tmp_path)
    replacement = bytes(range(16))
    who = DataSubject(student=ANN, replacement=replacement, salt="salt")
    ClickhouseErasure(world.clickhouse).erase(who, ErasureMode.ANONYMISE)
    # The product's own totals keep the rows.
    rows = world.clickhouse.query(f"SELECT count() FROM events WHERE student_id = '{to_text(replacement)}'")
    assert rows.result_rows[0][0] > 0
    export(world, tmp_path)
    hidden = {KEYS.of(student, Kind.LEARNER) for student in (ANN, replacement)}
    for name in ("events", "learner_days", "results", "enrolments"):
        assert not hidden & set(table(tmp_path, name)["learner"])
    assert ask(tmp_path, "SELECT sum(events) FROM learner_days") == ask(
        tmp_path, "SELECT sum(events) FROM course_days"
    )


def test_what_an_event_does_not_say_is_null(world: World, tmp_path: Path) -> None:
    paid = {"amount": 12.5, "currency": "EUR", "course_id": COURSE}
    world.take_in(events([("ben", "03-05 15:00:00", "", "payment_completed", paid)]))
    export(world, tmp_path)
    found = ask(
        tmp_path,
        "SELECT event_type, bool_and(attempt IS NULL), bool_and(amount IS NULL), any_value(amount)::text"
        " FROM events WHERE event_type IN ('lesson_start', 'quiz_answer', 'payment_completed') GROUP BY 1 ORDER BY 1",
    )
    assert found == [
        ("lesson_start", True, True, None),
        ("payment_completed", True, False, "12.5000"),
        ("quiz_answer", False, True, None),
    ]


def test_a_day_whose_raw_events_are_gone_leaves_and_its_rollups_stay(world: World, tmp_path: Path) -> None:
    export(world, tmp_path)
    world.clickhouse.command("ALTER TABLE events DROP PARTITION '2026-03-02'")
    export(world, tmp_path)
    parts = {(file.table, file.part) for file in manifest(tmp_path).files}
    assert ("events", "2026-03-02") not in parts
    assert ("learner_days", "2026-03-02") in parts


def test_today_is_exported_only_on_request_and_then_kept_up_to_date(still: World, tmp_path: Path) -> None:
    assert export(still, tmp_path).through == END - timedelta(days=1)
    assert END not in set(table(tmp_path, "learner_days")["day"])
    assert export(still, tmp_path, (END,)).through == END
    assert END in set(table(tmp_path, "learner_days")["day"])
    assert export(still, tmp_path).through == END


def test_a_day_that_is_asked_for_is_written_anew(still: World, tmp_path: Path) -> None:
    export(still, tmp_path)
    (file,) = [
        file for file in manifest(tmp_path).files if (file.table, file.part) == ("events", "2026-03-03")
    ]
    (tmp_path / file.path).write_bytes(b"damaged")
    export(still, tmp_path, (date(2026, 3, 3),))
    assert hashlib.sha256((tmp_path / file.path).read_bytes()).hexdigest() == file.sha256


def test_another_secret_writes_everything_anew(still: World, tmp_path: Path) -> None:
    export(still, tmp_path)
    before = manifest(tmp_path)
    export(still, tmp_path, keys=WarehouseKeys(b"another secret of the tests"))
    assert manifest(tmp_path).keys != before.keys
    learners = [file.path for file in before.files if file.table in ("events", "learner_days", "enrolments")]
    assert not set(learners) & manifest(tmp_path).paths()


def test_a_damaged_manifest_is_told_and_nothing_is_removed(still: World, tmp_path: Path) -> None:
    export(still, tmp_path)
    (tmp_path / MANIFEST).write_text("{")
    before = contents(tmp_path)
    with pytest.raises(DamagedManifest, match="Remove it"):
        export(still, tmp_path)
    assert contents(tmp_path) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from coursepulse.warehouse.target import FolderTarget

class Killed(FolderTarget):
    left = int(sys.argv[2])
    def _count(self):
        Killed.left -= 1
        if Killed.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    def put(self, path, file):
        self._count()
        super().put(path, file)
    def remove(self, paths):
        for path in sorted(paths):
            self._count()
            super().remove([path])

from coursepulse.warehouse import export
import pickle
prints, frames, now = pickle.loads(Path(sys.argv[3]).read_bytes())

class Source:
    def prints(self, end): return prints
    def frames(self, table, span): return frames[table.name, span]
    def close(self): pass

from coursepulse.warehouse.keys import WarehouseKeys
keys = WarehouseKeys(b"the secret of the tests")
export.WarehouseExport(Source(), Killed(Path(sys.argv[1])), keys, lambda: now).run()
"""


@pytest.mark.long
def test_an_export_that_is_killed_leaves_the_old_version_or_the_new_one(world: World, tmp_path: Path) -> None:
    folder, spare = tmp_path / "warehouse", tmp_path / "new"
    export(world, folder)
    old = contents(folder)
    world.take_in(events([("ben", "03-05 15:00:00", "b9", "lesson_start", {"lesson_id": "l2"})]))
    export(world, spare)
    new = manifest(spare)
    given = tmp_path / "given"
    given.write_bytes(record(world))
    seen = set()
    for steps in range(20) if LONG else (0, 4, 6, 8, 20):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(folder), str(steps), str(given)], check=False
        )
        now = manifest(folder)
        seen.add(now.number)
        assert now.paths() <= contents(folder).keys()
        if now.number == 1:
            assert {path: old[path] for path in now.paths()} == {
                path: contents(folder)[path] for path in now.paths()
            }
        else:
            assert [file.sha256 for file in now.files] == [file.sha256 for file in new.files]
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    assert seen == {1, 2}
    assert contents(folder).keys() == {*new.paths(), MANIFEST}


def record(world: World) -> bytes:
    """What the source answers, for a process that has no database."""
    source = WarehouseSource(lambda: Borrowed(world), world.pool)  # type: ignore[arg-type, return-value]
    prints = source.prints(utc_date(world.now))
    parts = list(list_parts(prints, utc_date(world.now), (), KEYS.check))
    frames = {(part.table.name, part.span): list(source.frames(part.table, part.span)) for part in parts}
    return pickle.dumps((prints, frames, world.now))


def test_a_busy_day_is_read_hour_by_hour_and_gives_the_same_file(
    still: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(still, tmp_path / "a")
    monkeypatch.setattr("coursepulse.warehouse.source._EVENTS", 3)
    export(still, tmp_path / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_a_new_day_moves_on(still: World, tmp_path: Path) -> None:
    export(still, tmp_path)
    still.now += DAY
    after = export(still, tmp_path)
    still.now -= DAY
    assert (after.number, after.through) == (2, END)
    kept = {file.path for file in manifest(tmp_path).files if file.table == "enrolments"}
    assert {f"enrolments/{path.name}" for path in (tmp_path / "enrolments").iterdir()} == kept
