"""Redis as servers share it: channels and buckets, and what becomes of them when nodes go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
import structlog
from litestar.channels.backends.base import ChannelsBackend
from litestar.channels.backends.memory import MemoryChannelsBackend

from coursepulse.collect.rate import RateLimit
from coursepulse.kit.clock import MINUTE, SECOND, Micros
from coursepulse.kit.errors import RequestError, SettingError, StoreUnavailable
from coursepulse.store.redis.address import RedisAddress, parse_address
from coursepulse.store.redis.buckets import RedisBuckets
from coursepulse.store.redis.channels import RedisChannels
from coursepulse.store.redis.link import RedisLink
from coursepulse.store.redis.probe import ask_redis
from coursepulse.web.http.address_limits import Visits
from tests.support.redis import ClusterOfNodes, RedisNode
from tests.support.server import wait_until

#: Seconds in which everything is back after the loss of a master.
RECOVERED = 15.0


@contextmanager
def linked(url: str) -> Iterator[RedisLink]:
    link = RedisLink(parse_address("TEST", url))
    yield link
    link.close()


@contextmanager
def filling(url: str, secret: bytes = b"secret") -> Iterator[RedisBuckets]:
    with linked(url) as link:
        buckets = RedisBuckets(link, secret)
        yield buckets
        buckets.close()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://cache", RedisAddress((("cache", 6379),))),
        ("redis://cache:7000/2", RedisAddress((("cache", 7000),), database=2)),
        ("rediss://me:p%40ss@cache", RedisAddress((("cache", 6379),), tls=True, user="me", password="p@ss")),
        ("redis+cluster://a:1,b:2", RedisAddress((("a", 1), ("b", 2)), cluster=True)),
        ("rediss+cluster://:pw@[::1]:7", RedisAddress((("::1", 7),), cluster=True, tls=True, password="pw")),
    ],
)
def test_an_address_is_read(url: str, address: RedisAddress) -> None:
    assert parse_address("COURSEPULSE_CACHE", url) == address


@pytest.mark.parametrize(
    "url",
    [
        "redis://",
        "redis://a,b",
        "redis://a:x",
        "redis://a/x",
        "redis://a:70000",
        "redis+cluster://a/3",
        "redis+cluster://a,,b",
        "kafka://a",
        "redis",
    ],
)
def test_what_is_no_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(SettingError, match=r"COURSEPULSE_CACHE: not the address") as refused:
        parse_address("COURSEPULSE_CACHE", url.replace("://", "://me:hush@"))
    assert "hush" not in str(refused.value)


# Channels: in memory, on one node and in a cluster.

Work = Callable[[ChannelsBackend, ChannelsBackend], Awaitable[None]]


@pytest.fixture(params=["memory", "node", "cluster"])
def on_channels(request: pytest.FixtureRequest) -> Callable[[Work], None]:
    """Runs work with two ends of the same channels; in memory both are one."""
    found = None if request.param == "memory" else request.getfixturevalue(f"redis_{request.param}")

    async def run(work: Work) -> None:
        first: ChannelsBackend = MemoryChannelsBackend()
        second = first
        if found:
            address = parse_address("TEST", found.url)
            first, second = RedisChannels(address), RedisChannels(address)
        ends = {id(each): each for each in (first, second)}.values()
        for each in ends:
            await each.on_startup()
        try:
            await work(first, second)
        finally:
            for each in ends:
                await each.on_shutdown()

    return lambda work: asyncio.run(run(work))


async def hear(backend: ChannelsBackend, number: int) -> list[tuple[str, bytes]]:
    heard: list[tuple[str, bytes]] = []
    async with asyncio.timeout(10):
        async for message in backend.stream_events():
            heard.append(message)
            if len(heard) == number:
                break
    return heard


def test_what_is_said_on_one_end_is_heard_on_the_other_in_order(on_channels: Callable[[Work], None]) -> None:
    async def work(here: ChannelsBackend, there: ChannelsBackend) -> None:
        names = [f"channel {number}" for number in range(8)]
        await there.subscribe(names)
        await asyncio.sleep(0.2)
        for number in range(5):
            await here.publish(b"%d" % number, names)
        await here.publish(b"nobody listens", ["elsewhere"])
        heard = await hear(there, 40)
        for name in names:
            assert [said for channel, said in heard if channel == name] == [b"0", b"1", b"2", b"3", b"4"]

    on_channels(work)


def test_who_has_left_a_channel_hears_no_more_of_it(on_channels: Callable[[Work], None]) -> None:
    async def work(here: ChannelsBackend, there: ChannelsBackend) -> None:
        await there.subscribe(["a", "b"])
        await asyncio.sleep(0.2)
        await there.unsubscribe(["a"])
        await asyncio.sleep(0.2)
        await here.publish(b"x", ["a"])
        await here.publish(b"y", ["b"])
        assert await hear(there, 1) == [("b", b"y")]
        assert await there.get_history("b") == []

    on_channels(work)


# Buckets.


class Server:
    """One server with a limit of ten requests a minute."""

    def __init__(self, buckets: RedisBuckets | None, limit: int = 10) -> None:
        self.now: Micros = 1_800_000_000 * SECOND
        self.limit = RateLimit(limit, lambda: self.now, buckets)

    def send(self, name: str) -> int:
        """0 when it is let through, or the seconds to wait."""
        try:
            self.limit.take(name)
        except RequestError as refused:
            return refused.retry_after
        return 0

    def count(self, name: str, times: int, pause: float = 0.0) -> int:
        """How many of so many requests are let through."""
        let_through = 0
        for _ in range(times):
            let_through += self.send(name) == 0
            time.sleep(pause)
        return let_through


@pytest.fixture(params=["memory", "node", "cluster"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    if request.param == "memory":
        yield Server(None)
        return
    with filling(request.getfixturevalue(f"redis_{request.param}").url) as buckets:
        yield Server(buckets)


def test_a_minutes_worth_may_come_at_once_and_no_more(server: Server, request: pytest.FixtureRequest) -> None:
    name = request.node.name
    assert server.count(name, 15) == 10
    assert 1 <= server.send(name) <= 6
    assert server.send(f"other {name}") == 0


def test_no_limit_is_no_limit(request: pytest.FixtureRequest, redis_node: RedisNode) -> None:
    with filling(redis_node.url) as buckets:
        assert Server(buckets, 0).count(request.node.name, 50) == 50


@pytest.mark.parametrize("kind", ["node", "cluster"])
def test_the_requests_of_two_servers_count_together(request: pytest.FixtureRequest, kind: str) -> None:
    url, name = request.getfixturevalue(f"redis_{kind}").url, request.node.name
    with filling(url) as one, filling(url) as other:
        here, there = Server(one), Server(other)
        let_through = sum(server.count(name, 1, 0.02) for _ in range(20) for server in (here, there))
        # Each hears that the bucket is empty when it has let one more through.
        assert 10 <= let_through <= 12
        # What was let through beyond it is owed.
        assert here.send(name) >= 6 or there.send(name) >= 6


def test_what_was_let_through_beyond_the_limit_is_owed_for_a_minute_at_most(
    redis_node: RedisNode, request: pytest.FixtureRequest
) -> None:
    name = request.node.name
    with filling(redis_node.url) as buckets:
        for _ in range(100):
            buckets.note(name, 10)
        wait_until(lambda: buckets.wait(name) > 30, 10)
        assert buckets.wait(name) <= 66


def test_visits_of_an_address_count_together_and_it_is_not_kept_in_the_clear(redis_node: RedisNode) -> None:
    with filling(redis_node.url) as one, filling(redis_node.url) as other:
        here, there = (Visits(10, lambda: 30 * MINUTE, buckets) for buckets in (one, other))
        waits = []
        for _ in range(10):
            for each in (here, there):
                waits.append(each.count("192.0.2.77"))
                time.sleep(0.02)
        assert 10 <= waits.count(0) <= 12
        assert here.count("192.0.2.78") == 0
    with redis_node.client() as client:
        keys = list(client.scan_iter("coursepulse:limit:*"))
        assert keys
        assert not [key for key in keys if b"192" in key]
        assert all(0 < client.pttl(key) <= 2 * 61_000 for key in keys)


def test_without_redis_each_server_has_its_own_limit_and_never_none(
    redis_node: RedisNode, request: pytest.FixtureRequest
) -> None:
    name = request.node.name
    with filling(redis_node.url) as buckets:
        redis_node.kill()
        try:
            server = Server(buckets)
            began = time.monotonic()
            assert server.count(name, 30) == 10
            assert time.monotonic() - began < 0.2, "requests wait for Redis"
        finally:
            redis_node.start()


# The link.


def test_an_outage_is_one_line_in_the_log_and_one_when_it_is_over(redis_node: RedisNode) -> None:
    with structlog.testing.capture_logs() as logs, linked(redis_node.url) as link:
        assert link.ask(lambda client: client.set("test:outage", "1"))
        link.check()
        redis_node.kill()
        assert [link.ask(lambda client: client.get("test:outage")) for _ in range(50)] == [None] * 50
        with pytest.raises(StoreUnavailable, match="limits count requests of each server"):
            link.check()
        redis_node.start()
        wait_until(lambda: bool(link.ask(lambda client: client.ping())), 10)
        link.check()
    assert [each["event"] for each in logs] == ["redis_away", "redis_back"]


def test_who_does_not_answer_holds_up_one_question_and_no_other(redis_node: RedisNode) -> None:
    with linked(redis_node.url) as link:
        assert link.ask(lambda client: client.ping())
        with redis_node.frozen():
            began = time.monotonic()
            assert link.ask(lambda client: client.get("test:frozen")) is None
            assert time.monotonic() - began < 3
            began = time.monotonic()
            assert [link.ask(lambda client: client.get("test:frozen")) for _ in range(100)] == [None] * 100
            assert time.monotonic() - began < 0.2
        wait_until(lambda: bool(link.ask(lambda client: client.ping())), 10)


def test_a_server_starts_without_redis_and_finds_it_later(redis_cluster: ClusterOfNodes) -> None:
    nowhere = RedisAddress((("127.0.0.1", 1),), cluster=True)
    link = RedisLink(nowhere)
    assert link.ask(lambda client: client.ping()) is None
    link._address = parse_address("TEST", redis_cluster.url)
    wait_until(lambda: bool(link.ask(lambda client: client.ping())), 10)
    link.close()


def test_a_killed_master_is_replaced_and_everything_is_back_in_time(redis_cluster: ClusterOfNodes) -> None:
    with linked(redis_cluster.url) as link:
        assert link.ask(lambda client: client.set("test:killed", "kept"))
        link.ask(lambda client: client.wait(1, 1000, target_nodes=client.get_node_from_key("test:killed")))  # type: ignore[union-attr]
        master = redis_cluster.find_master("test:killed")
        master.kill()
        began = time.monotonic()
        try:
            wait_until(lambda: link.ask(lambda client: client.get("test:killed")) == b"kept", RECOVERED)
            assert time.monotonic() - began < RECOVERED
        finally:
            master.start()
            redis_cluster.wait_until_whole()


# Doctor.


def test_doctor_says_what_it_finds(redis_node: RedisNode, redis_cluster: ClusterOfNodes) -> None:
    with redis_node.client() as client:
        assert ask_redis(parse_address("TEST", redis_node.url)).startswith("one node, version ")
        assert "memory has no bound" in ask_redis(parse_address("TEST", redis_node.url))
        client.config_set("maxmemory", "100mb")
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert "no bound" not in ask_redis(parse_address("TEST", redis_node.url))
        client.config_set("maxmemory", "0")
    assert ask_redis(parse_address("TEST", redis_cluster.url)).startswith("3 masters, version ")
    with pytest.raises(StoreUnavailable, match="does not answer"):
        ask_redis(RedisAddress((("127.0.0.1", 1),)))
