"""The collector of a server, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import quote

import msgspec
import zstandard

from coursepulse.campus.deliveries import Whole
from coursepulse.client import Transport
from coursepulse.collect.dead_letters import MOST_AT_ONCE, MOST_BYTES
from coursepulse.events.event import Envelope
from coursepulse.importers.destination import BrokenRecord, DestinationRefusal, EndedRows, ServerProgress

#: Bytes of one request, below the 8 MiB that the collector takes.
_LARGEST = 6 << 20

#: Ids of one request of a withdrawal.
_WITHDRAWN = 1000

#: Seconds for which a server may be unreachable, such as during a restart.
_PATIENCE = 120.0


class _Receipt(msgspec.Struct):
    rejected: list[DestinationRefusal] = []


class _Withdrawn(msgspec.Struct):
    withdrawn: int


class _Consents(msgspec.Struct):
    current: dict[str, bool] = {}


class _Health(msgspec.Struct):
    pipeline: ServerProgress = ServerProgress()


class HttpDestination:
    """Sends whole batches and returns the verdict on each event, by its place in the batch.

    The client adds receipts up, but an import must know which events to retry.
    """

    def __init__(self, transport: Transport) -> None:
        self._ask = transport.ask
        self._pack = zstandard.ZstdCompressor(level=1).compress

    def send(self, events: Sequence[Envelope]) -> list[DestinationRefusal]:
        body = msgspec.json.encode(events)
        if len(body) > _LARGEST and len(events) > 1:
            half = len(events) // 2
            later = [
                DestinationRefusal(half + each.index, each.reason, each.path, each.sentence)
                for each in self.send(events[half:])
            ]
            return self.send(events[:half]) + later
        return self._post(body, "application/json").rejected

    def put(self, path: str, rows: Sequence[msgspec.Struct]) -> list[DestinationRefusal]:
        answer = self._ask("PUT", path, msgspec.json.encode(rows), {"Content-Type": "application/json"})
        return msgspec.json.decode(answer, type=_Receipt).rejected

    def end_missing(self, whole: Whole) -> EndedRows:
        body, headers = msgspec.json.encode(whole), {"Content-Type": "application/json"}
        return msgspec.json.decode(self._ask("POST", "/v1/roster/deliveries", body, headers), type=EndedRows)

    def agreed(self, student: str) -> bool:
        answer = self._ask("GET", f"/v1/consents/{quote(student, safe='')}")
        return msgspec.json.decode(answer, type=_Consents).current.get("analytics", False)

    def withdraw(self, events: Sequence[str]) -> int:
        withdrawn = 0
        for start in range(0, len(events), _WITHDRAWN):
            body = msgspec.json.encode(events[start : start + _WITHDRAWN])
            answer = self._ask("POST", "/v1/withdrawals", body, {"Content-Type": "application/json"})
            withdrawn += msgspec.json.decode(answer, type=_Withdrawn).withdrawn
        return withdrawn

    def put_aside(self, dead_letters: Sequence[BrokenRecord]) -> None:
        for some in _parts([_describe(dead_letter) for dead_letter in dead_letters]):
            body = b"[" + b",".join(some) + b"]"
            self._ask("POST", "/v1/dead-letters", body, {"Content-Type": "application/json"})

    def pipeline(self) -> ServerProgress | None:
        try:
            return msgspec.json.decode(self._ask("GET", "/v1/health"), type=_Health).pipeline
        except msgspec.DecodeError:
            return None

    def _post(self, body: bytes, media: str) -> _Receipt:
        headers = {"Content-Type": media, "Content-Encoding": "zstd"}
        answer = self._ask("POST", "/v1/events", self._pack(body), headers)
        return msgspec.json.decode(answer, type=_Receipt)


def _describe(dead_letter: BrokenRecord) -> bytes:
    """A broken record as the collector keeps it: cut to the length of a dead letter, with valid characters only."""
    record = dead_letter.body[:MOST_BYTES].decode("utf-8", "replace").replace("\0", "\ufffd")
    described = dead_letter._asdict() | {"place": dead_letter.place[-128:], "body": record}
    return msgspec.json.encode(described)


def _parts(texts: Sequence[bytes]) -> Iterator[list[bytes]]:
    """The texts in chunks that fit into one request each."""
    part, size = list[bytes](), 0
    for text in texts:
        if part and (len(part) == MOST_AT_ONCE or size + len(text) > _LARGEST):
            yield part
            part, size = [], 0
        part.append(text)
        size += len(text)
    if part:
        yield part


@contextmanager
def open_destination(url: str, key: str) -> Iterator[HttpDestination]:
    """The collector of the server at ``url``, until the block ends."""
    transport = Transport(url, key, patience=_PATIENCE)
    try:
        yield HttpDestination(transport)
    finally:
        transport.close()
