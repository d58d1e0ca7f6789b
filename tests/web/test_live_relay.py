"""Changes between servers: what one has to tell, the pages of the other hear; and who was cut off says so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
import structlog
from litestar.channels.backends.base import ChannelsBackend
from litestar.channels.backends.memory import MemoryChannelsBackend

from coursepulse.kit.errors import StoreUnavailable
from coursepulse.store.redis.address import parse_address
from coursepulse.store.redis.channels import RedisChannels
from coursepulse.web.live import relay
from coursepulse.web.live.listener import Listener
from coursepulse.web.live.relay import RelayedChange
from coursepulse.web.live.subjects import EVERYTHING, Watched
from coursepulse.web.live.updates import LiveUpdates
from tests.support.redis import ClusterOfNodes, RedisNode
from tests.support.server import wait_until

MATHS: Watched = {"course:maths": frozenset({"course:maths"})}


@contextmanager
def beside(open_backend: Callable[[], ChannelsBackend]) -> Iterator[LiveUpdates]:
    """One server, as far as live updates go."""
    live = LiveUpdates(open_backend)
    live.start()
    try:
        wait_until(lambda: live.is_whole, 10)
        yield live
    finally:
        live.stop()


def over(url: str) -> Callable[[], ChannelsBackend]:
    return lambda: RedisChannels(parse_address("TEST", url))


def on_page(live: LiveUpdates, work: Callable[[Listener], Awaitable[None]]) -> None:
    """Work beside an open page of a server."""

    async def main() -> None:
        async with live.plugin, live.listening(MATHS) as page:
            await work(page)

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["node", "cluster"])
def test_what_changes_at_one_server_is_told_at_another(request: pytest.FixtureRequest, kind: str) -> None:
    url = request.getfixturevalue(f"redis_{kind}").url
    with beside(over(url)) as here, beside(over(url)) as there:

        async def work(page: Listener) -> None:
            mark = there.mark
            here.note_learners([("maths", b"a" * 16), ("art", b"b" * 16)], latest_event_at=77)
            told = await page.next(5)
            assert told is not None
            assert told.changed == {"course:maths"}
            assert there.latest_data_at == 77
            assert there.recent.since(mark, MATHS) == {"course:maths"}
            assert there.recent.since(mark, {"course:art": frozenset({"x"})}) == {"x"}

        on_page(there, work)


def test_many_changes_at_once_all_arrive(redis_node: RedisNode) -> None:
    with beside(over(redis_node.url)) as here, beside(over(redis_node.url)) as there:
        mark, learners = there.mark, [("maths", number.to_bytes(16, "big")) for number in range(5_000)]
        here.note_learners(learners)
        last = f"learner:{'0' * 8}-0000-0000-0000-{4_999:012x}:maths"
        # In several messages, in any order.
        watched = {**MATHS, last: frozenset({"last"})}
        wait_until(lambda: there.recent.since(mark, watched) == {"course:maths", "last"}, 10)


def test_nobody_hears_a_change_of_their_own_twice() -> None:
    with beside(MemoryChannelsBackend) as live:
        before = live.recent.number
        live.note(["course:maths"])
        time.sleep(0.2)
        assert live.recent.number == before + 1


@pytest.mark.parametrize(
    ("words", "everything"),
    [
        ([(7, ["course:maths"]), (7, []), (8, ["course:art"])], False),
        ([(7, []), (9, ["course:art"])], True),
        ([(7, []), (8, [])], True),
        ([(7, []), (3, [])], True),
        ([(7, []), (8, [EVERYTHING])], True),
    ],
)
def test_who_misses_a_word_says_that_everything_may_have_changed(
    words: list[tuple[int, list[str]]], everything: bool
) -> None:
    with beside(MemoryChannelsBackend) as live:
        assert live.relay
        mark = live.mark
        for number, subjects in words:
            live.relay._take(RelayedChange("other", number, subjects))
        missed = live.recent.since(mark, {**MATHS, "course:art": frozenset({"course:art"})})
        assert (missed == {EVERYTHING}) is everything
        assert everything or missed == {"course:maths", "course:art"}


def test_open_pages_are_told_everything_when_a_word_was_missed() -> None:
    with beside(MemoryChannelsBackend) as live:

        async def work(page: Listener) -> None:
            assert live.relay
            live.relay._take(RelayedChange("other", 1, ["course:art"]))
            assert await page.next(0.1) is None
            live.relay._take(RelayedChange("other", 5, ["course:art"]))
            told = await page.next(2)
            assert told is not None
            assert told.changed == {EVERYTHING}

        on_page(live, work)


def test_more_than_can_wait_is_said_in_one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "_WAITING", 100)
    with beside(MemoryChannelsBackend) as live:
        assert live.relay
        live.relay.send(str(number) for number in range(101))
        assert live.relay._waiting in ({EVERYTHING}, set())


def test_what_is_no_word_of_ours_is_passed_over() -> None:
    backend = MemoryChannelsBackend()
    with beside(lambda: backend) as live:
        asyncio.run(backend.publish(b"\xc1 nonsense", ["changes"]))
        time.sleep(0.1)
        assert live.is_whole


def test_who_is_cut_off_ends_its_streams_says_so_once_and_comes_back(
    redis_cluster: ClusterOfNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SILENCE", 1.0)
    with structlog.testing.capture_logs() as logs, beside(over(redis_cluster.url)) as live:
        assert live.relay
        live.relay.check()
        mark, master = live.mark, redis_cluster.find_master("coursepulse:{live}:changes")

        async def work(page: Listener) -> None:
            master.kill()
            began = time.monotonic()
            assert await page.next(10) is None
            assert page.has_ended
            assert not live.is_whole
            assert time.monotonic() - began < 5

        try:
            on_page(live, work)
            with pytest.raises(StoreUnavailable, match="every ten seconds"):
                live.relay.check()
            began = time.monotonic()
            wait_until(lambda: live.is_whole, 15)
            assert time.monotonic() - began < 15
            assert live.recent.since(mark, MATHS) == {EVERYTHING}
            # Before the node returns, and the cluster may be silent for another second.
            said = [each["event"] for each in logs if each["event"].startswith("live")]
            assert said == ["live_away", "live_back"]
        finally:
            master.start()
            redis_cluster.wait_until_whole()
