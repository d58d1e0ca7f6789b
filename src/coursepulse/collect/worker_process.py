"""An ingest worker in a process of its own: ``python -m coursepulse.collect.worker_process``, started by RemoteWorker.

It has two sockets: one for requests, and one for orders of the server. When the server hangs up, or dies, the ingest
worker finishes what it has begun and ends.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import msgspec
import structlog

from coursepulse.collect.consents import ConsentFile
from coursepulse.collect.dead_letters import SqliteDeadLetterQueue
from coursepulse.collect.senders import SenderCount
from coursepulse.collect.stats import Report
from coursepulse.collect.worker import IngestRequest, LocalWorker
from coursepulse.kit.clock import system_clock
from coursepulse.kit.errors import LogFull, RequestError
from coursepulse.kit.logs import configure_logs
from coursepulse.kit.messages import pack_message, read_message, receive_message
from coursepulse.kit.settings import Settings
from coursepulse.kit.traces import Tracing
from coursepulse.log import open_sink
from coursepulse.privacy.consent import ConsentDecision
from coursepulse.privacy.pseudonyms import Pseudonyms

#: Raised when a message means something else than before; fields that are only added have defaults.
PROTOCOL = 1

#: Bytes that may wait on either side of the socket for requests.
BUFFER = 4 << 20

_log = structlog.get_logger(__name__)


class Begin(msgspec.Struct, frozen=True, tag=True):
    """The first order.

    :param secret: of the pseudonyms
    :param protocol: that the server speaks
    """

    settings: Settings
    secret: bytes
    protocol: int = PROTOCOL


class Decide(msgspec.Struct, frozen=True, tag=True):
    """Students have decided."""

    decisions: list[ConsentDecision]


class Forget(msgspec.Struct, frozen=True, tag=True):
    """Forget the external ids seen lately."""


class Count(msgspec.Struct, frozen=True, tag=True):
    """Say what was counted."""


class TakeCounts(msgspec.Struct, frozen=True, tag=True):
    """Say what senders brought since the last time."""


Order = Begin | Decide | Forget | Count | TakeCounts


class Request(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A request, and the number under which it is answered."""

    number: int
    request: IngestRequest


class Fault(msgspec.Struct, frozen=True, array_like=True):
    """Why a request was not taken.

    :param code: of a RequestError; empty when the log cannot write
    """

    sentence: str
    code: str = ""
    status: int = 503
    retry_after: int = 0


class Answer(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The receipt as JSON, or a fault."""

    number: int
    receipt: bytes = b""
    fault: Fault | None = None


def _encode_path(path: object) -> str:
    return str(path)


def _decode_path(kind: type, value: Any) -> Any:
    return kind(value) if issubclass(kind, Path) else value


pack = msgspec.msgpack.Encoder(enc_hook=_encode_path).encode
unpack_order = msgspec.msgpack.Decoder(Order, dec_hook=_decode_path).decode
unpack_report = msgspec.msgpack.Decoder(Report).decode
unpack_counts = msgspec.msgpack.Decoder(list[SenderCount]).decode
unpack_answer = msgspec.msgpack.Decoder(Answer).decode
_unpack_request = msgspec.msgpack.Decoder(Request).decode


def main(requests: socket.socket, orders: socket.socket) -> None:
    """Work until the server hangs up."""
    # Ctrl-C in a terminal is for the server, which ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    configure_logs()
    begin = unpack_order(receive_message(orders) or b"")
    if not isinstance(begin, Begin):
        raise TypeError("The first order is Begin.")
    if begin.protocol != PROTOCOL:
        # Installed over a server that goes on: its ingest worker, started again, would be of another version.
        sys.exit(
            f"The server speaks protocol {begin.protocol}, and its ingest worker {PROTOCOL}: restart it."
        )
    tracing = Tracing(begin.settings.traces, "ingest worker")
    tracing.start()
    try:
        asyncio.run(_work(begin, requests, orders))
    finally:
        tracing.stop()


async def _work(begin: Begin, requests: socket.socket, orders: socket.socket) -> None:
    settings, pseudonyms = begin.settings, Pseudonyms(begin.secret)
    consents = ConsentFile(settings.data / "log" / "consents.bin").register
    log = open_sink(settings)
    dead_letters = SqliteDeadLetterQueue(settings.data / "log" / "dead-letters.sqlite")
    worker = LocalWorker(
        log=log,
        pseudonyms=pseudonyms,
        consents=consents,
        dead_letters=dead_letters,
        clock=system_clock,
        settings=settings,
    )

    def obey(order: Order) -> bytes:
        if isinstance(order, Decide):
            consents.apply(order.decisions)
        elif isinstance(order, Forget):
            pseudonyms.forget()
        elif isinstance(order, TakeCounts):
            return pack(worker.take_counts())
        elif isinstance(order, Count):
            return pack(msgspec.structs.replace(worker.report(), cpu_seconds=process_time()))
        return pack(None)

    threading.Thread(target=_follow, args=(orders, obey), name="orders", daemon=True).start()
    try:
        await _answer_all(requests, worker)
    finally:
        dead_letters.close()
        log.close()


def _follow(orders: socket.socket, obey: Callable[[Order], bytes]) -> None:
    while (message := receive_message(orders)) is not None:
        orders.sendall(pack_message(obey(unpack_order(message))))


async def _answer_all(requests: socket.socket, worker: LocalWorker) -> None:
    reader, writer = await asyncio.open_connection(sock=requests, limit=BUFFER)

    async def answer(request: Request) -> None:
        writer.write(pack_message(pack(await _take(worker, request))))

    running: set[asyncio.Task[None]] = set()
    while (message := await read_message(reader)) is not None:
        task = asyncio.create_task(answer(_unpack_request(message)))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running, return_exceptions=True)
    writer.close()


async def _take(worker: LocalWorker, request: Request) -> Answer:
    try:
        return Answer(request.number, await worker.take(request.request))
    except RequestError as error:
        fault = Fault(str(error), error.code, error.status, error.retry_after)
    except LogFull as error:
        fault = Fault(str(error))
    except Exception:  # noqa: BLE001
        # A bug must cost one request, not the collector.
        _log.exception("request_failed")
        fault = Fault("An unexpected error occurred on the server and was logged.", "internal", 500)
    return Answer(request.number, fault=fault)


if __name__ == "__main__":
    main(*(socket.socket(fileno=int(number)) for number in sys.argv[1:3]))
