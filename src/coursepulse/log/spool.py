"""Collecting while the brokers are away: events wait on the collector's own disk, and go on in order afterwards.

Usually an append goes straight to the brokers. If they do not answer in time, all that is under way and that follows
goes into a spool, a bounded SQLite log, and is acknowledged when it is on disk there. What the brokers had taken after
all then comes twice, and counts once, because events have ids.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from contextlib import suppress
from enum import Enum
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog

from coursepulse.events.event import Event
from coursepulse.kit.errors import CoursepulseError, LogFull
from coursepulse.log.port import BLOCK_EVENTS, Block, EventSink
from coursepulse.log.sqlite import SqliteLog

#: Seconds between two looks at what is under way.
_TURN = 0.1

#: Seconds for which a measured backlog is good.
_MEASURED = 0.25

#: Seconds between two attempts to reach the brokers.
_PAUSE = 0.5

#: Events taken from the spool at a time.
_SOME = 20_000

#: What has been sent on, as a group of the spool.
_SENT = "sent"

_EVER = 1 << 62
_PAGES_OF_A_MEGABYTE = 256

_log = structlog.get_logger(__name__)


class Upstream(EventSink, Protocol):
    """The log for which events are spooled."""

    def give_up(self) -> None:
        """Let appends fail that were not sent yet."""

    def without_erased(self, events: list[Event]) -> list[Event]:
        """Events but those that were received before their student was erased.

        :raises StoreUnavailable: when the brokers do not answer
        """


class _Way(Enum):
    """Where an append goes: to the brokers, into the spool, or nowhere for the moment in which the spool ends."""

    DIRECT, SPOOL, HELD = range(3)


class _Pending(NamedTuple):
    events: list[Event]
    done: Future[Sequence[int]]
    since: float


class SpooledLog:
    """An :class:`coursepulse.log.port.EventSink` with a spool before it. Numbers of spooled events are those of the
    spool.

    :param connect: reaches the brokers, or raises; called again until it does not
    :param megabytes: size of the spool; beyond it, events are refused
    :param patience: seconds after which the brokers count as away
    """

    def __init__(
        self, connect: Callable[[], Upstream], path: Path, megabytes: int, *, patience: float = 2.0
    ) -> None:
        self._connect, self._patience = connect, patience
        self._spool = SqliteLog(path, max_pages=megabytes * _PAGES_OF_A_MEGABYTE)
        self._upstream: Upstream | None = None
        # Reentrant: a future may be done before anybody has asked to be told.
        self._lock = threading.RLock()
        # What an earlier process has left goes first, so it begins as if the brokers had just come back.
        self._way = _Way.SPOOL
        self._pending: dict[int, _Pending] = {}
        self._held: list[_Pending] = []
        self._sent, self._number, self._writing = self._spool.committed(_SENT), 0, 0
        self._group, self._lag, self._spooled = "", 0, 0
        self._closing, self._asked, self._reached = (threading.Event() for _ in range(3))
        # Two threads: who asks brokers that are away waits long, and must not keep the other from seeing that they are.
        self._threads = [
            threading.Thread(target=work, name=f"spool-{work.__name__.strip('_')}", daemon=True)
            for work in (self._watch, self._measure)
        ]
        for thread in self._threads:
            thread.start()
        self._reached.wait(patience)

    def append(self, events: list[Event]) -> Future[Sequence[int]]:
        if not 0 < len(events) <= BLOCK_EVENTS:
            raise ValueError(f"{len(events)} events; append 1 to {BLOCK_EVENTS} at a time.")
        if self._closing.is_set():
            raise LogFull("The event log is closed.")
        append = _Pending(events, Future(), time.monotonic())
        append.done.set_running_or_notify_cancel()
        with self._lock:
            self._take(append)
        return append.done

    def lag(self, group: str) -> int:
        """As the brokers said lately, and what is spooled. Asking costs nothing and waits for nobody."""
        self._group = group
        self._asked.set()
        return self._lag + self._spooled

    def close(self) -> None:
        """What is under way is finished; what is spooled is sent on at the next start."""
        self._closing.set()
        self._asked.set()
        for thread in self._threads:
            thread.join()
        if self._upstream:
            self._upstream.close()
        with self._lock:
            if self._pending or self._held:
                self._begin_spooling()
        self._spool.close()

    def _take(self, append: _Pending) -> None:
        if self._way is _Way.HELD:
            self._held.append(append)
        elif self._way is _Way.SPOOL:
            self._keep(append)
        else:
            self._send(append)

    def _send(self, append: _Pending) -> None:
        assert self._upstream is not None  # noqa: S101 - it was reached before the way became direct
        self._number += 1
        self._pending[self._number] = append
        try:
            sent = self._upstream.append(append.events)
        except LogFull:
            self._begin_spooling()
        else:
            sent.add_done_callback(partial(self._note_sent, self._number))

    def _note_sent(self, number: int, sent: Future[Sequence[int]]) -> None:
        with self._lock:
            if sent.exception():
                # Everything that is under way, so that it stays in order.
                if number in self._pending:
                    self._begin_spooling()
                return
            append = self._pending.pop(number, None)
        if append:
            append.done.set_result(sent.result())

    def _begin_spooling(self) -> None:
        if self._way is _Way.DIRECT:
            _log.warning("log_away", sentence="The event log does not answer; events are kept on this disk.")
        self._way = _Way.SPOOL
        moved, self._held = [*self._pending.values(), *self._held], []
        self._pending.clear()
        for append in moved:
            self._keep(append)

    def _keep(self, append: _Pending) -> None:
        try:
            kept = self._spool.append(append.events)
        except LogFull as error:
            append.done.set_exception(error)
            return
        self._writing += 1
        self._spooled += len(append.events)
        kept.add_done_callback(partial(self._note_kept, append))

    def _note_kept(self, append: _Pending, kept: Future[Sequence[int]]) -> None:
        with self._lock:
            self._writing -= 1
            if kept.exception():
                self._spooled -= len(append.events)
        if error := kept.exception():
            append.done.set_exception(error)
        else:
            append.done.set_result(kept.result())

    def _watch(self) -> None:
        while not self._closing.wait(_TURN if self._reached.is_set() else 0):
            try:
                if self._way is _Way.DIRECT and self._is_stuck():
                    self._give_up()
                if self._way is _Way.SPOOL:
                    self._reach()
            except (CoursepulseError, TimeoutError) as error:
                _log.debug("log_still_away", error=str(error))
                self._closing.wait(_PAUSE)
            except Exception:  # noqa: BLE001 - it must outlive whatever one look did to it
                _log.exception("spool_failed")
                self._closing.wait(_PAUSE)

    def _measure(self) -> None:
        """The backlog, as long as somebody asks for it."""
        while self._asked.wait() and not self._closing.is_set():
            self._asked.clear()
            if self._way is _Way.DIRECT and self._upstream:
                with suppress(CoursepulseError):
                    self._lag = self._upstream.lag(self._group)
            self._closing.wait(_MEASURED)

    def _is_stuck(self) -> bool:
        with self._lock:
            oldest = next(iter(self._pending.values()), None)
        return oldest is not None and time.monotonic() - oldest.since > self._patience

    def _give_up(self) -> None:
        with self._lock:
            self._begin_spooling()
        if self._upstream:
            self._upstream.give_up()

    def _reach(self) -> None:
        """Send on what is spooled, then let appends go straight to the brokers."""
        if self._upstream is None:
            self._upstream = self._connect()
        while blocks := self._spool.read(self._sent, _SOME):
            self._send_on(self._upstream, blocks)
        with self._lock:
            self._way = _Way.HELD
        try:
            while self._writing or (blocks := self._spool.read(self._sent, _SOME)):
                if self._writing:
                    time.sleep(0.001)
                else:
                    self._send_on(self._upstream, blocks)
        except BaseException:
            with self._lock:
                self._begin_spooling()
            raise
        self._go_direct()

    def _send_on(self, upstream: Upstream, blocks: list[Block]) -> None:
        sent = [
            upstream.append(events) for block in blocks if (events := upstream.without_erased(block.events))
        ]
        wait_for(sent, self._patience * 5)
        for each in sent:
            each.result(0)
        self._sent = blocks[-1].position
        self._spool.commit(_SENT, self._sent)
        self._spool.prune(_EVER, _SENT)
        self._spooled = max(0, self._spooled - sum(len(block.events) for block in blocks))

    def _go_direct(self) -> None:
        if self._reached.is_set():
            _log.info("log_back", sentence="What was kept on this disk is in the event log.")
        with self._lock:
            held, self._held = self._held, []
            self._way, self._spooled = _Way.DIRECT, 0
            for append in held:
                self._take(append)
        self._reached.set()
        self._spool.wipe()
