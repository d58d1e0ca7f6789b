"""Dead letters in a table that all servers see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import psycopg

from coursepulse.collect.dead_letters import MOST_DEAD_LETTERS, Arrivals, DeadLetter, texts_of
from coursepulse.events.reasons import Rejected, RejectionReason
from coursepulse.kit.clock import Micros, from_micros, to_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

#: Dead letters looked through at a time.
_READ_SOME = 500


class PostgresDeadLetters:
    """A :class:`coursepulse.collect.spooled_letters.SharedDeadLetters`.

    :param most: dead letters kept of each sender
    """

    def __init__(self, pool: Pool, *, most: int = MOST_DEAD_LETTERS) -> None:
        self._pool, self._most = pool, most

    def take_over(
        self,
        spool: str,
        choose: Callable[[], Iterable[DeadLetter]],
        tombstones: Callable[[DeadLetter], list[bytes]],
    ) -> None:
        with (
            translate_errors("Dead letters"),
            self._pool.connection() as connection,
            connection.transaction(),
        ):
            self._run(connection, "turn")
            letters = list(choose())
            for letter in letters:
                values = _values(letter) | {"spool": spool, "tombstones": tombstones(letter)}
                self._run(connection, "take", **values)
            for source in {letter.source for letter in letters}:
                self._run(connection, "drop_overflow", source=source, most=self._most)

    def newest(
        self, reason: RejectionReason | None = None, limit: int = 100, source: str | None = None
    ) -> list[DeadLetter]:
        return self._dead_letters("newest", reason=reason and str(reason), limit=limit, source=source)

    def pick(self, ids: Sequence[int], source: str | None = None) -> list[DeadLetter]:
        return self._dead_letters("pick", ids=list(ids), source=source)

    def fix(self, dead_letter: int, body: bytes, source: str | None = None) -> bool:
        return self._change("fix", id=dead_letter, body=body, source=source) == 1

    def judge(self, dead_letter: int, rejected: Rejected) -> None:
        verdict = {"reason": str(rejected.reason), "event_id": _storable(rejected.event_id)}
        told = {"path": _storable(rejected.path), "sentence": _storable(rejected.sentence)}
        self._change("judge", id=dead_letter, **verdict, **told)

    def resolve(self, ids: Sequence[int], at: Micros) -> None:
        self._change("resolve", ids=list(ids), at=from_micros(at))

    def drop(self, ids: Sequence[int]) -> None:
        self._change("drop", ids=list(ids))

    def purge(self, before: Micros) -> int:
        return self._change("purge", before=from_micros(before))

    def forget(self, names: Callable[[bytes | str | None], bool]) -> int:
        with (
            translate_errors("Dead letters"),
            self._pool.connection() as connection,
            connection.transaction(),
        ):
            self._run(connection, "turn")
            every = self._read(connection, "all")
            found = [letter.id for letter in every if any(map(names, texts_of(letter)))]
            self._run(connection, "drop", ids=found)
        return len(found)

    def find(self, names: Callable[[bytes], bool]) -> Iterator[DeadLetter]:
        with translate_errors("Dead letters"), self._pool.connection() as connection:
            every = list(self._read(connection, "that_wait", names))
        yield from every

    def waiting(self, source: str | None = None) -> dict[str, int]:
        return dict(self._rows("waiting", source=source))

    def arrivals(self, after: int) -> list[Arrivals]:
        rows = self._rows("arrivals", after=after)
        return [Arrivals(to_micros(minute), number, newest) for minute, number, newest in rows]

    def overflowed(self, source: str | None = None) -> int:
        return int(self._rows("overflow", source=source)[0][0])

    def _read(
        self, connection: psycopg.Connection, query: str, names: Callable[[bytes], bool] = lambda _: True
    ) -> Iterator[DeadLetter]:
        after = 0
        while rows := self._run(connection, query, after=after, some=_READ_SOME).fetchall():
            after = rows[-1][0]
            yield from (letter for letter in map(_open, rows) if names(letter.body))

    def _dead_letters(self, query: str, **values: object) -> list[DeadLetter]:
        return [_open(row) for row in self._rows(query, **values)]

    def _rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        with translate_errors("Dead letters"), self._pool.connection() as connection:
            return self._run(connection, query, **values).fetchall()

    def _change(self, query: str, **values: object) -> int:
        with translate_errors("Dead letters"), self._pool.connection() as connection:
            return self._run(connection, query, **values).rowcount

    def _run(self, connection: psycopg.Connection, query: str, **values: object) -> psycopg.Cursor[Any]:
        return connection.execute(_QUERIES[f"letters_{query}"], values)


def _open(row: tuple[Any, ...]) -> DeadLetter:
    number, received_at, source, reason, event_id, path, sentence, body = row
    reason = RejectionReason(reason)
    return DeadLetter(number, to_micros(received_at), source, reason, event_id, path, sentence, bytes(body))


def _values(letter: DeadLetter) -> dict[str, object]:
    return {
        "received_at": from_micros(letter.received_at),
        "source": _storable(letter.source),
        "reason": str(letter.reason),
        "event_id": _storable(letter.event_id),
        "path": _storable(letter.path),
        "sentence": _storable(letter.sentence),
        "body": letter.body,
        "spooled": letter.id,
    }


def _storable(text: str | None) -> str | None:
    """A text as PostgreSQL takes it; the body, which is mended and replayed, is bytes."""
    return text and text.replace("\0", "\N{REPLACEMENT CHARACTER}")
