"""Logs to test. An adapter that is listed here has to keep every promise of the port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coursepulse.log import open_log
from coursepulse.log.port import EventLog

#: Opens the same log every time: what one handle appends, another reads.
Opener = Callable[[], EventLog]


def _sqlite(directory: Path) -> str:
    return f"sqlite://{directory}/log/events.sqlite"


_URLS = {"sqlite": _sqlite}


@pytest.fixture(params=_URLS)
def open_again(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens one log as often as a test likes, and closes every handle at the end."""
    handles: list[EventLog] = []

    def opener() -> EventLog:
        handles.append(open_log(_URLS[request.param](tmp_path)))
        return handles[-1]

    yield opener
    for handle in handles:
        handle.close()


@pytest.fixture
def log(open_again: Opener) -> EventLog:
    """One open, empty log."""
    return open_again()
