"""Work that is done only when there is something new."""

from __future__ import annotations

from collections.abc import Callable


class OnChange:
    """Runs a function when a value differs from that of its last run. After a failure it is due again.

    :param read: cheap: it is called at every turn. What it says is at least as new as what ``run`` finds
    """

    def __init__(self, read: Callable[[], object], run: Callable[[], object]) -> None:
        self._read, self.run = read, run
        self._done: object = None

    def __call__(self) -> object:
        """The result of the run, None without one."""
        value = self._read()
        if value == self._done:
            return None
        result = self.run()
        self._done = value
        return result
