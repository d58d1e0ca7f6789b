"""The parts of live updates, where a whole server would only make it harder to see."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, cast

import pytest
from litestar import Litestar, get
from litestar.response import ServerSentEvent
from uvicorn._types import ASGIApplication

from coursepulse.kit.errors import SettingError, StoreUnavailable
from coursepulse.kit.settings import Settings
from coursepulse.web.http.connections import BoundedProtocol, Bounds
from coursepulse.web.http.server import bind, make_server
from coursepulse.web.live import listener, open_streams, streams
from coursepulse.web.live.listener import Listener
from coursepulse.web.live.open_streams import Credential, OpenStreams
from coursepulse.web.live.recent import RecentChanges
from coursepulse.web.live.subjects import EVERYTHING, Watched, about_student, alerts_about, find_told
from coursepulse.web.live.updates import LiveUpdates
from coursepulse.wiring.shared import open_between_servers
from tests.support.services import wire

ANN, BEN = b"a" * 16, b"b" * 16


def watching(*subjects: str) -> Watched:
    return {subject: frozenset({subject}) for subject in subjects}


def run(work: Callable[[LiveUpdates], Awaitable[None]]) -> None:
    """Run ``work`` beside live updates."""

    async def main() -> None:
        live = LiveUpdates()
        async with live.plugin:
            await work(live)

    asyncio.run(main())


def test_a_mark_tells_what_was_missed_by_somebody_who_watches_it() -> None:
    recent = RecentChanges("run")
    for subject in ("course:a", "course:b", "course:a", "course:c"):
        recent.add({subject})
    assert recent.since("run-1", watching("course:a", "course:b")) == {"course:a", "course:b"}
    assert recent.since("run-2", watching("course:b")) == frozenset()
    assert recent.since("run-4", watching("course:c")) == frozenset()


def test_who_missed_more_than_is_kept_is_told_everything() -> None:
    recent = RecentChanges("run", most=3)
    for number in range(5):
        recent.add({f"course:{number}"})
    everything = frozenset({EVERYTHING})
    assert recent.since("run-1", watching("course:4")) == everything
    assert recent.since("run-2", watching("course:4")) == {"course:4"}
    for mark in ("run-6", "other-5", "run-", "run-x", "run-²", "", "-", "run--1"):
        assert recent.since(mark, watching("course:4")) == everything, mark


def test_a_team_is_told_of_by_its_members() -> None:
    team: Watched = {
        about_student(ANN): frozenset({"team:t"}),
        about_student(BEN): frozenset({"team:t", "x"}),
    }
    assert find_told([about_student(ANN), "course:a"], team) == {"team:t"}
    assert find_told([about_student(BEN)], team) == {"team:t", "x"}


def test_an_alert_is_told_at_once_and_to_those_it_concerns() -> None:
    async def work(live: LiveUpdates) -> None:
        of_course: Watched = {alerts_about("course:c"): frozenset({"alerts"}), **watching("course:c")}
        of_ben: Watched = {alerts_about(about_student(BEN)): frozenset({"alerts"})}
        async with live.listening(of_course) as teacher, live.listening(of_ben) as manager:
            live.note_learners([("c", ANN)])
            told = await teacher.next(1)
            assert told is not None
            assert told.changed == {"course:c"}
            began = time.monotonic()
            live.note_learners([("c", ANN)])  # this waits for a second
            live.note_alerts([("c", ANN)])
            told = await teacher.next(1)
            assert told is not None
            assert told.changed == {"alerts"}
            assert time.monotonic() - began < 0.5
            assert await manager.next(0.05) is None
            told = await teacher.next(2)
            assert told is not None
            assert told.changed == {"course:c"}

    run(work)


def test_what_may_be_told_first_is_told_first() -> None:
    async def work(live: LiveUpdates) -> None:
        async with live.listening(watching("course:a", "course:b")) as page:
            live.note(["course:a"])
            await page.next(1)
            await asyncio.sleep(0.5)
            live.note(["course:b"])
            await page.next(1)
            live.note(["course:b"])  # half a second later than the other
            live.note(["course:a"])
            told = await page.next(0.8)
            assert told is not None
            assert told.changed == {"course:a"}

    run(work)


def test_a_mark_says_nothing_of_what_is_still_to_be_told() -> None:
    async def work(live: LiveUpdates) -> None:
        watched = watching("course:a", "course:b")
        async with live.listening(watched) as page:
            live.note(["course:a"])
            await page.next(1)
            live.note(["course:a"])  # waits
            live.note(["course:b"])
            told = await page.next(1)
            assert told is not None
            assert told.changed == {"course:b"}
        # The connection is lost before the rest was told.
        assert live.recent.since(live.recent.mark(told.number), watched) == {"course:a", "course:b"}

    run(work)


def test_what_nobody_watches_is_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(live: LiveUpdates) -> None:
        sent: list[object] = []
        monkeypatch.setattr(live.plugin, "publish", lambda *message: sent.append(message))
        live.note_learners([("a", ANN), ("b", BEN)])
        async with live.listening(watching("course:a")):
            live.note_learners([("a", ANN), ("b", BEN)])
            live.note_learners([("b", BEN)])
            await asyncio.sleep(0.05)
        live.note_learners([("a", ANN)])
        await asyncio.sleep(0.05)
        assert len(sent) == 1

    run(work)


def test_nothing_of_a_page_stays_behind() -> None:
    async def work(live: LiveUpdates) -> None:
        for number in range(50):
            async with live.listening(watching(f"course:{number}", "platform")):
                live.note([f"course:{number}"])
        assert not live._listeners
        assert not live._watched
        assert not any(live.plugin._channels.values())

    run(work)


def test_a_silent_stream_says_that_it_is_there_and_ends_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streams, "BEAT", 0.05)
    monkeypatch.setattr(streams, "LASTING", 0.3)

    async def work(live: LiveUpdates) -> None:
        services = wire(clock=lambda: 7, live=live)
        open_ones = OpenStreams(lambda _: ())
        told = [
            each.encode()
            async for each in streams._messages(services, open_ones, Credential("s", False), {}, "")
        ]
        assert told[0].startswith(b"id: ")
        assert 2 <= len(told[1:]) <= 8
        assert set(told[1:]) == {b"event: beat\r\ndata: 7\r\n\r\n"}
        assert len(open_ones) == 0

    run(work)


def test_streams_are_looked_at_in_one_question_and_survive_a_store_that_is_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(open_streams, "LOOK", 0.02)
    asked: list[Collection[Credential]] = []

    def find_ended(held: Collection[Credential]) -> Collection[Credential]:
        asked.append(held)
        if len(asked) == 1:
            raise StoreUnavailable("down")
        return {Credential("gone", False)}

    async def work(live: LiveUpdates) -> None:
        held = OpenStreams(find_ended)
        async with live.listening({}) as gone, live.listening({}) as stays:
            with held.holding(gone, Credential("gone", False)), held.holding(stays, Credential("here", True)):
                assert await gone.next(2) is None
                assert (gone.has_ended, stays.has_ended) == (True, False)
        looked = len(asked)
        assert looked >= 2
        assert asked[0] == {Credential("gone", False), Credential("here", True)}
        await asyncio.sleep(0.1)
        assert len(asked) <= looked + 1, "it looks while nobody is there"

    run(work)


def test_the_tabs_of_one_session_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_streams, "_MOST", 2)

    async def work(live: LiveUpdates) -> None:
        held = OpenStreams(lambda _: ())
        me, key = Credential("me", False), Credential("key", True)
        pages = [Listener(live.plugin) for _ in range(6)]
        with ExitStack() as open_ones:
            for page, credential in zip(pages, (me, me, me, key, key, key), strict=True):
                open_ones.enter_context(held.holding(page, credential))
            assert [page.has_ended for page in pages] == [True, False, False, False, False, False]

    run(work)


def test_only_known_carriers_are_taken() -> None:
    with pytest.raises(SettingError, match="COURSEPULSE_LIVE: must be memory://"):
        open_between_servers(Settings(live="kafka://"))


class _Hurried(BoundedProtocol):
    bounds = Bounds(stalled_seconds=0.5)


@contextmanager
def served(live: LiveUpdates, watched: Watched) -> Iterator[tuple[str, int]]:
    """A server with one stream."""
    services, held, ready = wire(clock=lambda: 7, live=live), OpenStreams(lambda _: ()), threading.Event()

    @get("/live")
    async def stream() -> ServerSentEvent:
        return ServerSentEvent(streams._messages(services, held, Credential("s", False), watched, ""))

    app = cast("ASGIApplication", Litestar([stream], plugins=[live.plugin], openapi_config=None))
    with bind("127.0.0.1", 0) as at:
        server = make_server(app, _Hurried, ready.set, live.end_all)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [at]})
        thread.start()
        assert ready.wait(10)
        yield at.getsockname()
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


def test_a_client_that_never_reads_costs_little_and_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "CALM", 0.0)
    subjects = [f"course:{number}-{'x' * 100}" for number in range(100)]
    live = LiveUpdates()
    with served(live, watching(*subjects)) as address, socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(address)
        line.sendall(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
        wait(lambda: bool(live._listeners))
        (page,) = live._listeners
        until = time.monotonic() + 30
        while live._listeners and time.monotonic() < until:
            live.note(subjects)
            assert len(page._waiting) <= len(subjects)
            time.sleep(0.005)
        assert not live._listeners, "it is still there"


def test_a_server_that_stops_waits_for_no_stream() -> None:
    live = LiveUpdates()
    with ExitStack() as lines:
        with served(live, watching("platform")) as address:
            line = lines.enter_context(socket.create_connection(address))
            line.sendall(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
            wait(lambda: bool(live._listeners))
            began = time.monotonic()
        assert time.monotonic() - began < 4


def wait(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)
