"""A data directory that cannot be used is said in one line, whatever the command."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coursepulse.cli.main import app
from coursepulse.client.local_server import find_answering
from coursepulse.kit.errors import SettingError
from coursepulse.store.presence import Presence
from tests.support.strangers import run_as_stranger

# Not last: one of them takes long.
pytestmark = pytest.mark.slow


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A directory of somebody else, or one that nobody may write."""
    folder = tmp_path / "closed"
    folder.mkdir()
    folder.chmod(0o555)
    yield folder
    folder.chmod(0o755)


@pytest.mark.parametrize("command", ["metrics", "serve"])
def test_a_directory_of_somebody_else(closed: Path, command: str) -> None:
    (closed / "keys.json").write_text("{}")
    said = run_as_stranger(closed, command)
    assert said.returncode == 1
    assert said.stderr == (
        f"coursepulse: {closed} cannot be used: Permission denied. Run the command as the user who owns it, "
        "or choose another directory with --data (COURSEPULSE_DATA).\n"
    )


def test_the_doctor_goes_on_to_the_end(closed: Path) -> None:
    said = run_as_stranger(closed, "doctor")
    assert (said.returncode, said.stderr) == (1, "coursepulse: 6 of 12 checks failed.\n")
    wrong = [line for line in said.stdout.splitlines() if line.startswith("wrong")]
    checks = ("data directory", "privacy of files", "API keys", "event log", "PostgreSQL", "ClickHouse")
    for check, line in zip(checks, wrong, strict=True):
        assert line.startswith(f"wrong {check}: ")
        assert f"{closed}" in line


def test_a_server_of_somebody_else_is_found_but_not_its_key(tmp_path: Path) -> None:
    server = Presence(tmp_path)
    server.claim()
    # Commands wait for one that does not listen.
    with socket.create_server(("127.0.0.1", 0)) as there:
        server.announce(f"http://127.0.0.1:{there.getsockname()[1]}")
        tmp_path.chmod(0o555)
        (tmp_path / "server.lock").chmod(0o444)
        said = run_as_stranger(tmp_path, "metrics")
    tmp_path.chmod(0o755)
    server.leave()
    assert said.stderr == (
        f"coursepulse: No readable key in {tmp_path / 'keys.json'}; run the command as the server's user.\n"
    )


@pytest.mark.parametrize("command", ["serve", "demo", "migrate"])
@pytest.mark.parametrize("place", ["file", "file/below", "/proc/coursepulse"])
def test_a_directory_that_cannot_be_made(tmp_path: Path, command: str, place: str) -> None:
    (tmp_path / "file").write_text("")
    data = tmp_path / place
    arguments = [command, "--data", str(data)] + (["--port", "0"] if command in {"serve", "demo"} else [])
    with pytest.raises(SettingError, match=f"^{data} cannot be used: "):
        CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_a_command_waits_for_a_server_that_is_ending(tmp_path: Path) -> None:
    ending = Presence(tmp_path)
    ending.claim()
    with socket.create_server(("127.0.0.1", 0)) as there:
        ending.announce(f"http://127.0.0.1:{there.getsockname()[1]}")
        assert find_answering(tmp_path) is not None
    # It listens no more, and its stores take a moment to close.
    closing = threading.Timer(0.5, ending.leave)
    closing.start()
    assert find_answering(tmp_path) is None
    closing.join()
