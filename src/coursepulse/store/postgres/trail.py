"""The audit trail in PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import msgspec
import psycopg
import structlog

from coursepulse.audit.chain import (
    GENESIS,
    PRUNED,
    Head,
    Link,
    Verification,
    extend,
    read_pruned,
    tell_pruned,
    verify,
)
from coursepulse.audit.entry import AuditEntry, make_storable
from coursepulse.audit.names import hide_ids
from coursepulse.audit.port import Search
from coursepulse.kit.clock import Micros, from_micros, to_micros
from coursepulse.kit.errors import CoursepulseError, StoreUnavailable
from coursepulse.kit.group_commit import GroupCommit, Limits, Troubles
from coursepulse.kit.sql import Queries
from coursepulse.store.anchor import AnchorFile
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: Seconds to wait for a connection: a page that cannot be shown should say so soon.
_PATIENCE = 3.0

#: Seconds to wait for another verification of the chain to end.
_WALKING = 10.0

#: Entries of an export that are fetched at a time.
_PAGE = 2_000

#: Entries fetched at a time while walking.
_STRIDE = 5_000

#: The most entries of one transaction, which holds the lock of the chain for milliseconds; and the most that may wait
#: before the reads behind them are refused.
_LIMITS = Limits(group=500, waiting=10_000)

_log = structlog.get_logger(__name__)

_Connection = psycopg.Connection[tuple[Any, ...]]


def _explain(error: Exception) -> CoursepulseError:
    if isinstance(error, CoursepulseError):
        return StoreUnavailable(f"The audit trail cannot be written: {error}")
    _log.error("audit_writer_failed", exc_info=error)
    return StoreUnavailable("The audit trail cannot be written.")


_TROUBLES = Troubles(
    closed=lambda: StoreUnavailable("The audit trail is closed."),
    full=lambda: StoreUnavailable("The audit trail does not keep up."),
    failed=_explain,
)


class PostgresTrail:
    """Writes and reads the trail; several processes may write at once.

    :param pool: connections as a role that may only add and read entries
    :param key: of the chain, see :func:`coursepulse.audit.chain.derive_key`
    :param anchor: where the head is kept outside the database
    :param slow: connections for exports and verification, so that pages keep theirs; by default the same
    """

    def __init__(self, pool: Pool, key: bytes, anchor: AnchorFile, slow: Pool | None = None) -> None:
        self._pool, self._key, self._anchor, self._slow = pool, key, anchor, slow or pool
        self._walking = threading.Lock()
        self._group = GroupCommit(self._append, "audit-writer", _LIMITS, _TROUBLES)

    def write(self, entry: AuditEntry) -> None:
        """See :class:`coursepulse.audit.port.Trail`."""
        self.submit(entry).result()

    def submit(self, entry: AuditEntry) -> Future[None]:
        """See :class:`coursepulse.audit.port.Trail`."""
        return self._group.submit(make_storable(self._hide(entry)))

    def close(self) -> None:
        """Write waiting entries, and the anchor if the database still answers."""
        self._group.close()
        with suppress(StoreUnavailable):
            self.drop_anchor()

    def drop_anchor(self) -> None:
        """Save the current head outside the database, unless the saved one is missing from the trail."""
        with _connected(self._pool) as connection:
            head = _find_head(connection)
            kept = self._anchor.read()
            if head.number and (kept is None or _holds(connection, kept)):
                self._anchor.write(head)

    def find(self, search: Search, limit: int) -> list[Link]:
        """See :class:`coursepulse.audit.port.TrailReader`."""
        return self._links("audit_find", self._values(search) | {"limit": limit})

    def accesses(
        self, student: str, lists: Collection[str], limit: int, after: int | None = None
    ) -> list[Link]:
        """See :class:`coursepulse.audit.port.TrailReader`."""
        name = hide_ids(self._key, student)
        values = {"student": student, "subject": name, "lists": list(lists), "limit": limit, "after": after}
        return self._links("audit_accesses", values | self._lists(student))

    def _lists(self, student: str) -> dict[str, list[str]]:
        """The courses and teams of a student, by their names in the trail.

        The id of a course or team may be a UUID, and the trail treats every UUID as a student's: it cannot know better.
        """
        with _connected(self._pool) as connection:
            found = connection.execute(_QUERIES["audit_lists"], {"student": student}).fetchall()
        names: dict[str, list[str]] = {"course": [], "team": []}
        for kind, each in found:
            names[kind].append(hide_ids(self._key, each))
        return {"courses": names["course"], "teams": names["team"]}

    def stream(self, search: Search) -> Iterator[Link]:
        """See :class:`coursepulse.audit.port.TrailReader`."""
        with _connected(self._slow) as connection:
            upto = _find_head(connection).number
        behind: int | None = 0
        while behind is not None:
            page = self._page(search, behind, upto)
            yield from page
            behind = page[-1].number if len(page) == _PAGE else None

    def verify(self) -> Verification:
        """See :class:`coursepulse.audit.port.TrailReader`."""
        # The anchor first: the trail may grow meanwhile, and verification reads one snapshot.
        anchor = self._anchor.read()
        with self._walk_alone(), _connected(self._slow) as connection, connection.transaction():
            found = connection.execute(_QUERIES["audit_beginning"]).fetchone()
            start = read_pruned(found[0]) if found else GENESIS
            return verify(self._key, _walk(connection, "audit_walk", {}), start=start, anchor=anchor)

    def anchored(self) -> Head | None:
        """See :class:`coursepulse.audit.port.TrailReader`."""
        return self._anchor.read()

    def prune(self, before: Micros, now: Micros) -> int:
        """Delete the entries older than ``before`` and leave one that replaces them; returns how many.

        :raises StoreUnavailable: also if some of them are younger than a year: the database keeps those
        """
        with _connected(self._pool) as connection, connection.transaction():
            connection.execute(_QUERIES["audit_lock"])
            found = connection.execute(
                _QUERIES["audit_prunable"], {"before": from_micros(before)}, prepare=False
            ).fetchone()
            if found is None:
                return 0
            last = Head(*found)
            note = AuditEntry(at=now, actor="retention", role="service", tag=PRUNED, detail=tell_pruned(last))
            _add(connection, extend(self._key, _find_head(connection), [note]))
            gone = connection.execute(_QUERIES["audit_prune"], {"through": last.number}).fetchone()
            return int(gone[0]) if gone else 0

    @contextmanager
    def _walk_alone(self) -> Iterator[None]:
        """A verification holds its connection to the end: two would leave none for exports."""
        if not self._walking.acquire(timeout=_WALKING):
            raise StoreUnavailable("The audit trail is being verified; try again later.")
        try:
            yield
        finally:
            self._walking.release()

    def _page(self, search: Search, behind: int, upto: int) -> list[Link]:
        """Some entries of an export. Nothing is held between two pages, because the client may be slow."""
        values = self._values(search) | {"behind": behind, "upto": upto, "limit": _PAGE}
        with _connected(self._slow) as connection:
            return [_to_link(row) for row in connection.execute(_QUERIES["audit_stream"], values)]

    def _append(self, entries: list[AuditEntry]) -> list[None]:
        # Pipelining reduces this to two round trips: up to the head, and from the rows to the commit.
        with _connected(self._pool) as connection, connection.pipeline(), connection.transaction():
            # Not in one statement: its snapshot would be older than the lock, and miss the last writer's entries.
            connection.execute(_QUERIES["audit_lock"])
            _add(connection, extend(self._key, _find_head(connection), entries))
        return [None] * len(entries)

    def _hide(self, entry: AuditEntry) -> AuditEntry:
        named = ("actor", "subject", "purpose", "detail")
        return msgspec.structs.replace(
            entry, **{name: hide_ids(self._key, getattr(entry, name)) for name in named}
        )

    def _values(self, search: Search) -> dict[str, Any]:
        # By the name in the trail and by the pseudonym.
        return _values(search) | {"hidden": hide_ids(self._key, search.subject)}

    def _links(self, name: str, values: dict[str, Any]) -> list[Link]:
        with _connected(self._pool) as connection:
            # Never prepared: one plan for every search would be wrong for most.
            return [_to_link(row) for row in connection.execute(_QUERIES[name], values, prepare=False)]


@contextmanager
def _connected(pool: Pool) -> Iterator[_Connection]:
    with translate_errors("The audit trail"), pool.connection(timeout=_PATIENCE) as connection:
        yield connection


def _find_head(connection: _Connection) -> Head:
    found = connection.execute(_QUERIES["audit_head"]).fetchone()
    return Head(*found) if found else GENESIS


def _holds(connection: _Connection, head: Head) -> bool:
    """Whether the trail has this entry, or was pruned beyond it."""
    found = connection.execute(_QUERIES["audit_at_number"], {"number": head.number}).fetchone()
    if found is not None:
        return bool(found[0] == head.hash)
    beginning = connection.execute(_QUERIES["audit_beginning"]).fetchone()
    return beginning is not None and head.number <= read_pruned(beginning[0]).number


def _add(connection: _Connection, links: list[Link]) -> None:
    connection.cursor().executemany(_QUERIES["audit_add"], [_to_row(link) for link in links])


def _walk(connection: _Connection, name: str, values: dict[str, Any]) -> Iterator[Link]:
    with connection.cursor(name) as cursor:
        cursor.itersize = _STRIDE
        cursor.execute(_QUERIES[name], values)
        yield from (_to_link(row) for row in cursor)


def _to_row(link: Link) -> tuple[Any, ...]:
    moment, *texts = msgspec.structs.astuple(link.entry)
    return (link.number, from_micros(moment), *texts, link.hash)


def _to_link(row: tuple[Any, ...]) -> Link:
    number, at, *texts, digest = row
    return Link(
        number,
        AuditEntry(**dict(zip(AuditEntry.__struct_fields__, (to_micros(at), *texts), strict=True))),
        digest,
    )


def _values(search: Search) -> dict[str, Any]:
    def moment(at: Micros | None) -> datetime | None:
        return None if at is None else from_micros(at)

    values = msgspec.structs.asdict(search)
    return values | {"start": moment(search.start), "end": moment(search.end)}
