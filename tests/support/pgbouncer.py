"""A real PgBouncer for tests, which hands out one connection to the database by transaction."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from coursepulse.store.postgres.binaries import choose_account, run_as
from tests.support.server import wait_until

_SETTINGS = """\
[databases]
{database} = host={host} port={port} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 1
max_client_conn = 200
"""


def _program() -> str:
    """Where none can be had, the test is skipped, but never in CI."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "There is no pgbouncer: scripts/system.sh pooler installs it."
        )
    return found


@contextmanager
def pooler(dsn: str, folder: Path, *, more: str = "") -> Iterator[str]:
    """The address of a pooler before a database, to which it has one connection.

    :param dsn: of the database, with the login that all clients become
    :param more: further settings
    """
    program, parts = _program(), conninfo_to_dict(dsn)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        listen = probe.getsockname()[1]
    path = folder / "pgbouncer.ini"
    filled = _SETTINGS.format(
        database=parts["dbname"],
        host=parts["host"],
        port=parts.get("port", 5432),
        user=parts["user"],
        password=parts["password"],
        listen=listen,
    )
    path.write_text(filled + more)
    # It refuses to be root, and belongs to who may reach the socket of the database.
    account = choose_account(Path(str(parts["host"])))
    if os.geteuid() == 0:
        os.chown(path, account.uid, account.gid)
    url = f"postgresql://{parts['user']}@127.0.0.1:{listen}/{parts['dbname']}"
    process = subprocess.Popen([*run_as(account, folder), program, "-q", str(path)])
    try:
        wait_until(lambda: _answers(process, url), 20)
        yield url
    finally:
        process.terminate()
        process.wait()


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    assert process.poll() is None, "pgbouncer has ended"
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
