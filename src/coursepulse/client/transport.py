"""HTTP requests that are retried while that may help."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping

import httpx
import msgspec

from coursepulse.kit.errors import RequestError

#: Status codes to retry: overload, a full disk, a server restarting behind a proxy (RFC 9110 section 15.6, RFC 6585).
_LATER = frozenset({429, 502, 503, 504})

#: Seconds: the first pause is a part of this, each later one up to twice as long, and none longer than the last.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 30.0

#: The error code when a server was unreachable for too long.
SERVER_AWAY = "server_away"


class _Problem(msgspec.Struct):
    code: str
    sentence: str


class Transport:
    """Requests to one server with one key. Any thread may use it.

    :param patience: seconds of retrying after which the server counts as unreachable
    :param http: sends the requests, instead of a client created here
    :param pause: sleeps for some seconds
    :param jitter: a number in [0, 1): retries of many clients must not synchronise
        (full jitter, https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        patience: float = 60.0,
        http: httpx.Client | None = None,
        pause: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._patience, self._pause, self._jitter = patience, pause, jitter
        self._http = http or httpx.Client(timeout=60.0)
        self._url = url.rstrip("/")
        self._authorization = {"Authorization": f"Bearer {key}"}

    def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The body of the answer.

        :raises RequestError: the server's own if it refuses; ``server_away`` if it cannot be reached
        """
        deadline = time.monotonic() + self._patience
        attempt = 0
        while True:
            trouble, after = f"{self._url} does not answer", 0.0
            try:
                answer = self._http.request(
                    method, self._url + path, content=body, headers={**self._authorization, **(headers or {})}
                )
            except httpx.TransportError as error:
                trouble = f"{trouble}: {error}"
            else:
                if answer.is_success:
                    return answer.content
                refusal = _refusal(answer)
                if answer.status_code not in _LATER:
                    raise refusal
                trouble, after = str(refusal), float(refusal.retry_after)
            seconds = after + self._jitter() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt)
            if time.monotonic() + seconds > deadline:
                raise RequestError(SERVER_AWAY, f"Gave up: {trouble.rstrip('.')}.", 503)
            self._pause(seconds)
            attempt += 1

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def _refusal(answer: httpx.Response) -> RequestError:
    after = answer.headers.get("Retry-After", "")
    seconds = int(after) if after.isdecimal() else 0
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except msgspec.MsgspecError:
        problem = _Problem("refused", f"The server answered {answer.status_code}.")
    return RequestError(problem.code, problem.sentence, answer.status_code, seconds)
