"""The demo as somebody starts it: a small simulated campus with an account of each role."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from coursepulse.client.local_server import Server, local_key
from tests.support.server import Platform, wait_until


@contextmanager
def small_demo(data: Path, *, students: int = 150, courses: int = 8, days: int = 40) -> Iterator[str]:
    """The address of a demo whose campus is loaded, and in which nobody goes on clicking."""
    numbers = {"students": students, "courses": courses, "days": days, "rate": 0, "port": 0}
    options = [each for name, number in numbers.items() for each in (f"--{name}", str(number))]
    with (data.parent / f"{data.name}.log").open("wb") as said:
        demo = subprocess.Popen(
            [sys.executable, "-m", "coursepulse", "demo", "--data", str(data), *options],
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: demo.poll() is not None or _is_loaded(data), 300)
        assert demo.poll() is None, (data.parent / f"{data.name}.log").read_text()
        url = json.loads((data / "server.json").read_text())["url"]
        # Until the numbers stand still: a page that is told of new ones moves while it is looked at.
        with closing(Platform(Server(url, local_key(data)), data)) as loaded:
            loaded.settle()
        yield url
    finally:
        demo.terminate()
        demo.wait()


def _is_loaded(data: Path) -> bool:
    try:
        return bool(json.loads((data / "demo.json").read_text())["loaded"])
    except (FileNotFoundError, ValueError):
        return False
