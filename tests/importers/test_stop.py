"""Ctrl-C in the middle of a command."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from coursepulse.importers.state import State
from coursepulse.importers.statements import xapi_files
from tests.importers.test_xapi import statement, write
from tests.support.server import Platform, wait_until

pytestmark = pytest.mark.slow

MANY = 15_000


def command(data: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "coursepulse", *arguments],
        env=os.environ | {"COURSEPULSE_DATA": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stop(process: subprocess.Popen[str], when: Callable[[], bool]) -> str:
    """What a command says when it is interrupted."""
    wait_until(when)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    return said


@pytest.mark.long
def test_an_interrupted_import_says_what_is_kept_and_goes_on_from_there(
    running_server: Platform, tmp_path: Path
) -> None:
    path = write(tmp_path / "statements.json", [statement(number) for number in range(MANY)])
    state = State(running_server.data / "imports", xapi_files([path]).fingerprint)
    importing = ("import", "xapi", str(path), "--json")
    said = stop(command(running_server.data, *importing), lambda: state.load() > 0)
    assert re.fullmatch(
        r"coursepulse: Stopped. [\d,]+ events are stored for good; the same command goes on from there.\n",
        said,
    )
    kept = state.load()
    assert f"{kept:,} events" in said
    receipt = json.loads(command(running_server.data, *importing).communicate(timeout=120)[0])
    assert (receipt["resumed"], receipt["events"]) == (kept, MANY)


def test_a_stopped_server_says_so(tmp_path: Path) -> None:
    serving = command(tmp_path, "serve", "--port", "0")
    assert stop(serving, (tmp_path / "server.json").exists) == (
        "coursepulse: Stopped. What was finished is kept; the same command can be given again.\n"
    )
