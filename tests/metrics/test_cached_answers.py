"""With the result cache every viewer is answered as without it, and what changes rights or people shows at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from coursepulse.access.viewer import EVERYONE, Role, Viewer
from coursepulse.aggregates.profiles import Profiles
from coursepulse.audit.port import Search
from coursepulse.compliance.consent_changes import Agreement
from coursepulse.kit.clock import from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.cache.cache import ResultCache, VersionedMark
from coursepulse.metrics.cache.memory import MemoryResults
from coursepulse.metrics.cache.port import DataMark
from coursepulse.metrics.cache.redis import RedisResults
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.metric import Metric, Param
from coursepulse.metrics.query import Query
from coursepulse.metrics.run import Metrics
from coursepulse.metrics.table import Table
from coursepulse.privacy.consent import ConsentDecision, ConsentRegister, Purpose
from coursepulse.store.clickhouse.not_agreed import NotAgreed
from coursepulse.store.postgres.board_names import BoardNames
from coursepulse.store.postgres.connect import APP, SERVICE, Pool, open_pool
from coursepulse.store.postgres.relations import Relations
from coursepulse.store.postgres.result_changes import ResultChanges
from coursepulse.store.redis.address import parse_address
from coursepulse.store.redis.link import RedisLink
from coursepulse.stream.changed_keys import ChangedKeys
from tests.metrics.small_course import ANN, BEN, BENS_REST, COURSE, CY, DEE, TEAM, events, fill
from tests.support.campus_world import USUAL_POINTS, World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.long import LONG
from tests.support.postgres import Server
from tests.support.redis import ClusterOfNodes

#: Which metrics are asked for: all of them in the long run, one in five otherwise.
STEP = 1 if LONG else 5

VIEWERS = {
    "student": Viewer(role=Role.STUDENT, subject="account:1", student_id=ANN),
    "teacher": Viewer(role=Role.INSTRUCTOR, subject="account:2", course_ids=frozenset({COURSE})),
    "teacher who opened": Viewer(
        role=Role.INSTRUCTOR, subject="account:3", course_ids=frozenset({COURSE}), opened=frozenset({CY})
    ),
    "other teacher": Viewer(role=Role.INSTRUCTOR, subject="account:4", course_ids=frozenset({"art"})),
    "manager": Viewer(
        role=Role.MANAGER, subject="account:5", team_ids=frozenset({TEAM}), organisation_id="acme"
    ),
    "administrator": Viewer(role=Role.ADMIN, subject="account:6"),
    "administrator of a demo": Viewer(role=Role.ADMIN, subject="account:7", opened=EVERYONE),
    "auditor": Viewer(role=Role.AUDITOR, subject="account:8"),
    "reading key": Viewer(role=Role.SERVICE, subject="key:a", scopes=frozenset({"read"})),
    "other key": Viewer(role=Role.SERVICE, subject="key:b", scopes=frozenset({"ingest"})),
}


class Cached:
    """The small course over the same stores: with the cache, on two servers that share one in Redis, and without."""

    def __init__(self, world: World, app: Pool, service: Pool, link: RedisLink) -> None:
        self.world, self.service = world, service
        self.relations = Relations(service, lambda: world.now)
        self.cache = ResultCache(
            MemoryResults(1 << 20, lambda: world.now), self._read_mark, lambda: world.now
        )
        self.caches_of_two = [
            ResultCache(RedisResults(link), self._read_mark, lambda: world.now, ResultChanges(service))
            for _ in range(2)
        ]
        self.with_it, self.here, self.there, self.without = (
            Metrics(
                lambda: world.clickhouse,
                app,
                lambda: world.now,
                pseudonym,
                world.trail,
                self.relations,
                world.groups,
                USUAL_POINTS,
                cache=cache,
            )
            for cache in (self.cache, *self.caches_of_two, None)
        )

    def _read_mark(self) -> VersionedMark:
        served, learners, beside, *versions = self.relations.versions()
        return VersionedMark(DataMark(served, learners, beside), tuple(versions))

    def made(self) -> int:
        return self.cache.report().answers.get("made", 0)

    def forget(self) -> None:
        """What the one server does when consents have changed; the other hears of it."""
        self.cache.forget()
        self.caches_of_two[0].forget()

    def ask(self, query: Query, viewer: str) -> list[dict[str, Any]]:
        """The rows, which are the same with each cache."""
        rows = self.with_it.run(query, VIEWERS[viewer]).records()
        assert self.there.run(query, VIEWERS[viewer]).records() == rows
        assert self.here.run(query, VIEWERS[viewer]).records() == rows
        return rows

    def listed(self, viewer: str = "teacher") -> set[bytes]:
        rows = self.ask(Query(metric="course_students", course=COURSE), viewer)
        return {row["student_id"].bytes for row in rows}


@pytest.fixture(scope="module")
def cached(clickhouse_url: str, postgres_server: Server, redis_cluster: ClusterOfNodes) -> Iterator[Cached]:
    with (
        closing(RedisLink(parse_address("TEST", redis_cluster.url))) as link,
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as owner,
        open_pool(dsn, 2, role=APP) as app,
        open_pool(dsn, 2, role=SERVICE) as service,
    ):
        world = World(client, owner, 0)
        fill(world)
        yield Cached(world, app, service, link)
        world.trail.close()


def question(metric: Metric) -> Query:
    given: dict[Param, Any] = {
        Param.COURSE: COURSE,
        Param.STUDENT: ANN,
        Param.VIDEO: "v1",
        Param.TEAM: TEAM,
    }
    return Query(metric=metric.slug, **{param.value: given[param] for param in metric.needs})


def answer(metrics: Metrics, query: Query, viewer: Viewer) -> Table | str:
    try:
        return metrics.run(query, viewer)
    except RequestError as error:
        return error.code


def compare(cached: Cached, *names: str) -> set[str]:
    """Ask everything about many people as everybody, twice; returns whose questions were answered."""
    answered = set()
    known = [metric for metric in METRICS.values() if metric.cached and not metric.about_one]
    # Leaderboards always: they are all that some of these people may ask for.
    asked = [metric for number, metric in enumerate(known) if number % STEP == 0 or metric.board]
    for number, metric in enumerate(asked):
        two_servers = (cached.here, cached.there) if number % 3 == 0 or LONG else ()
        for name in names:
            viewer = VIEWERS[name]
            plain = answer(cached.without, question(metric), viewer)
            for metrics in (cached.with_it, cached.with_it, *two_servers):
                assert answer(metrics, question(metric), viewer) == plain, (metric.slug, name)
            if isinstance(plain, Table):
                answered.add(name)
    return answered


@pytest.mark.long
def test_everybody_is_told_the_same_with_the_cache_and_without(cached: Cached) -> None:
    # Of a course students may ask for its leaderboard alone, which for them is never kept.
    nothing = {"auditor", "other key", "other teacher"}
    assert compare(cached, *VIEWERS) == set(VIEWERS) - nothing
    before = cached.made()
    assert cached.cache.report().answers["same"] == before > 50 / STEP
    # What one of the two made, the other had from Redis.
    made, found = (cache.report().answers for cache in cached.caches_of_two)
    assert made == {"made": found["same"]}
    assert found == {"same": made["made"]}
    assert made["made"] > 15 / STEP
    # The numbers go on: who asks first has each made again.
    cached.world.take_in(events(BENS_REST))
    assert len(compare(cached, "teacher", "manager")) == 2
    assert cached.made() > before + 10 / STEP


def test_every_look_is_on_the_trail(cached: Cached) -> None:
    def looks() -> int:
        return sum(1 for _ in cached.world.trail.stream(Search(actor="account:3")))

    before, made = looks(), cached.made()
    for _ in range(3):
        cached.listed("teacher who opened")
    # Once with each of the three caches.
    assert looks() == before + 9
    assert cached.made() <= made + 1


def test_a_withdrawn_consent_leaves_the_next_answer(cached: Cached) -> None:
    register = ConsentRegister()
    register.apply([ConsentDecision(each, Purpose.ANALYTICS, granted=True) for each in (ANN, BEN)])
    client, world = cached.world.clickhouse, cached.world
    agreement = Agreement(
        NotAgreed(client, register),
        Profiles(lambda: client, cached.service, lambda: world.now),
        ChangedKeys(),
        register,
        lambda: None,
        lambda _: 0,
        lambda _: 0,
        cached.forget,
    )
    assert {ANN, BEN} <= cached.listed()
    assert cached.caches_of_two[1].report().stored.results
    gone = ConsentDecision(BEN, Purpose.ANALYTICS, granted=False)
    register.apply([gone])
    agreement.apply([gone])
    assert not cached.caches_of_two[1].report().stored.results, "somebody who is gone is kept in Redis"
    assert BEN not in cached.listed()


def test_an_enrolment_that_ends_leaves_the_next_answer(cached: Cached) -> None:
    assert DEE in cached.listed()
    yesterday = from_micros(cached.world.now).date() - timedelta(days=1)
    with cached.service.connection() as connection:
        connection.execute(
            "INSERT INTO enrolments (course_id, student_id, status, ends_on) VALUES (%s, %s, 'active', %s)",
            (COURSE, pseudonym_text(DEE), yesterday),
        )
        connection.execute("UPDATE enrolment_revision SET revision = revision + 1")
    assert DEE not in cached.listed()


def test_a_new_name_is_in_the_next_answer(cached: Cached) -> None:
    def names() -> set[str]:
        query = Query(metric="course_students", course=COURSE)
        return {row["name"] for row in cached.ask(query, "reading key")}

    assert "Ann" in names()
    with cached.service.connection() as connection:
        connection.execute("UPDATE people SET name = 'Anna' WHERE student_id = %s", (pseudonym_text(ANN),))
        connection.execute("UPDATE catalog_version SET version = version + 1")
    assert "Anna" in names()


def test_who_leaves_a_team_leaves_the_next_answer(cached: Cached) -> None:
    def members() -> int:
        query = Query(metric="team_summary", team=TEAM)
        return int(cached.ask(query, "administrator of a demo")[0]["members"])

    before = members()
    with cached.service.connection() as connection:
        connection.execute("DELETE FROM team_people WHERE student_id = %s", (pseudonym_text(CY),))
    assert members() == before - 1


def test_who_loses_the_course_is_refused_however_warm_the_cache(cached: Cached) -> None:
    cached.listed()
    with pytest.raises(RequestError, match="may not see"):
        cached.listed("other teacher")


def pseudonym_text(student: bytes) -> str:
    return str(World.uuid(student))


def test_a_leaderboard_is_kept_until_somebody_joins_leaves_or_has_another_name(cached: Cached) -> None:
    query = Query(metric="course_leaderboard", course=COURSE)

    def names() -> list[str]:
        return [row["name"] for row in cached.ask(query, "teacher")]

    asked = (("kit", "Comet"), ("lou", "Badger"), ("max", "Dragonfly"))
    for hour, (who, name) in enumerate(asked, 10):
        cached.world.take_in(events([(who, f"03-05 {hour}:00:00", who, "lesson_start", {"lesson_id": "l1"})]))
        cached.world.join_board(who, name)
    assert names() == ["Badger", "Comet", "Dragonfly"]
    made = cached.made()
    assert names() == ["Badger", "Comet", "Dragonfly"]
    assert cached.made() == made
    store, (kit, _, dragonfly) = BoardNames(cached.service), [pseudonym(who) for who, _ in asked]
    assert store.choose(kit, "Asteroid", cached.world.now) is None
    assert names()[0] == "Asteroid"
    store.remove(dragonfly, cached.world.now)
    assert names() == [], "two are too few"
    assert store.choose(dragonfly, "Darter", cached.world.now) is None
    assert "Darter" in names()
    cached.world.agree("max", Purpose.LEADERBOARDS, granted=False)
    assert names() == []
