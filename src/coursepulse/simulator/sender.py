"""Sends prebuilt bodies over HTTP, a few at a time, through the ordinary collector."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType

import httpx
import msgspec
import zstandard

from coursepulse.kit.errors import RequestError

#: Status codes after which a retry may help.
_PASSING = frozenset({429, 502, 503, 504})
_LONGEST_PAUSE = 10.0
_ROWS = 5_000


class SenderReceipt(msgspec.Struct, frozen=True):
    """The receipt of one request, with refusals by reason."""

    accepted: int = 0
    rejected: list[dict[str, object]] = msgspec.field(default_factory=list)


class Sender:
    """Sends to one server, and retries while it is busy or restarting. Any thread may use it.

    :param patience: seconds of retrying after which a server counts as unreachable
    """

    def __init__(self, url: str, key: str, patience: float = 120.0) -> None:
        self._patience = patience
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            timeout=60.0,
        )

    def __enter__(self) -> Sender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def post(self, body: bytes) -> SenderReceipt:
        """Sends a JSON array of events and waits until they are durable.

        :raises RequestError: when the server refuses the whole request, or cannot be reached
        """
        # A compressor serves one thread; at level 1 creating one costs less than a lock.
        packed = zstandard.ZstdCompressor(level=1).compress(body)
        return self._send("POST", "/v1/events", packed, {"Content-Encoding": "zstd"})

    def put(self, path: str, rows: Sequence[msgspec.Struct]) -> int:
        """Sends rows of the roster or consents; returns how many were accepted.

        :raises RequestError: when one is refused, because the simulator makes only valid ones
        """
        accepted = 0
        for start in range(0, len(rows), _ROWS):
            receipt = self._send("PUT", path, msgspec.json.encode(rows[start : start + _ROWS]), {})
            accepted += receipt.accepted
            if receipt.rejected:
                raise RequestError("row_rejected", f"{path}: {receipt.rejected[0]}")
        return accepted

    def _send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> SenderReceipt:
        deadline = time.monotonic() + self._patience
        attempt = 0
        while True:
            pause = min(_LONGEST_PAUSE, 0.2 * 2**attempt)
            try:
                answer = self._http.request(method, path, content=body, headers=headers)
            except httpx.TransportError as error:
                trouble = str(error) or type(error).__name__
            else:
                if answer.status_code not in _PASSING:
                    return _read(answer)
                trouble = f"it answers {answer.status_code}"
                pause = max(pause, _retry_after(answer))
            if time.monotonic() + pause > deadline:
                raise RequestError("server_gone", f"{self._http.base_url} cannot be reached: {trouble}.", 503)
            time.sleep(pause)
            attempt += 1


def _retry_after(answer: httpx.Response) -> float:
    value = answer.headers.get("Retry-After", "")
    return min(60.0, float(value)) if value.isdigit() else 0.0


def _read(answer: httpx.Response) -> SenderReceipt:
    if answer.is_success:
        return msgspec.json.decode(answer.content, type=SenderReceipt)
    raise RequestError(
        "refused", f"{answer.url.path}: {answer.status_code} {answer.text[:300]}", answer.status_code
    )
