"""Answering a question: no rows without a viewer, and every answer by the same steps."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from time import perf_counter, sleep
from types import MappingProxyType
from typing import Any, ClassVar

import msgspec
from clickhouse_connect.driver.client import Client

from coursepulse.access.decide import Action
from coursepulse.access.viewer import Viewer
from coursepulse.aggregates.live import LiveReader, LiveTable
from coursepulse.aggregates.readers import RollupReader
from coursepulse.aggregates.row import Row, to_rows
from coursepulse.audit.port import Trail
from coursepulse.collect.stats import Laps, Stats, StepTime
from coursepulse.definitions.points import PointsRule
from coursepulse.kit.clock import Clock
from coursepulse.kit.ids import to_text
from coursepulse.metrics.asked import Asked, LimitsAt, Sources, Step, no_limits
from coursepulse.metrics.cache.cache import CacheReport, ResultCache
from coursepulse.metrics.cache.key import is_about_many
from coursepulse.metrics.catalog import DEFINITION_VERSION, find_metric
from coursepulse.metrics.evidence.answer import Explained, Wanted, ask_again, check_column, explain
from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.metric import Metric, Unit
from coursepulse.metrics.query import Query
from coursepulse.metrics.query_times import QueryTimes
from coursepulse.metrics.readers import ROLLUP_QUERIES, CampusReader, seen_by
from coursepulse.metrics.rights import Rights
from coursepulse.metrics.steps.authorize import authorize
from coursepulse.metrics.steps.compute import compute
from coursepulse.metrics.steps.join import join
from coursepulse.metrics.steps.keep import keep
from coursepulse.metrics.steps.label import label
from coursepulse.metrics.steps.page import page
from coursepulse.metrics.steps.read import read
from coursepulse.metrics.steps.record import record
from coursepulse.metrics.steps.restrict import restrict
from coursepulse.metrics.steps.settle import settle
from coursepulse.metrics.steps.suppress import suppress
from coursepulse.metrics.table import Table
from coursepulse.privacy.small_groups import SUPPRESSED, SmallGroups
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.message_draws import MessageDraws
from coursepulse.store.postgres.relations import Relations
from coursepulse.store.postgres.replicas import Replicas
from coursepulse.store.postgres.shown_steps import ShownSteps
from coursepulse.stream.attention import Attention

#: For each viewer, whatever others have been told: rights, and the trail.
OPENING: tuple[Step, ...] = (authorize, settle, record, join)

#: What two viewers with the same rights are told alike. If it is about many people, the result cache may spare it.
ANSWERING: tuple[Step, ...] = (read, restrict, compute, suppress, page, label, keep)

#: Seconds until number and evidence are read again when they do not agree: rollups follow each other within a second.
PAUSES = (0.2, 0.5)

#: From a question to its answer.
STEPS = (*OPENING, *ANSWERING)


class Metrics:
    """Answers queries of many threads at once.

    :param open_client: opens a ClickHouse client; called once in each thread that asks
    :param pool: connections as a role that is under row-level security
    :param pseudonym: the pseudonym of a platform's own student id
    :param trail: where every answer and every refusal is recorded
    :param relations: what ties people to each other, read as a role that sees all of it
    :param groups: what is hidden from those who may not see who is in a group
    :param points: what is worth how many points on a leaderboard
    :param memory: by metric: what this process remembers
    :param cache: keeps answers about many people; None to make each one
    :param live: what goes on right now; nothing does where nobody says so
    :param attention: is told that somebody looks
    :param limits: by moment, how courses that have set their own limits judged risk then
    :param replicas: servers that answer what is about the catalog alone
    :param steps: keeps which next steps students were shown; None to keep none
    :param draws: knows who was drawn to be written to at once; None where nobody is
    :param query_times: remembers how long each metric took
    """

    opening: ClassVar[tuple[Step, ...]] = OPENING
    answering: ClassVar[tuple[Step, ...]] = ANSWERING

    def __init__(
        self,
        open_client: Callable[[], Client],
        pool: Pool,
        clock: Clock,
        pseudonym: Callable[[str], bytes],
        trail: Trail,
        relations: Relations,
        groups: SmallGroups,
        points: PointsRule,
        memory: Mapping[str, Callable[[], list[Row]]] = MappingProxyType({}),
        cache: ResultCache | None = None,
        live: LiveReader | None = None,
        attention: Attention | None = None,
        query_times: QueryTimes | None = None,
        limits: LimitsAt = no_limits,
        replicas: Replicas | None = None,
        steps: ShownSteps | None = None,
        draws: MessageDraws | None = None,
    ) -> None:
        rollups = RollupReader(open_client, ROLLUP_QUERIES)
        self._sources = Sources(
            rollups=rollups,
            campus=CampusReader(pool, replicas),
            rights=Rights(rollups, relations, clock),
            relations=relations,
            clock=clock,
            trail=trail,
            groups=groups,
            points=points,
            live=LiveTable(clock) if live is None else live,
            limits=limits,
            memory=memory,
            steps=steps,
            draws=draws,
        )
        self._pseudonym, self._stats, self._cache = pseudonym, Stats("query"), cache
        self._attention = attention or Attention()
        self._times = query_times or QueryTimes()

    def timings(self) -> dict[str, StepTime]:
        """How often each step ran since the start, and how long that took."""
        return self._stats.report().steps

    def cached(self) -> CacheReport | None:
        """What the result cache did, and what is in it; None without one."""
        return self._cache.report() if self._cache else None

    def wrote(self, subject: str) -> None:
        """Somebody changes something here, and is shown no number of before from now on."""
        if self._cache:
            self._cache.wrote(subject)

    def require_course(self, course: str, viewer: Viewer) -> None:
        """Let nobody set anything of a course that is neither in the catalog nor in any event.

        :raises RequestError: ``unknown_course``
        """
        self._sources.rights.require_course(course, viewer, Action.READ)

    def identify(self, text: str) -> bytes:
        """The student that a text means: the platform's own id, or a pseudonym as UUID.

        A platform may use UUIDs itself: a UUID is a pseudonym when there is a student with it, by events or roster.
        """
        try:
            raw = uuid.UUID(text).bytes if len(text) == 36 else None
        except ValueError:
            raw = None
        return raw if raw is not None and self._is_pseudonym(raw) else self._pseudonym(text)

    def _is_pseudonym(self, raw: bytes) -> bool:
        known = self._sources.rollups.rows("find_student", {"student": to_text(raw)})[0]["known"]
        return bool(known) or self._sources.relations.knows(raw)

    def run(self, query: Query, viewer: Viewer, *, export: bool = False) -> Table:
        """The answer to ``query``, as far as ``viewer`` may see.

        :param export: the rows leave as a file, which asks for a right of its own
        :raises RequestError: ``unknown_metric``, ``forbidden``, ``missing_parameter``, ``invalid_period``,
            ``invalid_sort``
        :raises StoreUnavailable: when a database does not answer, or the answer cannot be recorded
        """
        metric = find_metric(query.metric)
        self._attention.note()
        began = perf_counter()
        asked = Asked(metric, query, viewer, Action.EXPORT if export else Action.READ)
        with seen_by(viewer if metric.personal else None), self._stats.start() as laps:
            asked = self._take(self.opening, asked, laps)
            table = self._find(asked, lambda: _answer(self._take(self.answering, asked, laps)))
        if asked.recorded:
            asked.recorded.result()
        self._times.note(metric.slug, perf_counter() - began)
        return table

    def explain(self, query: Query, wanted: Wanted, viewer: Viewer, *, export: bool = False) -> Explained:
        """What a number of the answer to ``query`` is made of, as far as ``viewer`` may see.

        :raises RequestError: as :meth:`run`, and ``unknown_column``, ``unknown_row``, ``ambiguous_row``,
            ``unknown_item``
        :raises StoreUnavailable: when a database does not answer, or the answer cannot be recorded
        """
        metric = find_metric(query.metric)
        query = msgspec.structs.replace(query, evidence=check_column(metric, wanted.column).name)
        self._attention.note()
        asked = Asked(metric, query, viewer, Action.EXPORT if export else Action.READ)
        with seen_by(viewer if metric.personal else None), self._stats.start() as laps:
            asked = self._take(self.opening, asked, laps)
            explained = self._explain(asked, wanted, laps)
        if asked.recorded:
            asked.recorded.result()
        if explained.same is None:
            return explained
        # A question of its own, with its own decision and its own entry: it is about somebody or something else.
        return self.explain(*ask_again(explained), viewer, export=export)

    def _explain(self, asked: Asked, wanted: Wanted, laps: Laps) -> Explained:
        """Number and items are read one after the other: if something moves between the two, both are read again."""
        for pause in (0.0, *PAUSES):
            sleep(pause)
            explained = explain(self._sources, self._take(self.answering, asked, laps), wanted)
            laps.end("explain")
            if explained.why or explained.same or explained.total == explained.value:
                return explained
        return explained._replace(items=(), why=Why.MOVED)

    def _take(self, steps: tuple[Step, ...], asked: Asked, laps: Laps) -> Asked:
        for step in steps:
            asked = step(self._sources, asked)
            laps.end(step.__name__)
        return asked

    def _find(self, asked: Asked, make: Callable[[], Table]) -> Table:
        if self._cache is None or not is_about_many(asked):
            return make()
        return self._cache.find(asked, make, self._members(asked))

    def _members(self, asked: Asked) -> object:
        """Who is in a group and may be seen in it, where no version counts the changes: of a team or a leaderboard."""
        if asked.metric.board:
            return sorted(asked.joined.items())
        team = asked.query.team
        return sorted(self._sources.relations.members(team).items()) if team else None


def _answer(asked: Asked) -> Table:
    rows, *compared = [to_rows(each) for each in asked.rows]
    previous, whole = (compared[n] if len(compared) > n else None for n in (0, 1))
    start, end = asked.answered.days
    return Table(
        metric=asked.metric.slug,
        columns=asked.metric.names,
        rows=_tuples(asked.metric, rows),
        start=start,
        end=end,
        latest_data_at=asked.latest,
        definition_version=DEFINITION_VERSION,
        previous=None if previous is None else _tuples(asked.metric, previous),
        whole=None if whole is None else _tuples(asked.metric, whole),
        total=asked.total,
        small_group=asked.groups.size if asked.groups else None,
        suppressed=_flags(rows) if asked.groups else (),
        previous_suppressed=_flags(previous or []) if asked.groups else (),
        lacks_consent=asked.lacks,
        exportable=asked.exports,
        reaches_back=asked.reaches_back,
    )


def _flags(rows: list[Row]) -> tuple[bool, ...]:
    return tuple(row[SUPPRESSED] for row in rows)


def _tuples(metric: Metric, rows: list[Row]) -> tuple[tuple[Any, ...], ...]:
    flags, names = {column.name for column in metric.columns if column.unit is Unit.FLAG}, metric.names
    # ClickHouse says 0 and 1 for what it has worked out, and true and false for what it was told.
    return tuple(tuple(_flag(row[name]) if name in flags else row[name] for name in names) for row in rows)


def _flag(value: Any) -> bool | None:
    return None if value is None else bool(value)
