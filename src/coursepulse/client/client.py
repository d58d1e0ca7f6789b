"""The client: gathers events into batches and sends each batch until it has a receipt."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import msgspec
import zstandard

from coursepulse.client.receipts import BatchReceipt, Receipts, Rejection
from coursepulse.client.spool import Spool
from coursepulse.client.transport import SERVER_AWAY, Transport
from coursepulse.events.event import Envelope
from coursepulse.kit.errors import CoursepulseError, RequestError

#: Bytes of one batch before compression, well below the server's limit of 8 MiB.
_BATCH_BYTES = 4 << 20

_HEADERS = {"Content-Type": "application/x-ndjson", "Content-Encoding": "zstd"}


class Client:
    """Sends events to a server. Any thread may use it; ``with`` flushes at the end.

    Every event ends in a receipt, in the spool, or in an exception: none is dropped silently.

    :param batch: the most events of one request
    :param linger: seconds after which a batch is sent even if it is not full
    :param spool: directory for batches that the server could not accept; they are sent first, also after a
        restart. Without it they stay in memory, and ``send`` and ``flush`` raise.
    :param patience: seconds of retrying; 60 without a spool, 5 with one
    :param rest: with a spool, seconds without requests after the server did not answer
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        batch: int = 1000,
        linger: float = 1.0,
        spool: Path | None = None,
        patience: float | None = None,
        rest: float = 15.0,
        http: httpx.Client | None = None,
    ) -> None:
        self._spool = Spool(spool) if spool else None
        patience = patience if patience is not None else (5.0 if spool else 60.0)
        self._transport = Transport(url, key, patience=patience, http=http)
        self._batch, self._linger, self._rest = batch, linger, rest
        self._lines: list[bytes] = []
        self._bytes = 0
        self._gathering = threading.Lock()  # guards the lines; held briefly
        self._shipping = threading.RLock()  # guards sending; held for a whole request
        self._receipts = Receipts()
        self._away_until = 0.0
        self._trouble: CoursepulseError | None = None
        self._closing = threading.Event()
        self._timer = threading.Thread(target=self._keep_time, name="coursepulse-client", daemon=True)
        self._timer.start()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, event: dict[str, Any] | Envelope) -> None:
        """Queue one event. Usually returns at once; a full batch waits for its receipt.

        :raises RequestError: when the server refuses a whole batch or, without a spool, does not answer
        """
        line = msgspec.json.encode(event)
        with self._gathering:
            self._lines.append(line)
            self._bytes += len(line)
            full = len(self._lines) >= self._batch or self._bytes >= _BATCH_BYTES
        if full:
            self._ship()
        self._tell_trouble()

    def flush(self) -> Receipts:
        """Send everything, the spool first; returns the receipts of all events since the last flush.

        :raises RequestError: as :meth:`send`; the events are kept
        """
        with self._shipping:
            self._away_until = 0.0
            if isinstance(self._trouble, RequestError):
                self._trouble = None  # retry what failed then
            while self._lines:
                self._ship()
            if not self._is_away():
                self._drain()
            self._tell_trouble()
            receipts, self._receipts = self._receipts, Receipts()
            receipts.spooled = self._spool.events if self._spool else 0
            return receipts

    def put(self, path: str, rows: Sequence[Any]) -> Any:
        """Send rows of the roster or consents; returns the server's answer.

        :raises RequestError: when the server refuses them or does not answer; rows are never spooled
        """
        body = msgspec.json.encode(rows)
        return msgspec.json.decode(
            self._transport.ask("PUT", path, body, {"Content-Type": "application/json"}) or b"null"
        )

    def close(self) -> None:
        """Flush and close. Closing twice does nothing.

        :raises RequestError: as :meth:`flush`
        """
        if self._closing.is_set():
            return
        self._closing.set()
        self._timer.join()
        try:
            self.flush()
        finally:
            self._transport.close()
            if self._spool:
                self._spool.close()

    def _keep_time(self) -> None:
        while not self._closing.wait(self._linger):
            try:
                self._ship()
            except CoursepulseError as error:
                self._trouble = error
            except OSError as error:
                self._trouble = CoursepulseError(f"The spool cannot be written: {error}.")

    def _tell_trouble(self) -> None:
        """Raise an error of the background thread, once."""
        trouble, self._trouble = self._trouble, None
        if trouble is not None:
            raise trouble

    def _ship(self) -> None:
        """Send one batch to the server or write it to the spool; on an error its events are kept."""
        with self._shipping:
            with self._gathering:
                lines = self._lines[: self._batch]
            if lines:
                self._deliver(lines)
                with self._gathering:
                    del self._lines[: len(lines)]
                    self._bytes = sum(map(len, self._lines))

    def _deliver(self, lines: list[bytes]) -> None:
        if self._spool is None:
            return self._post(lines)
        if self._is_away() or not self._drain():
            return self._spool.add(_pack(lines), len(lines))
        try:
            return self._post(lines)
        except RequestError as error:
            self._spool.add(_pack(lines), len(lines))
            self._leave_alone(error)
        return None

    def _drain(self) -> bool:
        """Send the spool, oldest first; returns whether it is empty now."""
        while self._spool and (batch := self._spool.first()) is not None:
            try:
                self._post(_unpack(batch))
            except zstandard.ZstdError:
                file = self._spool.set_aside_first()
                raise CoursepulseError(f"{file} is damaged; it was set aside.") from None
            except RequestError as error:
                self._leave_alone(error)
                return False
            self._spool.drop_first()
        return True

    def _leave_alone(self, error: RequestError) -> None:
        """Pause sending. A refusal, such as a wrong key, is reported to the caller; an unreachable server is not."""
        if error.code != SERVER_AWAY:
            self._trouble = error
        self._away_until = time.monotonic() + self._rest

    def _is_away(self) -> bool:
        return time.monotonic() < self._away_until

    def _post(self, lines: list[bytes]) -> None:
        try:
            answer = self._transport.ask("POST", "/v1/events", _pack(lines), _HEADERS)
        except RequestError as error:
            if error.status != httpx.codes.REQUEST_ENTITY_TOO_LARGE:
                raise
            self._post_halves(lines, error)
        else:
            self._receipts.add(msgspec.json.decode(answer, type=BatchReceipt))

    def _post_halves(self, lines: list[bytes], error: RequestError) -> None:
        if len(lines) == 1:
            self._receipts.add(BatchReceipt(rejected=[Rejection(None, error.code, "$", str(error))]))
            return
        half = len(lines) // 2
        self._post(lines[:half])
        self._post(lines[half:])


def _pack(lines: list[bytes]) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(b"\n".join(lines))


def _unpack(batch: bytes) -> list[bytes]:
    return zstandard.decompress(batch).split(b"\n")
