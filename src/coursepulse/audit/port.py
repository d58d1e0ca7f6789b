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
    """Writes entries durably."""

    def write(self, entry: AuditEntry) -> None:
        """Returns when the entry is durable.

        :raises StoreUnavailable: it is not durable; the recorded action must not happen
        """

    def submit(self, entry: AuditEntry) -> Future[None]:
        """Starts writing. The caller may go on, but must not answer before the result is there.

        The result raises what :meth:`write` raises.
        """


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are wanted; an empty field does not filter.

    :param tag: a complete tag or its beginning
    :param text: part of the purpose, detail, subject or actor; case does not matter
    :param start: from this moment, microseconds
    :param end: until before this moment, microseconds
    :param after: only numbers below this one, where the previous page ended
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
        """The matching entries, newest first."""

    def stream(self, search: Search) -> Iterator[Link]:
        """All matching entries up to the newest one now, oldest first, in constant memory; holds no lock."""

    def accesses(
        self, student: str, lists: Collection[str], limit: int, after: int | None = None
    ) -> list[Link]:
        """What others did with the record of a student (a pseudonym as UUID), newest first.

        :param lists: metrics whose rows name students of a course or team: reading one is an access to each
        """

    def verify(self) -> Verification:
        """Verifies the whole chain, see :func:`coursepulse.audit.chain.verify`."""

    def anchored(self) -> Head | None:
        """The head last written beside the log."""
