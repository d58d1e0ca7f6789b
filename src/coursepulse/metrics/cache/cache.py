"""Which answer is given again, and to whom: the rules of the result cache."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic
from typing import NamedTuple

from cachetools import LRUCache

from coursepulse.kit.clock import MINUTE, SECOND, Clock, Micros
from coursepulse.metrics.asked import Asked
from coursepulse.metrics.cache.key import question_key
from coursepulse.metrics.cache.port import (
    OLDEST,
    CachedResult,
    DataMark,
    ResultStore,
    SharedChanges,
    StoredResults,
)
from coursepulse.metrics.table import Table

#: Viewers who asked the same within :data:`OLDEST`, from which on they may be shown numbers of a moment ago. Fewer
#: always get the numbers of now.
CROWD = 3

#: An answer is made again after this many times what it took, for each viewer of the crowd: remaking one that 20 watch
#: takes a fortieth of a core at most.
_BREATH = 2

#: For so long somebody who has changed something gets the numbers of now: the pipeline may take its time with it.
_OWN: Micros = MINUTE

#: Questions, and writers, that are remembered.
_MOST = 4_096


class VersionedMark(NamedTuple):
    """How far the numbers are, and the state of what rights and names hang on.

    :param state: with another one no result of before may be shown, however new
    """

    mark: DataMark
    state: tuple[int, ...]


class CacheReport(NamedTuple):
    """Counts since the start, and what is kept now.

    :param answers: by where they came from: ``same`` (nothing has changed since it was made), ``recent`` (of a moment
        ago, for a crowd), ``joined`` (made for somebody else at this moment), ``made``
    """

    answers: dict[str, int]
    stored: StoredResults


class _Flight(NamedTuple):
    """An answer that is being made."""

    mark: DataMark
    landing: Future[Table]


class _Shown(NamedTuple):
    """An answer that was made before, and as what it is shown."""

    outcome: str
    table: Table


class ResultCache:
    """Answers about many people, for everybody who asks the same with the same rights. Any thread may call.

    Two rules decide. While nothing has changed, an answer is everybody's. When the numbers go on, it is made again,
    unless a crowd asks: then it may be up to :data:`OLDEST` old, and its ``latest_data_at`` says how old the numbers
    are. Either way nobody who has changed something lately is shown what was before, and each answer is made once at
    a time.

    :param read_mark: how far the numbers are, read for every question
    :param shared: tells the other servers that use the same store, where there are any
    """

    def __init__(
        self,
        store: ResultStore,
        read_mark: Callable[[], VersionedMark],
        clock: Clock,
        shared: SharedChanges | None = None,
    ) -> None:
        self._store, self._read_mark, self._clock, self._shared = store, read_mark, clock, shared
        self._lock = threading.Lock()
        self._changes = self._epoch = 0
        self._answers: Counter[str] = Counter()
        self._flights: dict[bytes, _Flight] = {}
        self._askers: LRUCache[bytes, dict[str, Micros]] = LRUCache(_MOST)
        self._writers: LRUCache[str, Micros] = LRUCache(_MOST)

    def find(self, asked: Asked, make: Callable[[], Table], members: object = None) -> Table:
        """The answer to a question that the viewer may ask.

        :param make: reads and computes it for this viewer
        :param members: who is in the group that is asked about, where no version tells
        :raises StoreUnavailable: when the mark cannot be read, and what ``make`` raises
        """
        found = self._read_mark()
        # What is counted here means nothing to the other servers: they hear of it with the mark.
        changes, epoch = (0, 0) if self._shared else (self._changes, self._epoch)
        mark = found.mark._replace(beside=found.mark.beside + changes)
        key = question_key(asked, (*found.state, epoch, members))
        crowd = self._count_askers(key, asked.viewer.subject)
        if shown := self._look(key, mark, crowd):
            return self._count(*shown)
        flight, leads = self._board(key, mark, patient=crowd >= CROWD)
        if not leads:
            return self._count("joined", flight.landing.result())
        # It may have been made between looking and boarding: a store outside of this process takes its time.
        if shown := self._look(key, mark, crowd):
            self._land(key, flight)
            flight.landing.set_result(shown.table)
            return self._count(*shown)
        return self._count("made", self._fly(key, flight, make))

    def wrote(self, subject: str) -> None:
        """Somebody changes something: soon they look whether it shows."""
        with self._lock:
            self._writers[subject] = self._clock()

    def renew(self) -> None:
        """Numbers have changed beside the log. A crowd may go on with those of a moment ago.

        :raises StoreUnavailable: when other servers have to be told, and cannot be
        """
        if self._shared:
            self._shared.renew()
        with self._lock:
            self._changes += 1

    def forget(self) -> None:
        """Consents, rights or people have changed: nothing of before is shown to anybody, from the next question on.

        :raises StoreUnavailable: when other servers have to be told, and cannot be
        """
        if self._shared:
            self._shared.forget()
        with self._lock:
            self._epoch += 1
            self._store.clear()

    def report(self) -> CacheReport:
        """What the cache did, and what is in it."""
        with self._lock:
            return CacheReport(dict(self._answers), self._store.size())

    def _look(self, key: bytes, mark: DataMark, crowd: int) -> _Shown | None:
        """What is kept, if it may be shown."""
        kept = self._store.get(key)
        if kept is None or not (outcome := self._judge(kept, mark, crowd)):
            return None
        return _Shown(outcome, kept.table)

    def _judge(self, kept: CachedResult, mark: DataMark, crowd: int) -> str:
        """As what a result may be shown; empty text if it may not."""
        age = self._clock() - kept.made_at
        if not 0 <= age <= OLDEST:
            return ""
        if kept.mark == mark:
            return "same"
        breath = min(OLDEST, int(_BREATH * crowd * kept.seconds * SECOND))
        return "recent" if crowd >= CROWD and age <= breath else ""

    def _count_askers(self, key: bytes, subject: str) -> int:
        """How many ask this question, with the one who asks now; nobody if they have changed something lately."""
        now = self._clock()
        with self._lock:
            lately = {who: at for who, at in self._askers.get(key, {}).items() if 0 <= now - at <= OLDEST}
            self._askers[key] = lately | {subject: now}
            wrote = self._writers.get(subject)
            return 0 if wrote is not None and now - wrote <= _OWN else len(self._askers[key])

    def _board(self, key: bytes, mark: DataMark, *, patient: bool) -> tuple[_Flight, bool]:
        """The making of this answer, and whether it is ours to do."""
        with self._lock:
            flight = self._flights.get(key)
            if flight is not None and (patient or flight.mark == mark):
                return flight, False
            self._flights[key] = mine = _Flight(mark, Future())
            return mine, True

    def _fly(self, key: bytes, flight: _Flight, make: Callable[[], Table]) -> Table:
        epoch, began, started = self._epoch, self._clock(), monotonic()
        try:
            table = make()
        except BaseException as error:
            self._land(key, flight)
            flight.landing.set_exception(error)
            raise
        self._keep(key, CachedResult(table, flight.mark, began, monotonic() - started), epoch)
        self._land(key, flight)
        flight.landing.set_result(table)
        return table

    def _keep(self, key: bytes, result: CachedResult, epoch: int) -> None:
        with self._lock:
            # Nobody would ask for it any more, and it may hold somebody who has just been erased.
            if epoch == self._epoch:
                self._store.put(key, result)

    def _land(self, key: bytes, flight: _Flight) -> None:
        with self._lock:
            if self._flights.get(key) is flight:
                del self._flights[key]

    def _count(self, outcome: str, table: Table) -> Table:
        with self._lock:
            self._answers[outcome] += 1
        return table
