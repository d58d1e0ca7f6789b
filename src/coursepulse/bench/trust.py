"""The cost of access checks and audit: a page with and without them, and one entry of the trail."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

from clickhouse_connect.driver.client import Client

from coursepulse.access.viewer import EVERYONE, Role, Viewer
from coursepulse.audit.chain import derive_key
from coursepulse.audit.entry import AuditEntry
from coursepulse.bench.result import Measurement, percentile
from coursepulse.definitions.points import points_rule
from coursepulse.kit.clock import Clock, system_clock
from coursepulse.kit.settings import Settings
from coursepulse.metrics.query import Query
from coursepulse.metrics.run import OPENING, Metrics
from coursepulse.metrics.steps.authorize import authorize
from coursepulse.metrics.steps.record import record
from coursepulse.metrics.table import Table
from coursepulse.privacy.small_groups import SmallGroups
from coursepulse.store.anchor import AnchorFile
from coursepulse.store.clickhouse import connect as clickhouse
from coursepulse.store.postgres import connect as postgres
from coursepulse.store.postgres.embedded import EmbeddedPostgres
from coursepulse.store.postgres.relations import Relations
from coursepulse.store.postgres.trail import PostgresTrail

#: How often each page is opened with them, and as often without.
ROUNDS = 200

#: Entries written by each thread.
WRITES = 300


#: A viewer who may read everything.
_ANYBODY = Viewer(role=Role.ADMIN, subject="bench", opened=EVERYONE)


class Unguarded(Metrics):
    """Answers without access check and audit entry: the difference is their cost."""

    opening = tuple(step for step in OPENING if step not in (authorize, record))

    def run(self, query: Query, viewer: Viewer, *, export: bool = False) -> Table:  # noqa: ARG002
        return super().run(query, _ANYBODY)


class TrustStores(NamedTuple):
    """The metrics as the server runs them, the same without access checks and audit, and the trail."""

    metrics: Metrics
    unguarded: Unguarded
    trail: PostgresTrail


def open_stores(
    stack: ExitStack, folder: str, clock: Clock, pseudonym: Callable[[str], bytes]
) -> TrustStores:
    """Metrics over a filled ClickHouse and an empty PostgreSQL."""
    scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="coursepulse-bench-")))
    server = EmbeddedPostgres(scratch / "postgres")
    stack.callback(server.stop)
    dsn = server.start()
    owner = stack.enter_context(postgres.open_pool(dsn))
    postgres.migrate(owner)
    service, app = (
        stack.enter_context(postgres.open_pool(dsn, role=role)) for role in (postgres.SERVICE, postgres.APP)
    )
    trail = PostgresTrail(service, derive_key(b"bench"), AnchorFile(scratch / "audit.head"))
    stack.callback(trail.close)

    def open_client() -> Client:
        return clickhouse.open_clickhouse(f"chdb://{folder}", 1024)

    settings = Settings()
    groups, points = SmallGroups(settings.small_group, b"bench"), points_rule(settings)
    return TrustStores(
        Metrics(open_client, app, clock, pseudonym, trail, Relations(service, clock), groups, points),
        Unguarded(open_client, owner, clock, pseudonym, trail, Relations(owner, clock), groups, points),
        trail,
    )


def measure_trust(
    stores: TrustStores, student_page: Sequence[Query], course_page: Sequence[Query]
) -> list[Measurement]:
    """Both pages with their cards requested concurrently, as on a page, and single entries."""
    student = Viewer(role=Role.STUDENT, subject="account:1", student_id=student_page[0].student)
    teacher = Viewer(role=Role.INSTRUCTOR, subject="account:2", course_ids=frozenset({course_page[0].course}))
    return [
        *_compare("student page", stores, student_page, student),
        *_compare("course page", stores, course_page, teacher),
        *_write("one entry of the trail", stores.trail, threads=1),
        *_write("one entry of the trail, 8 threads", stores.trail, threads=8),
    ]


def _compare(name: str, stores: TrustStores, page: Sequence[Query], viewer: Viewer) -> list[Measurement]:
    """Alternates both, so that other load on the machine affects both."""
    guarded, bare = list[float](), list[float]()
    with ThreadPoolExecutor(len(page)) as pool:
        for round_ in range(-10, ROUNDS):
            for metrics, taken in ((stores.metrics, guarded), (stores.unguarded, bare)):
                began = time.perf_counter()
                list(pool.map(partial(metrics.run, viewer=viewer), page))
                if round_ >= 0:  # the first rounds open clients and warm the caches
                    taken.append(1000 * (time.perf_counter() - began))
    return [
        Measurement(
            f"{name} with rights and audit, {word}",
            percentile(guarded, share),
            "ms",
            f"without {percentile(bare, share):.1f} ms",
            "5 ms more" if word == "p95" else "",
        )
        for word, share in (("p50", 0.5), ("p95", 0.95))
    ]


def _write(name: str, trail: PostgresTrail, threads: int) -> list[Measurement]:
    taken: list[float] = []

    def write(_: int) -> None:
        for _ in range(WRITES):
            began = time.perf_counter()
            trail.write(
                AuditEntry(at=system_clock(), actor="account:1", role="student", tag="bench:bench:write")
            )
            taken.append(1000 * (time.perf_counter() - began))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(write, range(threads)))
    return [
        Measurement(f"{name}, {word}", percentile(taken, share), "ms")
        for word, share in (("p50", 0.5), ("p95", 0.95))
    ]
