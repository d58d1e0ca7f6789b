"""How fast the numbers of a screen are answered with 10 million stored events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date
from typing import Any, NamedTuple

from coursepulse.access.viewer import EVERYONE, Role, Viewer
from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.rollups import Rollups
from coursepulse.bench.filled import FILLED, SQL, Shape, fill, remove
from coursepulse.bench.result import BenchmarkReport, Measurement, percentile
from coursepulse.bench.trust import measure_trust, open_stores
from coursepulse.kit.clock import DAY, Micros
from coursepulse.kit.ids import to_bytes
from coursepulse.metrics.catalog import find_metric
from coursepulse.metrics.metric import Param
from coursepulse.metrics.query import Query
from coursepulse.metrics.run import Metrics

SHAPE = Shape(10_000_000, 50_000, date(2026, 2, 10), 28)
ROUNDS = 40

STUDENT_PAGE = (
    "student_summary",
    "student_courses",
    "student_activity",
    "student_videos",
    "student_assessments",
)
COURSE_PAGE = ("course_summary", "course_daily", "course_lessons", "course_videos", "course_assessments")
COURSE_LISTS = ("course_students", "course_risk")
PLATFORM = ("platform_summary", "platform_daily")

_VIEWER = Viewer(role=Role.ADMIN, subject="bench", opened=EVERYONE)


def run() -> BenchmarkReport:
    """Each metric of the student, course and platform pages: p95 of 40 calls, with one reader and then four."""
    client, folder = fill(SHAPE)
    Rollups(client).refresh_platform(SHAPE.every_day, FILLED)
    learners = LearnerRollups(client)
    learners.rebuild(FILLED)
    learners.refresh_catalog(FILLED)
    per_event = float(client.query(SQL["stored_bytes"]).result_rows[0][0])
    student = client.query(SQL["pick_student"], parameters={"course": "course-0"}).result_rows[0][0].bytes
    with ExitStack() as stack:
        stores = open_stores(stack, folder, _evening, _pseudonym)
        metrics = stores.metrics
        floor = _time(lambda: client.query(SQL["do_nothing"])).p95
        lines = [Measurement("ClickHouse bytes per stored event", per_event, "B", target="40")]
        for names, target in ((STUDENT_PAGE, 50), (COURSE_PAGE, 50), (COURSE_LISTS, 50), (PLATFORM, 100)):
            lines += [_line(metrics, name, student, floor, target) for name in names]
        lines += measure_trust(
            stores, _page(STUDENT_PAGE, student=student), _page(COURSE_PAGE, course="course-0")
        )
    remove(folder)
    return BenchmarkReport("queries", lines)


def _page(names: Iterable[str], **about: Any) -> list[Query]:
    return [Query(metric=name, **about) for name in names]


def _evening() -> Micros:
    return (SHAPE.every_day[-2] - date(1970, 1, 1)).days * DAY + 23 * DAY // 24


def _pseudonym(external_id: str) -> bytes:
    return to_bytes(external_id, "student")


def _line(metrics: Metrics, name: str, student: bytes, floor: float, target: int) -> Measurement:
    takes = find_metric(name).parameters
    given: dict[str, Any] = {}
    if Param.COURSE in takes:
        given["course"] = "course-0"
    if Param.STUDENT in takes:
        given = {"student": student}
    if Param.LIMIT in takes:
        given["limit"] = 50
    query = Query(metric=name, **given)
    alone = _time(lambda: metrics.run(query, _VIEWER))
    four = _time(lambda: metrics.run(query, _VIEWER), readers=4)
    beside = f"median {alone.p50:.0f} ms, CPU {alone.cpu:.0f} ms; with 4 readers {four.p95:.0f} ms"
    return Measurement(f"{name}, p95", alone.p95, "ms", f"{beside}; empty query {floor:.1f} ms", str(target))


class QueryTime(NamedTuple):
    """Milliseconds of one call; ``cpu`` is the mean of this process, which depends least on other load."""

    p50: float
    p95: float
    cpu: float


def _time(ask: Callable[[], object], readers: int = 1) -> QueryTime:
    taken: list[float] = []

    def read() -> None:
        for _ in range(ROUNDS // readers):
            began = time.perf_counter()
            ask()
            taken.append(1000 * (time.perf_counter() - began))

    with ThreadPoolExecutor(readers) as pool:
        list(pool.map(lambda _: ask(), range(2 * readers)))  # opens each thread's client and warms the caches
        began = time.process_time()
        list(pool.map(lambda _: read(), range(readers)))
        cpu = 1000 * (time.process_time() - began) / len(taken)
    return QueryTime(percentile(taken, 0.5), percentile(taken, 0.95), cpu)
