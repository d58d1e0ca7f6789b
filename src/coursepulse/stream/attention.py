"""Whether anybody looks at numbers: while nobody does, they may be made in fewer and larger rounds."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds for which a look counts. An open page asks again within a second of each change.
LASTS = 10.0


class Attention:
    """Any thread may note and ask.

    :param elapsed: seconds that only go forward
    """

    def __init__(self, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._elapsed = elapsed
        self._until = float("-inf")

    def note(self) -> None:
        """Somebody looks."""
        self._until = self._elapsed() + LASTS

    def paid(self) -> bool:
        """Whether somebody has looked lately."""
        return self._elapsed() < self._until
