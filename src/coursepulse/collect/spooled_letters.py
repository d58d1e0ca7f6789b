"""Dead letters of several servers: each writes them to a file of its own first, and all see them in one place."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Protocol

from coursepulse.collect.dead_letters import Arrivals, DeadLetter, DeadLetterQueue, SqliteDeadLetterQueue
from coursepulse.collect.keeping import Keeping
from coursepulse.events.reasons import Rejected, RejectionReason
from coursepulse.kit.clock import Micros
from coursepulse.kit.errors import StoreUnavailable

#: Dead letters taken over at a time.
_SOME = 200


class SharedDeadLetters(Protocol):
    """The place that all servers see: a :class:`DeadLetterQueue` that is filled from files.

    Every method raises StoreUnavailable when it does not answer.
    """

    def take_over(
        self,
        spool: str,
        choose: Callable[[], Iterable[DeadLetter]],
        tombstones: Callable[[DeadLetter], list[bytes]],
    ) -> None:
        """Take dead letters over from a file, each once.

        :param spool: the name of the file
        :param choose: those that may be kept now; nothing is forgotten between this call and the end
        :param tombstones: of the students in one; it goes if one of them was erased after it came
        """

    def newest(
        self, reason: RejectionReason | None = None, limit: int = 100, source: str | None = None
    ) -> list[DeadLetter]:
        """See :class:`DeadLetterQueue`, as of the others."""

    def pick(self, ids: Sequence[int], source: str | None = None) -> list[DeadLetter]: ...
    def fix(self, dead_letter: int, body: bytes, source: str | None = None) -> bool: ...
    def judge(self, dead_letter: int, rejected: Rejected) -> None: ...
    def resolve(self, ids: Sequence[int], at: Micros) -> None: ...
    def drop(self, ids: Sequence[int]) -> None: ...
    def purge(self, before: Micros) -> int: ...
    def forget(self, names: Callable[[bytes | str | None], bool]) -> int: ...
    def find(self, names: Callable[[bytes], bool]) -> Iterator[DeadLetter]: ...
    def waiting(self, source: str | None = None) -> dict[str, int]: ...
    def arrivals(self, after: int) -> list[Arrivals]: ...
    def overflowed(self, source: str | None = None) -> int: ...


class SpooledDeadLetters(DeadLetterQueue):
    """A :class:`DeadLetterQueue` that never waits for the shared place to keep a dead letter.

    :param name: of this server's file among those of all servers
    :param keeping: decides again, by the consents of that moment, when a dead letter leaves the file
    :param tombstone: of a student, by pseudonym
    """

    def __init__(
        self,
        spool: SqliteDeadLetterQueue,
        shared: SharedDeadLetters,
        *,
        name: str,
        keeping: Keeping,
        tombstone: Callable[[bytes], bytes],
    ) -> None:
        self._spool, self._shared, self._name = spool, shared, name
        self._keeping, self._tombstone = keeping, tombstone
        self._moving = threading.Lock()
        # What the shared place said last, for those who only count.
        self._waiting: dict[str | None, dict[str, int]] = {}
        self._overflowed: dict[str | None, int] = {}

    def move(self) -> None:
        """Hand everything in the file over.

        :raises StoreUnavailable: the rest stays in the file
        """
        with self._moving:
            while letters := self._spool.oldest(_SOME):
                self._shared.take_over(self._name, lambda: self._choose(letters), self._tombstones)
                self._spool.drop([letter.id for letter in letters])

    def put(self, rejected: Sequence[Rejected], received_at: Micros, source: str) -> None:
        self._spool.put(rejected, received_at, source)

    def newest(
        self, reason: RejectionReason | None = None, limit: int = 100, source: str | None = None
    ) -> list[DeadLetter]:
        self.move()
        return self._shared.newest(reason, limit, source)

    def pick(self, ids: Sequence[int], source: str | None = None) -> list[DeadLetter]:
        return self._shared.pick(ids, source)

    def fix(self, dead_letter: int, body: bytes, source: str | None = None) -> bool:
        return self._shared.fix(dead_letter, body, source)

    def judge(self, dead_letter: int, rejected: Rejected) -> None:
        self._shared.judge(dead_letter, rejected)

    def resolve(self, ids: Sequence[int], at: Micros) -> None:
        self._shared.resolve(ids, at)

    def drop(self, ids: Sequence[int]) -> None:
        self._shared.drop(ids)

    def purge(self, before: Micros) -> int:
        return self._spool.purge(before) + self._shared.purge(before)

    def forget(self, names: Callable[[bytes | str | None], bool]) -> int:
        with self._moving:
            return self._spool.forget(names) + self._shared.forget(names)

    def find(self, names: Callable[[bytes], bool]) -> Iterator[DeadLetter]:
        self.move()
        return self._shared.find(names)

    def waiting(self, source: str | None = None) -> dict[str, int]:
        with suppress(StoreUnavailable):
            self._waiting[source] = self._shared.waiting(source)
        return dict(Counter(self._waiting.get(source, {})) + Counter(self._spool.waiting(source)))

    def arrivals(self, after: int) -> list[Arrivals]:
        # Who watches for trouble must not fall silent because of one.
        with suppress(StoreUnavailable):
            return self._shared.arrivals(after)
        return []

    def overflowed(self, source: str | None = None) -> int:
        with suppress(StoreUnavailable):
            self._overflowed[source] = self._shared.overflowed(source)
        return self._overflowed.get(source, 0) + self._spool.overflowed(source)

    def close(self) -> None:
        with suppress(StoreUnavailable):
            self.move()
        self._spool.close()

    def _choose(self, letters: list[DeadLetter]) -> list[DeadLetter]:
        return [letter for letter in letters if self._keeping.may_still_keep(letter)]

    def _tombstones(self, letter: DeadLetter) -> list[bytes]:
        return [self._tombstone(student) for student in self._keeping.students_of([letter])]
