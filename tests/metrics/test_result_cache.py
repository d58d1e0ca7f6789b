"""The result cache: whose answers are shared, how old they may be, and what makes them void at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursepulse import __version__
from coursepulse.access.decide import Action
from coursepulse.access.viewer import EVERYONE, Role, Viewer
from coursepulse.kit.clock import DAY, MINUTE, SECOND, Micros
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.asked import Asked
from coursepulse.metrics.cache.cache import CROWD, ResultCache, VersionedMark
from coursepulse.metrics.cache.key import is_about_many, question_key
from coursepulse.metrics.cache.memory import MemoryResults, measure
from coursepulse.metrics.cache.packing import pack, unpack
from coursepulse.metrics.cache.port import OLDEST, CachedResult, DataMark, ResultStore
from coursepulse.metrics.cache.redis import RedisResults
from coursepulse.metrics.catalog import METRICS, find_metric
from coursepulse.metrics.metric import Source
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table
from coursepulse.privacy.consent import Purpose
from coursepulse.store.redis.address import parse_address
from coursepulse.store.redis.link import RedisLink
from tests.support.redis import RedisNode
from tests.support.server import wait_until

NOW: Micros = 20_000 * DAY
TEACHER = Viewer(role=Role.INSTRUCTOR, subject="account:1", course_ids=frozenset({"maths"}))


def ask(viewer: Viewer = TEACHER, metric: str = "course_summary", **wish: Any) -> Asked:
    given: dict[str, Any] = {"course": "maths", "now": NOW} | wish
    query = Query(metric=metric, **given)
    return Asked(find_metric(metric), query, viewer, Action.READ)


def table(*rows: tuple[Any, ...]) -> Table:
    return Table("course_summary", ("n",), rows, date(2026, 1, 1), date(2026, 2, 1), None, "1")


class Readers:
    """A cache, how far the numbers are, and how often they were read."""

    def __init__(self, store: ResultStore | None = None) -> None:
        self.now, self.served, self.state, self.marks = NOW, 1, (0,), 0
        self.reads: list[int] = []
        self.store = store or MemoryResults(1 << 20, lambda: self.now)
        self.cache = ResultCache(self.store, self._mark, lambda: self.now)

    def _mark(self) -> VersionedMark:
        self.marks += 1
        return VersionedMark(DataMark(self.served, 0), self.state)

    def see(self, asked: Asked | None = None, subject: str = "") -> int:
        """The position up to which the answer is made."""
        wanted = asked or ask()
        if subject:
            wanted = wanted._replace(viewer=Viewer(role=Role.ADMIN, subject=subject))
        return int(self.cache.find(wanted, self._make).rows[0][0])

    def _make(self) -> Table:
        self.reads.append(self.served)
        return table((self.served,))

    def gather(self, number: int = CROWD) -> None:
        """So many people look."""
        for reader in range(number):
            self.see(subject=f"reader {reader}")


@pytest.fixture(params=["memory", "node", "cluster"])
def readers(request: pytest.FixtureRequest) -> Iterator[Readers]:
    if request.param == "memory":
        yield Readers()
        return
    url = request.getfixturevalue(f"redis_{request.param}").url
    with closing(RedisLink(parse_address("TEST", url))) as link:
        store = RedisResults(link)
        store.clear()
        yield Readers(store)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer takes 0.4 s, by the clock that the cache measures with."""
    ticks = count()
    monkeypatch.setattr("coursepulse.metrics.cache.cache.monotonic", lambda: 0.4 * next(ticks))


def test_while_nothing_changes_one_read_serves_all(readers: Readers) -> None:
    assert [readers.see(subject=f"reader {number}") for number in range(5)] == [1] * 5
    assert readers.reads == [1]
    assert readers.cache.report().answers == {"made": 1, "same": 4}


def test_without_a_crowd_the_numbers_are_those_of_now(readers: Readers, slow: None) -> None:
    for served in range(1, 6):
        readers.served = served
        assert [readers.see(subject="one"), readers.see(subject="two")] == [served, served]
    assert readers.reads == [1, 2, 3, 4, 5]


def test_a_crowd_may_be_shown_numbers_of_a_moment_ago(readers: Readers, slow: None) -> None:
    readers.gather()
    readers.served, readers.now = 2, readers.now + SECOND
    assert readers.see(subject="reader 1") == 1
    assert readers.cache.report().answers["recent"] == 1


