"""The ingest worker in its own process, so that judging events and serving numbers do not wait for each other.

Python runs one thread of a process at a time: beside a busy pipeline the collector answered late, and beside a busy
collector the pipeline fell behind, with a processor idle (docs/decisions/0011-the-ingest-workers-process.md).
"""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from typing import NamedTuple

from coursepulse.collect.senders import SenderCount
from coursepulse.collect.stats import Report
from coursepulse.collect.worker import IngestRequest
from coursepulse.collect.worker_process import (
    BUFFER,
    Answer,
    Begin,
    Count,
    Decide,
    Fault,
    Forget,
    Order,
    Request,
    TakeCounts,
    pack,
    unpack_answer,
    unpack_counts,
    unpack_report,
)
from coursepulse.kit.errors import LogFull, RequestError, SettingError
from coursepulse.kit.messages import pack_message, read_message, receive_message
from coursepulse.kit.settings import Settings
from coursepulse.kit.supervisor import Supervisor
from coursepulse.privacy.consent import ConsentDecision

#: Seconds for the ingest worker to start, and to do what it is told, on a loaded machine.
_PATIENCE = 60.0

#: What was under way when an ingest worker died may be in the log all the same.
_AWAY = "The collector is starting again; send this again: what is stored already counts once."


class _Sockets(NamedTuple):
    """Our ends of the two sockets of one ingest worker."""

    requests: socket.socket
    orders: socket.socket

    def tell(self, order: Order) -> bytes | None:
        """The ingest worker's answer, or None when it has gone."""
        try:
            self.orders.sendall(pack_message(pack(order)))
            return receive_message(self.orders)
        except OSError:
            # Too late is gone too: the next answer would be taken for that to another order.
            self.hang_up()
            return None

    def hang_up(self) -> None:
        for end in self:
            with suppress(OSError):  # it has gone already
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class RemoteWorker:
    """:class:`coursepulse.collect.worker.IngestWorker` in a child process, which is started again when it dies.

    Consents reach it in two ways: at its start it reads the file beside the log, and from then on :meth:`decide` tells
    it. The caller has written the file before.
    """

    def __init__(self, settings: Settings, secret: bytes) -> None:
        self._begin = pack_message(pack(Begin(settings, secret)))
        self._supervisor = Supervisor(self._spawn, "ingest worker")
        self._ordering = threading.Lock()
        self._spawned = threading.Event()
        self._sockets: _Sockets | None = None
        self._line: _Line | None = None

    def start(self) -> None:
        """Returns when the ingest worker works.

        :raises SettingError: when it does not
        """
        self._supervisor.begin()
        self._spawned.wait(_PATIENCE)
        if self._order(Count()) is None:
            self.stop()
            raise SettingError("The collector's process does not start; the server's log says why.")

    def stop(self) -> None:
        """Let it finish what it has begun."""
        if self._sockets:
            self._sockets.hang_up()
        self._supervisor.end(_PATIENCE)

    @property
    def pid(self) -> int | None:
        """The process id while it lives."""
        return self._supervisor.pid

    async def take(self, request: IngestRequest) -> bytes:
        """See :meth:`coursepulse.collect.worker.IngestWorker.take`."""
        sockets = self._sockets
        if sockets is None:
            raise LogFull(_AWAY)
        if self._line is None or self._line.sockets is not sockets:
            self._line = _Line(sockets)
        return await self._line.ask(request)

    def report(self) -> Report:
        """See :meth:`coursepulse.collect.worker.IngestWorker.report`. Nothing while it is starting again."""
        answer = self._order(Count())
        return unpack_report(answer) if answer else Report()

    def take_counts(self) -> list[SenderCount]:
        """See :meth:`coursepulse.collect.worker.IngestWorker.take_counts`. What one that died had counted is lost."""
        answer = self._order(TakeCounts())
        return unpack_counts(answer) if answer else []

    def decide(self, decisions: Sequence[ConsentDecision]) -> None:
        """These decisions hold for every request that comes from now on."""
        self._order(Decide(list(decisions)))

    def forget(self) -> None:
        """The external ids seen lately are to be forgotten."""
        self._order(Forget())

    def _order(self, order: Order) -> bytes | None:
        """The ingest worker's answer, or None when there is no ingest worker: one that starts later knows what was
        written before.
        """
        with self._ordering:
            while (sockets := self._sockets) is not None:
                answer = sockets.tell(order)
                if answer is not None or sockets is self._sockets:
                    return answer
        return None

    def _spawn(self) -> subprocess.Popen[bytes]:
        requests, orders = socket.socketpair(), socket.socketpair()
        theirs = [requests[1].fileno(), orders[1].fileno()]
        command = [sys.executable, "-m", "coursepulse.collect.worker_process", *map(str, theirs)]
        # A session of its own: Ctrl-C in a terminal reaches the server, which ends the ingest worker when all is
        # answered.
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=theirs, start_new_session=True)
        requests[1].close()
        orders[1].close()
        orders[0].settimeout(_PATIENCE)
        orders[0].sendall(self._begin)
        before, self._sockets = self._sockets, _Sockets(requests[0], orders[0])
        if before:
            before.hang_up()
        self._spawned.set()
        return child


class _Line:
    """Requests on their way to one ingest worker, and its answers. Belongs to the server's event loop."""

    def __init__(self, sockets: _Sockets) -> None:
        self.sockets = sockets
        self._numbers = count()
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()
        self._dead = False

    async def ask(self, request: IngestRequest) -> bytes:
        """The receipt.

        :raises RequestError: as the ingest worker says
        :raises LogFull: as the ingest worker says, or when it dies before it answers
        """
        async with self._opening:
            if self._writer is None:
                await self._open()
        if self._dead or self._writer is None:
            raise LogFull(_AWAY)
        number = next(self._numbers)
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._writer.write(pack_message(pack(Request(number, request))))
        try:
            return await answer
        finally:
            self._waiting.pop(number, None)

    async def _open(self) -> None:
        # A copy: the loop closes its own when it likes, and `hang_up` needs one.
        reader, self._writer = await asyncio.open_connection(sock=self.sockets.requests.dup(), limit=BUFFER)
        self._reading = asyncio.create_task(self._read(reader, self._writer))

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer_all(reader)
        finally:
            self._dead = True
            for waiting in self._waiting.values():
                if not waiting.done():
                    waiting.set_exception(LogFull(_AWAY))
            writer.close()

    async def _answer_all(self, reader: asyncio.StreamReader) -> None:
        while (message := await read_message(reader)) is not None:
            answer: Answer = unpack_answer(message)
            waiting = self._waiting.get(answer.number)
            if waiting is None or waiting.done():
                continue  # its sender has hung up
            if answer.fault:
                waiting.set_exception(_explain(answer.fault))
            else:
                waiting.set_result(answer.receipt)


def _explain(fault: Fault) -> Exception:
    if fault.code:
        return RequestError(fault.code, fault.sentence, fault.status, fault.retry_after)
    return LogFull(fault.sentence)
