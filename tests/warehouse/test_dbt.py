"""The dbt package over a real export; ``make test-dbt`` installs dbt in an environment of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import duckdb
import pytest

from coursepulse.store.postgres.connect import open_pool
from coursepulse.warehouse.reference import write_sources
from coursepulse.warehouse.tables import TABLES
from tests.metrics.small_course import fill
from tests.support.campus_world import World
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server
from tests.warehouse.test_export import export, table

ROOT = Path(__file__).resolve().parents[2]
PACKAGE, DBT = ROOT / "deploy/dbt", ROOT / ".venv-dbt/bin/dbt"


def dbt(folder: Path, *words: str) -> str:
    """What dbt says; it writes beside the export and not into the package."""
    environ = os.environ | {
        "COURSEPULSE_WAREHOUSE_FILES": str(folder / "lake"),
        "COURSEPULSE_DBT_DATABASE": str(folder / "lake.duckdb"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    places = ["--project-dir", str(PACKAGE), "--profiles-dir", str(PACKAGE)]
    places += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    done = subprocess.run(
        [str(DBT), "--no-use-colors", *words, *places],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_sources_name_every_table_and_column() -> None:
    written = (PACKAGE / "models/sources.yml").read_text()
    assert written == write_sources(), "run make docs"
    for each in TABLES:
        assert all(f'"name": "{name}"' in written for name in [each.name, *each.names])


@pytest.mark.dbt
def test_models_are_built_and_their_tests_pass(
    clickhouse_url: str, postgres_server: Server, tmp_path: Path
) -> None:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, 0)
        fill(world)
        export(world, tmp_path / "lake")
    assert "Done. PASS=" in dbt(tmp_path, "parse") + dbt(tmp_path, "build")
    with duckdb.connect(str(tmp_path / "lake.duckdb")) as db:
        weeks = db.sql("SELECT sum(events), sum(time_s) FROM learner_weeks").fetchall()
        courses = db.sql("SELECT sum(events), sum(time_s) FROM course_weeks").fetchall()
    days = table(tmp_path / "lake", "learner_days")
    assert weeks == courses
    assert weeks[0][0] == days["events"].sum()


@pytest.mark.dbt
def test_a_row_that_is_there_twice_fails_the_build(
    clickhouse_url: str, postgres_server: Server, tmp_path: Path
) -> None:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, 0)
        fill(world)
        export(world, tmp_path / "lake")
    (courses,) = (tmp_path / "lake/courses").iterdir()
    with duckdb.connect() as db:
        rows = f"SELECT * FROM read_parquet('{courses}')"
        db.execute(f"COPY ({rows} UNION ALL {rows}) TO '{tmp_path}/twice.parquet'")
    (tmp_path / "twice.parquet").replace(courses)
    with pytest.raises(AssertionError, match="told_apart_by"):
        dbt(tmp_path, "build")
