"""Two servers in front of the same databases: what one of them does, the other shows, with and without Redis."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from coursepulse.bench.gateway import Gateway
from coursepulse.client.local_server import started
from coursepulse.kit.settings import Settings
from tests.support.browsing import sign_in, token_of
from tests.support.live import open_page
from tests.support.pages import study
from tests.support.postgres import Server
from tests.support.redis import ClusterOfNodes
from tests.support.server import Platform, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.long]

COURSE, HERE = "two-servers", "course:two-servers"
PASSWORD = "a password of two servers"

#: Seconds in which everything is back after the loss of a master.
RECOVERED = 15.0


class Two(NamedTuple):
    """The server that stores, and one that only collects and answers."""

    one: Platform
    other: Platform

    def learn(self) -> None:
        """Something happens, and the first server is told of it."""
        event = study("two-ann", 3, COURSE)[1] | {
            "event_id": f"two-{uuid4()}",
            "session_id": f"two-{uuid4()}",
        }
        self.one.send(event)


@pytest.fixture(scope="module")
def two(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: Server,
    gateway: Gateway,
    redis_cluster: ClusterOfNodes,
) -> Iterator[Two]:
    shared: dict[str, Any] = {
        "clickhouse": gateway.url(),
        "demo": True,
        "demo_password": PASSWORD,
        **dict.fromkeys(("live", "cache", "limits"), redis_cluster.url),
    }
    with ExitStack() as stack:
        dsn = stack.enter_context(postgres_server.database())
        senders = list[Platform]()
        for name, options in (("one", ()), ("other", ("--collect-only",))):
            data = tmp_path_factory.mktemp(name)
            if senders:
                shutil.copy2(senders[0].data / "pseudonym.key", data)
            settings = Settings(data=data, postgres=dsn, **shared)
            senders.append(Platform(stack.enter_context(started(settings, *options)), data))
            stack.callback(senders[-1].close)
        both = Two(*senders)
        both.one.agree("two-ann", "two-ben")
        both.one.send(*study("two-ann", 0, COURSE), *study("two-ben", 1, COURSE))
        both.one.settle()
        yield both


def counted(sender: Platform, what: str) -> float:
    """A number for Prometheus."""
    lines = sender.http.get("/metrics").text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(what))


def lines_about(sender: Platform, what: str) -> int:
    return (sender.data / "server.log").read_text().count(what)


def summary(sender: Platform) -> list[dict[str, object]]:
    return sender.metric("course_summary", course=COURSE)


def test_an_event_through_one_server_is_seen_on_a_page_of_the_other(two: Two) -> None:
    with closing(sign_in(two.other.server.url, "admin", PASSWORD)) as http, open_page(http, HERE) as page:
        first = page.next()
        assert first.news["changed"] == []
        two.learn()
        told = page.news()
        assert HERE in told.news["changed"]
        assert told.news["latest_data_at"]
        two.one.settle()
        # What was missed between two streams comes with the next, though nobody watched it here.
        with open_page(http, HERE, after=first.mark) as again:
            assert HERE in again.next().news["changed"]


def test_an_answer_that_one_server_made_is_shown_by_the_other(two: Two) -> None:
    two.one.settle()

    def shares() -> bool:
        before = counted(two.other, 'coursepulse_cache_answers_total{outcome="same"}')
        assert summary(two.one) == summary(two.other)
        return counted(two.other, 'coursepulse_cache_answers_total{outcome="same"}') > before

    # The numbers may go on between the two questions.
    wait_until(shares, 20)


@pytest.mark.parametrize("how", ["signed out", "signed out everywhere", "disabled"])
def test_a_session_that_ends_at_one_server_is_refused_by_the_other_at_once(two: Two, how: str) -> None:
    name, api = f"two-{how.replace(' ', '-')}", two.one.http
    made = {"login_name": name, "role": "instructor", "password": PASSWORD}
    api.post("/v1/accounts", json=made).raise_for_status()
    with ExitStack() as stack:
        here = stack.enter_context(closing(sign_in(two.one.server.url, name, PASSWORD)))
        there = stack.enter_context(httpx.Client(base_url=two.other.server.url, cookies=dict(here.cookies)))
        assert there.get("/definitions").status_code == 200
        if how == "disabled":
            api.patch(f"/v1/accounts/{name}", json={"disabled": True}).raise_for_status()
        else:
            token = token_of(here.get("/definitions").text)
            everywhere = {"everywhere": "yes"} if how.endswith("everywhere") else {}
            here.post("/sign-out", data={"form_token": token} | everywhere)
        assert there.get("/definitions").status_code == 401


def keep_asking(two: Two, until: Callable[[], bool], timeout: float) -> list[float]:
    """Ask both servers until something holds; returns how long each answer took. All of them are answers."""
    began, took = time.monotonic(), list[float]()
    while not until():
        assert time.monotonic() - began < timeout, "it did not happen in time"
        for sender in two:
            asked = time.monotonic()
            assert len(summary(sender)) == 1
            took.append(time.monotonic() - asked)
    return took


def is_well(sender: Platform) -> bool:
    return bool(sender.http.get("/v1/health").json()["status"] == "ok")


def test_a_killed_master_takes_no_page_with_it_and_all_is_back_in_time(
    two: Two, redis_cluster: ClusterOfNodes
) -> None:
    wait_until(lambda: all(map(is_well, two)), 20)
    master = redis_cluster.find_master("coursepulse:{live}:changes")
    master.kill()
    began = time.monotonic()
    try:
        keep_asking(two, lambda: not is_well(two.other), 10)
        keep_asking(two, lambda: all(map(is_well, two)), RECOVERED)
        assert time.monotonic() - began < RECOVERED
    finally:
        master.start()
        redis_cluster.wait_until_whole()
    test_an_event_through_one_server_is_seen_on_a_page_of_the_other(two)


def test_without_any_redis_pages_go_on_and_the_log_says_so_once(
    two: Two, redis_cluster: ClusterOfNodes
) -> None:
    wait_until(lambda: all(map(is_well, two)), 20)
    logged = {
        (sender, what): lines_about(sender, what) for sender in two for what in ("redis_away", "live_away")
    }
    with closing(sign_in(two.other.server.url, "admin", PASSWORD)) as http, open_page(http, HERE) as page:
        redis_cluster.stop()
        try:
            # The browser's script asks by itself after three streams that were refused.
            assert page.ends_within(10)
            refused = http.get("/live/changes", params={"watch": HERE}, headers={"Accept": "*/*"})
            assert (refused.status_code, refused.json()["code"]) == (503, "live_unavailable")
            for _ in range(20):
                assert all(len(summary(sender)) == 1 for sender in two)
            stores = two.other.http.get("/v1/health").json()["stores"]
            assert "no answer is shared" in stores["redis"]
            assert "every ten seconds" in stores["live"]
            assert http.get(f"/courses/{COURSE}").status_code == 200
        finally:
            redis_cluster.restart()
    wait_until(lambda: all(map(is_well, two)), 30)
    for (sender, what), before in logged.items():
        assert lines_about(sender, what) == before + 1, what
    test_an_event_through_one_server_is_seen_on_a_page_of_the_other(two)
