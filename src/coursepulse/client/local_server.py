"""Finding a server for a command, or starting one for as long as the command needs it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from coursepulse.kit.errors import SettingError
from coursepulse.kit.folders import usable
from coursepulse.kit.settings import Settings, to_environ
from coursepulse.store.presence import Address, find

#: Seconds for PostgreSQL, ClickHouse and the migrations on a slow machine.
START_LIMIT = 90.0


class Server(NamedTuple):
    """A running server, and the key for commands on the same machine."""

    url: str
    key: str


@contextmanager
def found_or_started(settings: Settings) -> Iterator[Server]:
    """The running server of the data directory, or a new one until the block ends."""
    there = find_answering(settings.data)
    if there is not None:
        yield Server(there.url, local_key(settings.data))
    else:
        with started(settings) as server:
            yield server


def find_answering(data: Path) -> Address | None:
    """The running server of a data directory, once it is known whether it stays.

    One that is ending listens no more, and holds the directory until its stores are closed.
    """
    deadline = time.monotonic() + START_LIMIT
    while (there := find(data)) is not None and not listens(there.url) and time.monotonic() < deadline:
        time.sleep(0.1)
    return there


def listens(url: str) -> bool:
    """Whether anything takes connections there."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=2).close()
    except OSError:
        return False
    return True


@contextmanager
def started(settings: Settings, *options: str) -> Iterator[Server]:
    """A server in its own process on a free port, stopped when the block ends."""
    process = launch(settings, "--port", "0", *options)
    try:
        yield wait_for(process, settings)
    finally:
        process.terminate()
        process.wait()


def launch(settings: Settings, *options: str) -> subprocess.Popen[bytes]:
    """Start ``coursepulse serve`` as a child that ends with this process.

    :raises SettingError: when the data directory cannot be written
    """
    with usable(settings.data):
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        appending = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        output = os.fdopen(os.open(settings.data / "server.log", appending, 0o600), "ab")
    with output:
        return subprocess.Popen(
            [
                "/usr/bin/setpriv",
                "--pdeathsig",
                "TERM",
                sys.executable,
                "-m",
                "coursepulse",
                "serve",
                "--data",
                str(settings.data),
                *options,
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            umask=0o077,
            env=os.environ | to_environ(settings),
        )


def wait_for(process: subprocess.Popen[bytes], settings: Settings) -> Server:
    """The server of ``process`` once it answers.

    :raises SettingError: with the server's last line, when it ends or takes too long
    """
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and process.poll() is None:
        there = find(settings.data)
        if there is not None and there.pid == process.pid:
            return Server(there.url, local_key(settings.data))
        time.sleep(0.05)
    raise SettingError(f"The server did not start: {_last_line(settings.data / 'server.log')}")


def local_key(data: Path) -> str:
    """The key that the server of a data directory made for commands on the same machine.

    :raises SettingError: when it cannot be read
    """
    try:
        return str(msgspec.json.decode((data / "keys.json").read_bytes())["local"])
    except (OSError, msgspec.DecodeError, KeyError, TypeError):
        raise SettingError(
            f"No readable key in {data / 'keys.json'}; run the command as the server's user."
        ) from None


def _last_line(path: Path) -> str:
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it printed nothing"
