"""The rest of all pipelines: erasures and withdrawals change the stores while no batch is on its way anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol


class Rest(Protocol):
    """Shared by the pipelines of all processes."""

    def begin(self) -> Iterable[tuple[bytes, bool]]:
        """A batch begins; waits while somebody has asked for rest.

        Returns the students whose data others have changed since the last batch, and whether they were erased.

        :raises StoreUnavailable: it may not begin yet
        """

    def end(self) -> None:
        """A batch is served."""

    def leave(self) -> None:
        """No batch is on its way in this process any more."""

    def alone(self, patience: float) -> AbstractContextManager[object]:
        """No batch is on its way in another process, and none begins until this ends.

        :raises StoreUnavailable: when that takes longer than ``patience`` seconds
        """

    def tell(self, student: bytes, *, erased: bool) -> None:
        """The data of a student has been changed; every process looks it up again before its next batch."""


class Unshared:
    """A :class:`Rest` where no other process reads the log."""

    def begin(self) -> Iterable[tuple[bytes, bool]]:
        return ()

    def end(self) -> None:
        """Nobody waits for it."""

    def leave(self) -> None:
        """Nobody waits for it."""

    def alone(self, patience: float) -> AbstractContextManager[object]:  # noqa: ARG002
        return nullcontext()

    def tell(self, student: bytes, *, erased: bool) -> None:
        """This process knows."""