def test_nobody_is_shown_numbers_older_than_five_seconds(readers: Readers, slow: None) -> None:
    readers.gather(50)
    readers.served, readers.now = 2, readers.now + OLDEST - 1
    assert readers.see(subject="reader 9") == 1
    readers.now += 2
    assert readers.see(subject="reader 9") == 2


def test_a_clock_that_is_set_back_makes_no_answer_last_longer(readers: Readers) -> None:
    readers.see()
    readers.now -= MINUTE
    readers.see()
    assert len(readers.reads) == 2


def test_what_is_cheap_is_made_again_sooner(readers: Readers, slow: None) -> None:
    """0.4 s, for three, twice over: due again after 2.4 s."""
    readers.gather()
    readers.served, readers.now = 2, readers.now + int(2.3 * SECOND)
    assert readers.see(subject="reader 1") == 1
    readers.now += int(0.2 * SECOND)
    assert readers.see(subject="reader 1") == 2


def test_who_has_changed_something_is_shown_the_numbers_of_now(readers: Readers, slow: None) -> None:
    readers.gather()
    readers.served = 2
    readers.cache.wrote("reader 1")
    assert readers.see(subject="reader 2") == 1
    assert readers.see(subject="reader 1") == 2
    readers.served, readers.now = 3, readers.now + MINUTE - SECOND
    readers.gather()
    readers.served = 4
    assert readers.see(subject="reader 1") == 4


def test_numbers_that_change_beside_the_log_are_new_numbers(readers: Readers) -> None:
    readers.see()
    readers.cache.renew()
    readers.see()
    assert len(readers.reads) == 2


@pytest.mark.parametrize("what", ["forget", "version"])
def test_changed_rights_and_consents_void_everything_even_for_a_crowd(
    readers: Readers, slow: None, what: str
) -> None:
    readers.gather()
    readers.served = 2
    assert readers.see(subject="reader 1") == 1
    if what == "forget":
        readers.cache.forget()
        assert readers.store.size().results == 0
    else:
        readers.state = (1,)
    assert readers.see(subject="reader 1") == 2


def test_what_was_being_read_when_somebody_was_erased_is_not_kept(readers: Readers) -> None:
    def make() -> Table:
        readers.cache.forget()
        return table(("who is gone",))

    readers.cache.find(ask(), make)
    assert readers.store.size().results == 0
    assert readers.see() == 1


def test_twenty_who_ask_at_the_same_time_cause_one_read(readers: Readers) -> None:
    reads, begun, go_on = [], threading.Event(), threading.Event()

    def make() -> Table:
        reads.append(1)
        begun.set()
        assert go_on.wait(10)
        return table((7,))

    with ThreadPoolExecutor(20) as pool:
        asking = [pool.submit(readers.cache.find, ask(), make)]
        assert begun.wait(10)
        asking += [pool.submit(readers.cache.find, ask(), make) for _ in range(19)]
        wait_until(lambda: readers.marks == 20)
        go_on.set()
        assert {each.result(10).rows for each in asking} == {((7,),)}
    assert reads == [1]


def test_all_hear_of_what_goes_wrong_and_the_next_tries_again(readers: Readers) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def fail() -> Table:
        begun.set()
        assert go_on.wait(10)
        raise RequestError("invalid_sort", "No.")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(readers.cache.find, ask(), fail)
        assert begun.wait(10)
        second = pool.submit(readers.cache.find, ask(), fail)
        go_on.set()
        for each in (first, second):
            with pytest.raises(RequestError):
                each.result(10)
    assert readers.see() == 1


OTHERS: list[Asked] = [
    ask(course="art"),
    ask(metric="course_daily"),
    ask(start=date(2026, 1, 1)),
    ask(now=NOW + DAY),
    ask()._replace(action=Action.EXPORT),
    *(
        ask(Viewer(role=Role.INSTRUCTOR, subject="account:1", **ties))
        for ties in (
            {},
            {"course_ids": frozenset({"maths", "art"})},
            {"course_ids": frozenset({"maths"}), "opened": frozenset({b"x" * 16})},
            {"course_ids": frozenset({"maths"}), "opened": EVERYONE},
            {"course_ids": frozenset({"maths"}), "team_ids": frozenset({"crew"})},
            {"course_ids": frozenset({"maths"}), "organisation_id": "acme"},
            {"course_ids": frozenset({"maths"}), "scopes": frozenset({"read"})},
        )
    ),
    ask(Viewer(role=Role.ADMIN, subject="account:1", course_ids=frozenset({"maths"}))),
]


