"""What follows the batches of the pipeline at its own pace."""

from __future__ import annotations

from typing import ClassVar, Protocol


class Follower(Protocol):
    """Brings something up to date with what batches have changed (:mod:`coursepulse.stream.changed_keys`).

    What is due is remembered in memory only. A follower finds by itself what a stop has cut off, at its first turn.
    """

    #: For logs, and for the table of jobs.
    name: ClassVar[str]

    def refresh(self) -> None:
        """One turn: bring some of what is due up to date. What fails is due again, and doing it twice is harmless."""
