"""The table of asking: metrics, the rights to them, and how the server is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from coursepulse.aggregates.live_shared import SharedPulse
from coursepulse.aggregates.readers import RollupReader
from coursepulse.definitions.points import points_rule
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.pulse import Memory, pulse_of
from coursepulse.metrics.query_times import QueryTimes
from coursepulse.metrics.readers import ROLLUP_QUERIES
from coursepulse.metrics.rights import Rights
from coursepulse.metrics.run import Metrics
from coursepulse.metrics.system import LATELY, system_of
from coursepulse.privacy.small_groups import SmallGroups
from coursepulse.store.clickhouse.probe import ClickHouseProbe
from coursepulse.store.postgres import connect as postgres
from coursepulse.store.redis.address import is_redis
from coursepulse.store.sizes import StoreSizes
from coursepulse.stream.health import Health
from coursepulse.wiring.component import Component

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


class Asking:
    """Opened in this order."""

    query_times = Component(lambda _: QueryTimes())
    sizes = Component(lambda of: StoreSizes(of.pool, of.open_clickhouse, of.settings.data / "log", of.clock))
    metrics: Component[Metrics] = Component(
        lambda of: Metrics(
            open_client=of.open_clickhouse,
            pool=of.readers,
            clock=of.clock,
            pseudonym=of.pseudonyms.of,
            trail=of.trail,
            relations=of.relations,
            groups=SmallGroups(of.settings.small_group, of.secret),
            memory=_remembered(of),
            query_times=of.query_times,
            limits=of.risk_limits.at,
            cache=of.results if of.settings.cache_mb else None,
            points=points_rule(of.settings),
            live=of.live_reader,
            attention=of.attention,
            replicas=of.replicas,
            steps=of.shown_steps,
            draws=of.message_draws,
        )
    )
    rights: Component[Rights] = Component(
        lambda of: Rights(RollupReader(of.open_clickhouse, ROLLUP_QUERIES), of.relations, of.clock)
    )
    health = Component(
        lambda of: Health(
            _askable(of),
            None if of.collect_only else of.pipeline,
            None if of.collect_only else lambda: of.scoring.trouble,
            of.pulse,
        )
    )


def _remembered(of: Components) -> Memory:
    """What this process and its jobs remember of themselves, for metrics about the system."""
    sessions = of.live_table.active_sessions
    shared = SharedPulse(of.pulse, sessions, of.looks) if of.shared else None
    pulse = pulse_of(shared or of.pulse, of.collector, shared.active_sessions if shared else sessions)
    return pulse | system_of(
        of.collector,
        title_of=lambda slug: METRICS[slug].title,
        query_times=of.query_times.rows,
        storage=of.sizes.grown,
        jobs=lambda: of.job_runs.summary(of.clock() - LATELY),
        requests=lambda: of.requests.summary(of.clock() - LATELY),
        models=lambda: [of.model_desk.standing()],
    )


def _askable(of: Components) -> dict[str, Callable[[], object]]:
    stores: dict[str, Callable[[], object]] = {"postgres": lambda: postgres.ask(of.pool)}
    if of.settings.log_url.startswith("kafka:"):
        stores["log"] = of.log.newest
    if not of.collect_only:
        stores["clickhouse"] = ClickHouseProbe(of.open_clickhouse).ask
    if any(is_redis(url) for url in (of.settings.cache, of.settings.limits)):
        stores["redis"] = of.redis.check
    if of.live.relay:
        stores["live"] = of.live.relay.check
    return stores
