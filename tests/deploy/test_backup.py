"""A base backup and the archive bring PostgreSQL back to a chosen moment, as docs/how-to/back-up-postgresql.md says."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from deploy.cluster import stores
from deploy.cluster.layout import ROOT, Layout
from tests.deploy.running import PATIENCE
from tests.deploy.test_replica_lag import answers
from tests.support.server import wait_until

pytestmark = pytest.mark.cluster

BASE = 25_070

PAGE = (ROOT / "docs/how-to/back-up-postgresql.md").read_text()


def settings_of_the_page(heading: str, **paths: Path) -> list[str]:
    """The lines for postgresql.conf below a heading, with this test's folders."""
    block = re.search(r"```text\n(.*?)```", PAGE.split(f"## {heading}\n")[1], re.DOTALL)
    assert block
    text = block[1].replace("/backup/wal", str(paths["archive"]))
    return [line for line in text.splitlines() if line and not line.startswith("recovery_target_time")]


@contextmanager
def serving(layout: Layout, folder: Path, *settings: str) -> Iterator[None]:
    options = [word for each in settings for word in ("-c", each)]
    program = stores.server(folder, layout.postgres)
    with subprocess.Popen([*program, *options], stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: answers(layout, layout.postgres), PATIENCE)
            yield
        finally:
            process.terminate()


def plain(line: str) -> str:
    """A line of postgresql.conf as an option of the command line."""
    name, _, value = line.partition("=")
    return f"{name.strip()}={value.strip().strip(chr(39))}"


def test_postgresql_goes_back_to_a_moment(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "stores", BASE, BASE, frozenset())
    layout.data.mkdir(mode=0o711)
    stores.prepare(layout)
    folder, archive, backup = (layout.data / each for each in ("postgres", "wal", "base"))
    for each in (archive, backup):
        each.mkdir(mode=0o700)
        stores.own(each)
    archiving = [plain(each) for each in settings_of_the_page("Archive the write-ahead log", archive=archive)]
    with serving(layout, folder, *archiving):
        with psycopg.connect(layout.dsn("owner", database="postgres"), autocommit=True) as connection:
            connection.execute("CREATE TABLE kept (what text)")
            connection.execute("INSERT INTO kept VALUES ('before the backup')")
            stores.run_tool(
                folder,
                "pg_basebackup",
                "-D",
                str(backup),
                "-d",
                layout.dsn("owner", database="postgres"),
                "-X",
                "none",
                "--checkpoint=fast",
            )
            connection.execute("INSERT INTO kept VALUES ('after the backup')")
            moment = connection.execute("SELECT clock_timestamp()::text").fetchone()
            assert moment
            connection.execute("SELECT pg_sleep(0.1)")
            connection.execute("DELETE FROM kept")
            last = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
            assert last
        wait_until((archive / str(last[0])).exists)
    (backup / "recovery.signal").touch()
    stores.own(backup / "recovery.signal")
    restoring = [plain(each) for each in settings_of_the_page("Go back to a moment", archive=archive)]
    with (
        serving(layout, backup, *restoring, f"recovery_target_time={moment[0]}"),
        psycopg.connect(layout.dsn("owner", database="postgres"), autocommit=True) as connection,
    ):
        wait_until(lambda: connection.execute("SELECT NOT pg_is_in_recovery()").fetchone() == (True,))
        rows = connection.execute("SELECT what FROM kept ORDER BY what").fetchall()
    assert rows == [("after the backup",), ("before the backup",)]