def test_every_other_question_and_every_other_right_is_another_key() -> None:
    keys = [question_key(each, ()) for each in [ask(), *OTHERS]]
    assert len(set(keys)) == len(keys)
    assert {len(key) for key in keys} == {32}
    assert question_key(ask(), (1,)) != question_key(ask(), (2,))


def test_equal_rights_are_the_same_key_whoever_it_is() -> None:
    other = Viewer(
        role=Role.INSTRUCTOR,
        subject="account:2",
        student_id=b"y" * 16,
        course_ids=frozenset({"maths"}),
        request_id="other",
        purpose="other",
    )
    assert question_key(ask(other, now=NOW + SECOND), ()) == question_key(ask(), ())


@pytest.mark.parametrize("slug", METRICS)
def test_numbers_about_one_student_are_never_shared(slug: str) -> None:
    metric, asked = find_metric(slug), ask(metric=slug)
    shared = metric.personal and not metric.about_one and metric.source in (Source.SERVED, Source.LEARNERS)
    assert is_about_many(asked) is shared
    assert not is_about_many(asked._replace(viewer=Viewer(role=Role.STUDENT, subject="account:3")))
    assert not is_about_many(ask(metric=slug, student=b"x" * 16))


def test_what_has_not_been_asked_for_longest_makes_room() -> None:
    answer = CachedResult(table(*(("x" * 1000,) for _ in range(20))), DataMark(1, 1), NOW, 0.1)
    store = MemoryResults(5 * measure(answer.table), lambda: NOW)
    for number in range(5):
        store.put(bytes([number]), answer)
    store.get(b"\0")
    store.put(b"new", answer)
    assert store.size().bytes <= 5 * measure(answer.table)
    assert [store.get(bytes([number])) is not None for number in range(5)] == [True, False, True, True, True]


def test_a_result_that_would_fill_the_store_is_not_kept() -> None:
    store = MemoryResults(10_000, lambda: NOW)
    store.put(b"large", CachedResult(table(*(("x" * 1000,) for _ in range(20))), DataMark(1, 1), NOW, 0.1))
    assert store.size() == (0, 0)


EVERYTHING_THAT_ROWS_HOLD = (
    *(0, -7, 1 << 63, 2.5, "ü", "", None, True, b"\0", date(2026, 1, 2), datetime(2026, 1, 2, 3, tzinfo=UTC)),
    *(datetime(2026, 1, 2, 3, 4, 5, 6), Decimal("1.20"), UUID(int=7), timedelta(days=-1, microseconds=3)),  # noqa: DTZ001
    *((1, (UUID(int=8), [2])), [(3,), date(2026, 1, 3)], {"a": (1,), "b": [UUID(int=9)]}, ()),
)


def test_a_result_comes_back_as_it_was_and_each_value_of_its_own_type() -> None:
    answer = table(EVERYTHING_THAT_ROWS_HOLD, (1,))
    answer = answer._replace(
        previous=((date(2026, 1, 1),),), whole=(), suppressed=(True, False), lacks_consent=Purpose.ANALYTICS
    )
    result = CachedResult(answer, DataMark(1 << 40, 2, 3), NOW, 0.25)
    found = unpack(pack(result))
    assert found == result
    assert [type(value) for value in found.table.rows[0]] == [type(each) for each in answer.rows[0]]
    assert unpack(pack(result._replace(table=table()))) == result._replace(table=table())


@pytest.mark.parametrize("damaged", [b"", b"\x93", b"\x92\xc0\xc0", b"not ours at all", b"\xc7\x01\x63x"])
def test_bytes_that_are_no_result_are_none(damaged: bytes) -> None:
    assert unpack(damaged) is None


def test_what_cannot_be_packed_is_not_kept(redis_node: RedisNode) -> None:
    with closing(RedisLink(parse_address("TEST", redis_node.url))) as link:
        store = RedisResults(link)
        for odd in (object(), 1 << 70, "x" * (5 << 20)):
            store.put(b"odd", CachedResult(table((odd,)), DataMark(1, 1), NOW, 0.1))
            assert store.get(b"odd") is None
        store.put(b"even", CachedResult(table((1,)), DataMark(1, 1), NOW, 0.1))
        assert store.get(b"even")
        assert link.ask(lambda client: 0 < client.pttl(f"coursepulse:result:{__version__}:even") <= 5000)


