"""What an erasure leaves in the write-ahead log of PostgreSQL, on a server that keeps used files for later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coursepulse.store.postgres.connect import Pool, migrate, open_pool
from coursepulse.store.postgres.embedded import SETTINGS, EmbeddedPostgres
from coursepulse.store.postgres.erasure import Sweep

NAME = "Zephyrine Quastel of the prepared files"


@pytest.fixture
def keeping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """A PostgreSQL as an administrator would have it."""
    monkeypatch.delitem(SETTINGS, "wal_recycle")
    server = EmbeddedPostgres(tmp_path / "postgres")
    with open_pool(server.start(), 4) as pool:
        migrate(pool)
        yield pool
    server.stop()


def files_with(folder: Path, text: str) -> list[str]:
    files = sorted((folder / "postgres" / "cluster" / "pg_wal").glob("0*"))
    return [file.name for file in files if text.encode() in file.read_bytes()]


def test_files_kept_for_later_are_written_over(keeping: Pool, tmp_path: Path) -> None:
    with keeping.connection() as connection:
        connection.execute("CREATE TABLE said (text text)")
        rows = "INSERT INTO said SELECT %s || repeat(md5(n::text), 9) FROM generate_series(1, 200000) AS n"
        connection.execute(rows, (NAME,))
        connection.execute("CHECKPOINT")
        current = connection.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone()
    assert current
    assert any(file > current[0] for file in files_with(tmp_path, NAME))
    lines = [line for lines in Sweep(keeping).run([]) for line in lines]
    assert [line.store for line in lines] == ["PostgreSQL files", "PostgreSQL write-ahead log"]
    assert files_with(tmp_path, NAME) == []
