"""Nobody may ask without end: strangers are counted by address, and nobody with a valid key suffers for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any, cast

import httpx
import pytest

from coursepulse.kit.clock import MINUTE, SECOND
from coursepulse.web.http.address_limits import Visits, visit_hook
from tests.support.server import Platform, platform

LIMIT = 30


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform(tmp_path_factory.mktemp("strict"), visits_per_minute=LIMIT, demo=True) as sender:
        yield sender


def begin_minute() -> None:
    """Wait for a minute that does not end while a test counts."""
    left = 60 - time.time() % 60
    if left < 5:
        time.sleep(left)


@pytest.mark.parametrize(
    ("place", "method", "path", "headers", "before"),
    [
        (1, "GET", "/v1/health", {}, 200),
        (2, "GET", "/docs", {}, 200),
        (3, "GET", "/nowhere", {}, 404),
        (4, "GET", "/sign-in", {"Accept": "text/html"}, 200),
        (5, "GET", "/embed?token=made-up", {}, 403),
        (6, "GET", "/v1/metrics", {}, 401),
        (7, "GET", "/v1/metrics", {"Authorization": "Bearer made-up"}, 403),
        (8, "POST", "/v1/events", {"Authorization": "Bearer made-up"}, 403),
        (9, "GET", "/", {"Cookie": "coursepulse=made-up"}, 401),
        (10, "GET", "/v1/health", {"Authorization": "Bearer made-up"}, 200),
        (11, "POST", "/admin/users", {"Cookie": "coursepulse=made-up"}, 401),
        (12, "POST", "/privacy/exports", {"Cookie": "coursepulse=made-up"}, 401),
        (13, "POST", "/break-glass", {"Cookie": "coursepulse=made-up", "Sec-Fetch-Site": "same-origin"}, 401),
    ],
)
def test_an_address_without_proof_is_told_to_wait(
    strict: Platform, place: int, method: str, path: str, headers: dict[str, str], before: int
) -> None:
    begin_minute()
    # A proxy on this machine is believed: each case comes from an address of its own.
    come_from = {"X-Forwarded-For": f"192.0.2.{place}"}
    with httpx.Client(base_url=strict.server.url, headers=headers | come_from) as http:
        answers = [http.request(method, path) for _ in range(LIMIT + 1)]
        assert {answer.status_code for answer in answers[:LIMIT]} == {before}
        last = answers[LIMIT]
        assert last.status_code == 429
        assert 1 <= int(last.headers["retry-after"]) <= 60
        good = {"Authorization": f"Bearer {strict.server.key}"}
        assert http.get("/v1/metrics", headers=good).status_code == 200
        assert http.get("/static/app.css").status_code == 200
    assert httpx.get(strict.server.url + "/docs").status_code == 200


def test_a_network_of_ipv6_is_one_address_and_a_minute_is_enough() -> None:
    now = 7 * MINUTE + 12 * SECOND
    visits = Visits(2, lambda: now)
    assert [visits.count(place) for place in ("2001:db8::1", "2001:db8::2", "2001:db8::3")] == [0, 0, 48]
    assert visits.count("2001:db8:0:1::1") == 0
    now += 48 * SECOND
    assert visits.count("2001:db8::1") == 0


def test_counting_costs_the_collector_next_to_nothing() -> None:
    """A request with a key is only looked at: far below a hundredth of what receiving it takes (about 1 ms)."""
    asked: Any = type("Asked", (), {})()
    asked.scope, asked.headers = {"path": "/v1/events", "state": {}}, {"authorization": "Bearer x"}
    hook = cast(Any, visit_hook(Visits(1, lambda: 0)))

    async def spend(times: int) -> float:
        begin = time.perf_counter()
        for _ in range(times):
            await hook(asked)
        return (time.perf_counter() - begin) / times

    assert min(asyncio.run(spend(2000)) for _ in range(5)) < 10e-6
