"""Where audit entries go, and how they are read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import Future
from typing import Protocol

import msgspec

from coursepulse.audit.chain import Head, Link, Verification
from coursepulse.audit.entry import AuditEntry
from coursepulse.kit.clock import Micros


class Trail(Protocol):
    """Takes entries, durably."""

    def write(self, entry: AuditEntry) -> None:
        """Returns when the entry is safe.

        :raises StoreUnavailable: it is not; what it was to record must not happen
        """

    def submit(self, entry: AuditEntry) -> Future[None]:
        """Begins to write; whoever goes on meanwhile lets nothing out before the result is there.

        The result raises what :meth:`write` raises.
        """


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted; what is empty does not narrow.

    :param tag: a whole tag, or its beginning
    :param text: part of the purpose, detail, subject or actor, in any case
    :param start: not before, microseconds
    :param end: before, microseconds
    :param after: only numbers below this one: where the page before ended
    """

    actor: str = ""
    subject: str = ""
    tag: str = ""
    text: str = ""
    start: Micros | None = None
    end: Micros | None = None
    after: int | None = None


class TrailReader(Protocol):
    """Reads entries. Every method raises StoreUnavailable when the store does not answer."""

    def find(self, search: Search, limit: int) -> list[Link]:
        """The entries that fit, newest first."""

    def stream(self, search: Search) -> Iterator[Link]:
        """All entries up to the newest of now that fit, oldest first, in constant memory; nothing is held meanwhile."""

    def accesses(
        self, student: str, lists: Collection[str], limit: int, after: int | None = None
    ) -> list[Link]:
        """What others did with the record of a student (a pseudonym as UUID), newest first.

        :param lists: metrics whose rows name the students of a course or team: looking at them is looking at each
        """

    def verify(self) -> Verification:
        """Walks the whole chain, see :func:`coursepulse.audit.chain.verify`."""

    def anchored(self) -> Head | None:
        """The head that was last written beside the log."""
