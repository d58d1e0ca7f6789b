"""Dead letters: refused events, kept for a while so that a person can mend and replay them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from coursepulse.events.reasons import NOT_KEPT, Rejected, RejectionReason
from coursepulse.kit.clock import MINUTE, Micros
from coursepulse.kit.sql import Queries
from coursepulse.log.database import Database

_SQL = Queries("coursepulse.collect.queries")

#: Dead letters kept for one sender. Beyond this its oldest are dropped and counted; those of other senders stay.
MOST_DEAD_LETTERS = 20_000

#: Dead letters of one request.
MOST_AT_ONCE = 1000

#: Bytes kept of one dead letter. An honest event has less than one kilobyte.
MOST_BYTES = 64 * 1024

#: Dead letters looked through at a time.
_READ_SOME = 500


class DeadLetter(msgspec.Struct, frozen=True):
    """A refused event, and why.

    :param source: name of the key that sent it, or of the part of coursepulse that refused it
    :param received_at: microseconds since 1970 UTC
    :param body: the event as sent, cut to 64 KiB
    """

    id: int
    received_at: Micros
    source: str
    reason: RejectionReason
    event_id: str | None
    path: str
    sentence: str
    body: bytes


class Arrivals(NamedTuple):
    """Dead letters of one minute.

    :param newest: the id of the last of them
    """

    minute_at: Micros
    number: int
    newest: int


class DeadLetterQueue(Protocol):
    """Where refused events wait. With a ``source``, only its own dead letters are seen."""

    def put(self, rejected: Sequence[Rejected], received_at: Micros, source: str) -> None:
        """Keep refused events, each once; never those of :data:`coursepulse.events.reasons.NOT_KEPT`.

        :raises LogFull: when they cannot be written
        """

    def newest(
        self, reason: RejectionReason | None = None, limit: int = 100, source: str | None = None
    ) -> list[DeadLetter]:
        """Dead letters that wait, newest first."""

    def pick(self, ids: Sequence[int], source: str | None = None) -> list[DeadLetter]:
        """Those of the dead letters with these ids that still wait."""

    def fix(self, dead_letter: int, body: bytes, source: str | None = None) -> bool:
        """Replace the body of a dead letter; False if there is no such dead letter."""

    def judge(self, dead_letter: int, rejected: Rejected) -> None:
        """Remember why a dead letter was refused again."""

    def resolve(self, ids: Sequence[int], at: Micros) -> None:
        """Mark dead letters as replayed: they no longer wait."""

    def drop(self, ids: Sequence[int]) -> None:
        """Remove dead letters."""

    def purge(self, before: Micros) -> int:
        """Remove every dead letter received before a moment; returns how many."""

    def forget(self, names: Callable[[bytes | str | None], bool]) -> int:
        """Forget every dead letter of which anything ``names`` somebody, also one that was replayed; returns how many
        went.

        Nothing of them is left on disk.
        """

    def find(self, names: Callable[[bytes], bool]) -> Iterator[DeadLetter]:
        """Every dead letter whose body ``names`` somebody."""

    def waiting(self, source: str | None = None) -> dict[str, int]:
        """How many dead letters wait, by reason."""

    def arrivals(self, after: int) -> list[Arrivals]:
        """How many dead letters came after the one with this id, minute by minute; 0 for all that are still there."""

    def overflowed(self, source: str | None = None) -> int:
        """How many dead letters ever went unread because there were too many of one sender."""

    def close(self) -> None:
        """Close the store."""


class SqliteDeadLetterQueue:
    """:class:`DeadLetterQueue` in a file of its own, beside the log.

    :param most: dead letters kept of each sender
    """

    def __init__(self, path: Path, *, most: int = MOST_DEAD_LETTERS) -> None:
        self._most = most
        self._database = Database(path)
        self._database.prepare(_SQL["schema"])

    def put(self, rejected: Sequence[Rejected], received_at: Micros, source: str) -> None:
        rows = [
            msgspec.structs.asdict(r)
            | {"received_at": received_at, "source": source, "body": r.body[:MOST_BYTES]}
            for r in rejected
            if r.reason not in NOT_KEPT
        ]
        if rows:
            with self._database.writing() as db:
                db.executemany(_SQL["add_dead_letter"], rows)
                overflow = db.execute(_SQL["drop_overflow"], {"most": self._most, "source": source}).rowcount
                if overflow:
                    db.execute(_SQL["count_overflow"], {"overflow": overflow, "source": source})

    def newest(
        self, reason: RejectionReason | None = None, limit: int = 100, source: str | None = None
    ) -> list[DeadLetter]:
        return self._dead_letters("newest_dead_letters", {"reason": reason, "limit": limit, "source": source})

    def pick(self, ids: Sequence[int], source: str | None = None) -> list[DeadLetter]:
        return self._dead_letters(
            "pick_dead_letters", {"ids": msgspec.json.encode(ids).decode(), "source": source}
        )

    def oldest(self, limit: int) -> list[DeadLetter]:
        """Dead letters that wait, oldest first."""
        return self._dead_letters("read_dead_letters", {"after": 0, "some": limit})

    def fix(self, dead_letter: int, body: bytes, source: str | None = None) -> bool:
        mended = {"id": dead_letter, "body": body, "source": source}
        with self._database.writing() as db:
            return db.execute(_SQL["fix_dead_letter"], mended).rowcount == 1

    def judge(self, dead_letter: int, rejected: Rejected) -> None:
        with self._database.writing() as db:
            verdict = (rejected.reason, rejected.event_id, rejected.path, rejected.sentence, dead_letter)
            db.execute(_SQL["judge_dead_letter"], verdict)

    def resolve(self, ids: Sequence[int], at: Micros) -> None:
        with self._database.writing() as db:
            db.executemany(_SQL["resolve_dead_letter"], [(at, dead_letter) for dead_letter in ids])

    def drop(self, ids: Sequence[int]) -> None:
        with self._database.writing() as db:
            db.executemany(_SQL["drop_dead_letter"], [(dead_letter,) for dead_letter in ids])

    def purge(self, before: Micros) -> int:
        with self._database.writing() as db:
            return int(db.execute(_SQL["purge_dead_letters"], {"before": before}).rowcount)

    def forget(self, names: Callable[[bytes | str | None], bool]) -> int:
        found = [
            dead_letter.id
            for dead_letter in self._read("read_all_dead_letters")
            if any(map(names, texts_of(dead_letter)))
        ]
        self.drop(found)
        self._database.empty_wal()
        return len(found)

    def find(self, names: Callable[[bytes], bool]) -> Iterator[DeadLetter]:
        yield from (dead_letter for dead_letter in self._read("read_dead_letters") if names(dead_letter.body))

    def waiting(self, source: str | None = None) -> dict[str, int]:
        with self._database.reading() as db:
            return dict(db.execute(_SQL["count_waiting"], {"source": source}).fetchall())

    def arrivals(self, after: int) -> list[Arrivals]:
        with self._database.reading() as db:
            rows = db.execute(_SQL["count_arrivals"], (after,)).fetchall()
        return [Arrivals(minute * MINUTE, number, newest) for minute, number, newest in rows]

    def overflowed(self, source: str | None = None) -> int:
        with self._database.reading() as db:
            return int(db.execute(_SQL["find_overflow"], {"source": source}).fetchone()[0])

    def close(self) -> None:
        self._database.close()

    def _read(self, query: str) -> Iterator[DeadLetter]:
        after = 0
        while dead_letters := self._dead_letters(query, {"after": after, "some": _READ_SOME}):
            after = dead_letters[-1].id
            yield from dead_letters

    def _dead_letters(self, query: str, parameters: dict[str, object]) -> list[DeadLetter]:
        with self._database.reading() as db:
            rows = db.execute(_SQL[query], parameters).fetchall()
        return [DeadLetter(row[0], row[1], row[2], RejectionReason(row[3]), *row[4:]) for row in rows]


def texts_of(dead_letter: DeadLetter) -> tuple[bytes | str | None, ...]:
    """Everything in it that may name somebody."""
    return dead_letter.body, dead_letter.event_id, dead_letter.path, dead_letter.sentence, dead_letter.source
