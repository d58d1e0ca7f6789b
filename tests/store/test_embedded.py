from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from coursepulse.kit.errors import SettingError
from coursepulse.store.postgres.embedded import EmbeddedPostgres

SOURCE = Path(__file__).parents[2] / "src"

#: A server that says where it is and then waits to be killed.
HOST = """
import sys, time
from pathlib import Path
from coursepulse.store.postgres.embedded import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1]))
print(postgres.start(), flush=True)
if sys.argv[2] == "wait":
    time.sleep(60)
postgres.stop()
"""


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "postgres")
    yield server
    server.stop()


def ask(dsn: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


def ask_patiently(dsn: str, query: str) -> list[tuple[object, ...]]:
    deadline = time.monotonic() + 30
    while True:
        try:
            return ask(dsn, query)
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.02)


def run_host(folder: Path, then: str, *prefix: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", HOST, str(folder), then],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )  # fmt: skip


def test_it_is_postgresql_16_in_utf8_behind_a_password(postgres: EmbeddedPostgres) -> None:
    dsn = postgres.start()
    assert ask(dsn, "SELECT current_setting('server_version_num')::int / 10000") == [(16,)]
    assert ask(dsn, "SELECT current_database(), current_setting('server_encoding')") == [
        ("coursepulse", "UTF8")
    ]
    assert ask(dsn, "SELECT current_setting('listen_addresses')") == [("",)]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(dsn.replace(":", ":x", 2).replace(":x//", "://", 1))


def test_what_was_stored_is_there_after_a_stop(postgres: EmbeddedPostgres) -> None:
    ask(postgres.start(), "CREATE TABLE kept AS SELECT 7 AS number")
    assert postgres.start() == postgres.start()
    postgres.stop()
    postgres.stop()
    assert ask(postgres.start(), "SELECT number FROM kept") == [(7,)]


def test_it_comes_back_after_kill_9(postgres: EmbeddedPostgres) -> None:
    dsn = postgres.start()
    ask(dsn, "CREATE TABLE kept AS SELECT 7 AS number")
    assert postgres.pid
    os.kill(postgres.pid, signal.SIGKILL)
    time.sleep(0.02)
    assert ask_patiently(dsn, "SELECT number FROM kept") == [(7,)]


def test_a_folder_belongs_to_one_process(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    dsn = postgres.start()
    with pytest.raises(SettingError, match=f"in use by a running coursepulse .process {os.getpid()}"):
        EmbeddedPostgres(tmp_path / "postgres").start()
    assert ask(dsn, "SELECT 1") == [(1,)]


def test_a_restart_right_after_kill_9_of_ourselves(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    host = run_host(tmp_path / "postgres", "wait")
    with host:
        assert host.stdout
        ask(host.stdout.readline().strip(), "CREATE TABLE kept AS SELECT 7 AS number")
        host.kill()
    assert ask(postgres.start(), "SELECT number FROM kept") == [(7,)]


def test_a_pid_file_that_names_a_zombie_is_no_obstacle(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    postgres.start()
    postgres.stop()
    cluster = tmp_path / "postgres" / "cluster"
    with subprocess.Popen(["/bin/true"], user=cluster.stat().st_uid) as zombie:
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        (cluster / "postmaster.pid").write_text(f"{zombie.pid}\n")
        assert ask(postgres.start(patience=10), "SELECT 1") == [(1,)]


def test_a_setup_that_was_cut_off_is_begun_again(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    (tmp_path / "postgres" / "cluster.new" / "base").mkdir(parents=True)
    (tmp_path / "postgres" / "password").write_text("old")
    assert ask(postgres.start(), "SELECT 1") == [(1,)]


def test_a_path_too_long_for_a_socket(tmp_path: Path) -> None:
    postgres = EmbeddedPostgres(tmp_path / ("long" * 25) / "postgres")
    dsn = postgres.start()
    socket = Path(str(psycopg.conninfo.conninfo_to_dict(dsn)["host"]))
    assert ask(dsn, "SELECT 1") == [(1,)]
    assert socket.stat().st_mode & 0o777 == 0o700
    postgres.stop()
    assert not socket.exists()


def test_secrets_are_for_the_owner_only(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    postgres.start()
    assert (tmp_path / "postgres").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "postgres" / "password").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become somebody else; otherwise every test here is one"
)
def test_as_an_ordinary_user() -> None:
    nobody = pwd.getpwnam("nobody")
    folder = Path("/tmp") / f"coursepulse-test-{os.getpid()}"  # noqa: S108 - pytest's own folder is closed to others
    folder.mkdir(mode=0o700)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    identity = [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    # Python may live where nobody can look; the right to pass through goes no further than Python itself.
    rights = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    try:
        said, complaint = run_host(folder / "postgres", "stop", "setpriv", *identity, *rights).communicate(
            timeout=60
        )
        assert said.startswith("postgresql://"), complaint
        assert (folder / "postgres" / "cluster" / "PG_VERSION").stat().st_uid == nobody.pw_uid
    finally:
        shutil.rmtree(folder)
