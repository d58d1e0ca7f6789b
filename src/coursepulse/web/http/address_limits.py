"""How often one address may ask without a key or a session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from coursepulse.collect.rate import SharedBuckets
from coursepulse.kit.clock import MINUTE, SECOND, Clock, Micros
from coursepulse.kit.errors import RequestError
from coursepulse.privacy.addresses import sender_network
from coursepulse.web.http.auth import EMBED_HEADER, address, session_token
from coursepulse.web.http.request import AnyRequest

#: Answered to everybody, whatever they carry.
_OPEN = ("/v1/health", "/docs", "/sign-in", "/embed")

#: Pages bring these along, browsers keep them, and they cost next to nothing.
_FILES = "/static/"

_COUNTED = "counted"


class Visits:
    """Counts requests that nobody vouches for, per address and minute.

    Nothing is kept longer, so that many addresses fill no memory.

    :param per_minute: requests a minute, 0 for no limit
    :param shared: counts the requests of all servers, where there are several
    """

    def __init__(self, per_minute: int, clock: Clock, shared: SharedBuckets | None = None) -> None:
        self._per_minute, self._clock, self._shared = per_minute, clock, shared
        self._minute = 0
        self._counts: dict[str, int] = {}

    def count(self, place: str) -> int:
        """Count a request; returns the seconds until the address may ask again, 0 when it may now."""
        if not self._per_minute:
            return 0
        now = self._clock()
        self._turn(now)
        network = sender_network(place)
        seen = self._counts[network] = self._counts.get(network, 0) + 1
        if seen > self._per_minute:
            return max(1, 60 - now % MINUTE // SECOND)
        return self._count_elsewhere(f"address {network}")

    def _count_elsewhere(self, bucket: str) -> int:
        if self._shared is None:
            return 0
        if wait := self._shared.wait(bucket):
            return wait
        self._shared.note(bucket, self._per_minute)
        return 0

    def check(self, request: AnyRequest) -> RequestError | None:
        """Count a request, once; what to answer when there were too many."""
        known: dict[str, Any] = request.scope["state"]
        if known.setdefault(_COUNTED, request) is not request:
            return None
        wait = self.count(address(request))
        if not wait:
            return None
        sentence = f"Too many requests from this address; wait {wait} seconds."
        return RequestError("rate_exceeded", sentence, 429, wait)

    def _turn(self, now: Micros) -> None:
        if now // MINUTE != self._minute:
            self._minute = now // MINUTE
            self._counts = {}


def visit_hook(visits: Visits) -> Callable[[AnyRequest], Awaitable[None]]:
    """Turns away excess requests without a key or session before anything is done for them."""

    async def check_visit(request: AnyRequest) -> None:
        if _brings_nothing(request) and (refusal := visits.check(request)):
            raise refusal

    return check_visit


def _brings_nothing(request: AnyRequest) -> bool:
    """Whether a request brings no proof, or needs none. A wrong proof is found out, and counted, later."""
    path: str = request.scope["path"]
    if path.startswith(_OPEN):
        return True
    brings = "authorization" in request.headers or EMBED_HEADER in request.headers or session_token(request)
    return not (brings or path.startswith(_FILES))