def test_versions_side_by_side_share_no_result_and_forget_those_of_each_other(redis_node: RedisNode) -> None:
    with closing(RedisLink(parse_address("TEST", redis_node.url))) as link:
        store = RedisResults(link)
        store.clear()
        store.put(b"answer", CachedResult(table((1,)), DataMark(1, 1), NOW, 0.1))
        own = f"coursepulse:result:{__version__}:answer"
        assert link.ask(lambda client: client.rename(own, "coursepulse:result:9.9.9:answer"))
        assert store.get(b"answer") is None
        store.clear()
        assert store.size() == (0, 0)


def test_without_redis_every_answer_is_made(redis_node: RedisNode) -> None:
    with closing(RedisLink(parse_address("TEST", redis_node.url))) as link:
        readers = Readers(RedisResults(link))
        readers.cache.forget()
        assert [readers.see(), readers.see()] == [1, 1]
        redis_node.kill()
        try:
            assert [readers.see() for _ in range(3)] == [1, 1, 1]
            readers.cache.forget()
            assert readers.store.size() == (0, 0)
        finally:
            redis_node.start()
    assert len(readers.reads) == 4


class Told:
    """The changes that two servers tell each other."""

    def __init__(self) -> None:
        self.forgotten = self.renewed = 0

    def forget(self) -> None:
        self.forgotten += 1

    def renew(self) -> None:
        self.renewed += 1


def test_what_one_server_forgets_no_other_shows_though_each_has_a_cache_of_its_own() -> None:
    told = Told()

    def mark() -> VersionedMark:
        return VersionedMark(DataMark(1, 1, told.renewed), (told.forgotten,))

    here, there = (
        ResultCache(MemoryResults(1 << 20, lambda: NOW), mark, lambda: NOW, told) for _ in range(2)
    )
    for change in (here.forget, here.renew):
        there.find(ask(), lambda: table(("of before",)))
        change()
        assert there.find(ask(), lambda: table(("of now",))).rows == (("of now",),)
        there.forget()


def test_two_servers_make_an_answer_once_and_what_one_forgets_neither_shows(redis_node: RedisNode) -> None:
    told, reads = Told(), list[str]()

    def mark() -> VersionedMark:
        return VersionedMark(DataMark(1, 1, told.renewed), (told.forgotten,))

    with closing(RedisLink(parse_address("TEST", redis_node.url))) as link:
        RedisResults(link).clear()
        here, there = (ResultCache(RedisResults(link), mark, lambda: NOW, told) for _ in range(2))

        def see(server: ResultCache, name: str) -> str:
            def make() -> Table:
                reads.append(name)
                return table((name,))

            return str(server.find(ask(), make).rows[0][0])

        assert [see(here, "first"), see(there, "second")] == ["first", "first"]
        here.renew()
        assert [see(there, "third"), see(here, "fourth")] == ["third", "third"]
        here.forget()
        assert RedisResults(link).size().results == 0
        assert [see(there, "fifth"), see(here, "sixth")] == ["fifth", "fifth"]
    assert reads == ["first", "third", "fifth"]


Step = tuple[str, int]

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["see", "see", "serve", "wait", "write", "version", "renew"]), st.integers(0, 5)
    ),
    max_size=40,
)


class History(Readers):
    """What has happened, and so what may be seen."""

    def __init__(self) -> None:
        super().__init__()
        self.served_at, self.read_at, self.wrote = {1: NOW}, dict[int, Micros](), dict[int, Micros]()
        self.changed_at = NOW

    def _make(self) -> Table:
        self.read_at[self.served] = self.now
        return super()._make()

    def take(self, what: str, number: int) -> None:
        if what == "serve":
            self.served += 1
            self.served_at[self.served] = self.now
        elif what == "wait":
            self.now += number * SECOND
        elif what == "write":
            self.cache.wrote(f"reader {number}")
            self.wrote[number] = self.now
        elif what == "version":
            self.state, self.changed_at = (self.state[0] + 1,), self.now
        elif what == "renew":
            self.cache.renew()
        else:
            self.check(self.see(subject=f"reader {number}"), number)

    def check(self, seen: int, number: int) -> None:
        newer = [at for served, at in self.served_at.items() if served > seen]
        assert all(self.now - at <= OLDEST for at in newer)
        assert self.read_at[seen] >= self.changed_at
        if self.now - self.wrote.get(number, 0) < MINUTE:
            assert not newer


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(STEPS)
def test_no_answer_is_older_than_it_may_be_whatever_happens(steps: list[Step]) -> None:
    history, ticks = History(), count()
    with patch("coursepulse.metrics.cache.cache.monotonic", lambda: 0.4 * next(ticks)):
        for step in steps:
            history.take(*step)
