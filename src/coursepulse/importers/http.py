"""The front door of a server, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
import zstandard

from coursepulse.events.event import Envelope
from coursepulse.importers.door import Letter, Pipeline, Verdict, as_event
from coursepulse.kit.errors import RequestError

#: Bytes of one request, below the 8 MiB that the door takes.
_LARGEST = 6 << 20

#: Seconds between attempts: doubled each time, up to the last of these.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 10.0

#: Statuses that say "later": overload, a restarting server, a full disk (RFC 9110 sections 15.6.3 to 15.6.5).
_LATER = frozenset({429, 502, 503, 504})


class _Receipt(msgspec.Struct):
    rejected: list[Verdict] = []


class _Health(msgspec.Struct):
    pipeline: Pipeline = Pipeline()


class HttpDoor:
    """Sends with a key, and does not give up while the server is busy or restarting.

    :param patience: seconds of trying after which a server counts as gone
    """

    def __init__(self, url: str, key: str, patience: float = 120.0) -> None:
        self._patience = patience
        self._pack = zstandard.ZstdCompressor(level=1).compress
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60.0)

    def send(self, events: Sequence[Envelope]) -> list[Verdict]:
        body = msgspec.json.encode(events)
        if len(body) > _LARGEST and len(events) > 1:
            half = len(events) // 2
            later = [
                Verdict(half + each.index, each.reason, each.path, each.sentence)
                for each in self.send(events[half:])
            ]
            return self.send(events[:half]) + later
        return self._post("/v1/events", body, "application/json").rejected

    def put(self, path: str, rows: Sequence[msgspec.Struct]) -> None:
        self._ask("PUT", path, msgspec.json.encode(rows), {"Content-Type": "application/json"})

    def bury(self, letters: Sequence[Letter]) -> None:
        if letters:
            self._post("/v1/events", b"\n".join(map(as_event, letters)), "application/x-ndjson")

    def pipeline(self) -> Pipeline | None:
        try:
            return msgspec.json.decode(self._ask("GET", "/v1/health", b"", {}), type=_Health).pipeline
        except msgspec.DecodeError:
            return None

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def _post(self, path: str, body: bytes, media: str) -> _Receipt:
        headers = {"Content-Type": media, "Content-Encoding": "zstd"}
        return msgspec.json.decode(self._ask("POST", path, self._pack(body), headers), type=_Receipt)

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        """The body of the answer.

        :raises RequestError: when the server refuses the request as a whole, or stays away
        """
        deadline, pause = time.monotonic() + self._patience, _FIRST_PAUSE
        while True:
            wait, trouble = pause, "the server does not answer"
            try:
                answer = self._http.request(method, path, content=body, headers=headers)
            except httpx.TransportError as error:
                trouble = f"{self._http.base_url} does not answer: {error}"
            else:
                if answer.is_success:
                    return answer.content
                if answer.status_code not in _LATER:
                    raise _refusal(answer)
                trouble, wait = str(_refusal(answer)), 100.0
            if time.monotonic() + wait > deadline:
                raise RequestError("server_away", f"Gave up: {trouble}", 503)
            time.sleep(wait)
            pause = min(2 * pause, _LONGEST_PAUSE)


def _wait_of(answer: httpx.Response, pause: float) -> float:
    after = answer.headers.get("retry-after", "")
    return float(after) if after.isdecimal() else pause


def _refusal(answer: httpx.Response) -> RequestError:
    try:
        problem: Any = msgspec.json.decode(answer.content)
        return RequestError(problem["code"], problem["sentence"], answer.status_code)
    except (msgspec.DecodeError, KeyError, TypeError):
        return RequestError("refused", f"The server answered {answer.status_code}.", answer.status_code)


@contextmanager
def open_door(url: str, key: str) -> Iterator[HttpDoor]:
    """The door of the server at ``url``, for as long as the block lasts."""
    door = HttpDoor(url, key)
    try:
        yield door
    finally:
        door.close()
