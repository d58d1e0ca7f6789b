"""A progress bar on standard error, if it is a terminal."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


class Bar:
    """Shows the share of the work done, and how many events were accepted.

    :param unit: what is counted, if not events
    """

    def __init__(self, title: str, *, shown: bool | None = None, unit: str = "events") -> None:
        visible = sys.stderr.isatty() if shown is None else shown
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[events]:,} " + unit),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not visible,
        )
        self._task = self._progress.add_task(title, total=1.0, events=0)

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, share: float, events: int) -> None:
        """:param share: of the whole, from 0 to 1"""
        self._progress.update(self._task, completed=share, events=events)

    def say(self, title: str) -> None:
        """Sets the name of the current step."""
        self._progress.update(self._task, description=title)
