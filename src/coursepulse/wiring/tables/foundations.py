"""The table of what everything else needs: stores, who may do what, and what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coursepulse.audit.chain import derive_key
from coursepulse.audit.entry import start_of_server
from coursepulse.collect.dead_letters import DeadLetterQueue
from coursepulse.collect.keys import open_keys
from coursepulse.jobs.claims import IntervalPlanner, JobClaims
from coursepulse.jobs.history import JobHistory
from coursepulse.kit.settings import describe
from coursepulse.kit.traces import Tracing
from coursepulse.log import open_log
from coursepulse.log.port import EventLog
from coursepulse.metrics.cache.cache import ResultCache
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.anchor import AnchorFile
from coursepulse.store.postgres import connect as postgres
from coursepulse.store.postgres.board_names import BoardNames
from coursepulse.store.postgres.embedded import EmbeddedPostgres
from coursepulse.store.postgres.goals import GoalStore
from coursepulse.store.postgres.issued_keys import open_issued_keys
from coursepulse.store.postgres.job_runs import JobRuns
from coursepulse.store.postgres.message_draws import MessageDraws
from coursepulse.store.postgres.message_templates import MessageTemplates
from coursepulse.store.postgres.relations import Relations
from coursepulse.store.postgres.replicas import Replicas, read_addresses
from coursepulse.store.postgres.revisions import RevisionWatch
from coursepulse.store.postgres.risk_limits import CourseLimits
from coursepulse.store.postgres.shown_steps import ShownSteps
from coursepulse.store.postgres.trail import PostgresTrail
from coursepulse.store.secret import read_secret
from coursepulse.wiring.component import Component
from coursepulse.wiring.dead_letters import open_dead_letters
from coursepulse.wiring.identity import open_identity
from coursepulse.wiring.shared import RedisLinks, open_results

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


#: Connections for exports and walks of the trail: that many go on side by side.
_SLOW = 2

#: Connections for what has changed in the roster and in consents: one for each of the three that read it.
_FEEDS = 3


def _find_postgres(of: Components) -> str:
    """The database itself, past any pooler."""
    chosen = of.settings.postgres
    if chosen == "embedded":
        return of.embedded_postgres.start()
    return of.settings.postgres_direct or chosen


def _open_pool(of: Components, role: str) -> postgres.Pool:
    """For many short transactions: through a pooler where there is one."""
    pooler = of.settings.postgres if of.settings.postgres_direct else ""
    return postgres.open_pool(pooler or of.dsn, role=role, process=of.name, pooled=bool(pooler))


def _open_feed_pool(of: Components) -> postgres.Pool:
    """Never through a pooler: a feed stays open while others are asked for, which would wait for its connection."""
    if not of.settings.postgres_direct:
        return of.pool
    pool = postgres.open_pool(of.dsn, _FEEDS, role=postgres.SERVICE, process=of.name)
    of.closing.callback(pool.close)
    return pool


def _migrate_postgres(of: Components) -> list[str]:
    with postgres.open_pool(of.dsn, size=1) as owner:
        return postgres.migrate(owner)


class Foundations:
    """Opened in this order."""

    tracing = Component(
        lambda of: Tracing(of.settings.traces, "server"), "always", start="start", close="stop"
    )

    # What everything else keeps its data in.
    log: Component[EventLog] = Component(
        lambda of: open_log(of.settings.log_url, settings=of.settings), "always", close="close"
    )
    embedded_postgres = Component(lambda of: EmbeddedPostgres(of.settings.data / "postgres"), close="stop")
    dsn = Component(_find_postgres)
    postgres_schema = Component(_migrate_postgres, "always")
    pool: Component[postgres.Pool] = Component(
        lambda of: _open_pool(of, postgres.SERVICE), "always", close="close"
    )
    readers: Component[postgres.Pool] = Component(
        lambda of: _open_pool(of, postgres.APP), "always", close="close"
    )
    replicas = Component(
        lambda of: Replicas(of.pool, read_addresses(of.settings.postgres_replicas), of.clock),
        close="close",
    )
    feed_pool: Component[postgres.Pool] = Component(_open_feed_pool, "always")
    slow_pool = Component(lambda of: postgres.open_pool(of.dsn, _SLOW, role=postgres.SERVICE), close="close")
    owner: Component[postgres.Pool] = Component(
        lambda of: postgres.open_pool(of.dsn, process=of.name), close="close"
    )
    dead_letters: Component[DeadLetterQueue] = Component(open_dead_letters, "always", close="close")

    # Who may do what, and what was done.
    secret = Component(lambda of: read_secret(of.settings), "always")
    pseudonyms: Component[Pseudonyms] = Component(lambda of: Pseudonyms(of.secret))
    ring = Component(lambda of: open_keys(of.settings), "always")
    anchor = Component(lambda of: AnchorFile(of.settings.data / "log" / "audit.head"))
    trail: Component[PostgresTrail] = Component(
        lambda of: PostgresTrail(of.pool, derive_key(of.secret), of.anchor, of.slow_pool), close="close"
    )
    start_noted = Component(
        lambda of: of.trail.write(start_of_server(describe(of.settings), of.clock())), "always"
    )
    keys = Component(lambda of: open_issued_keys(of.settings, of.pool, of.ring, of.clock))
    identity = Component(
        lambda of: open_identity(of.settings, of.pool, of.keys, of.pseudonyms.of, of.secret, of.clock),
        "always",
        close="close",
    )
    relations = Component(lambda of: Relations(of.pool, of.clock))
    redis = Component(lambda _: RedisLinks(), close="close")
    results: Component[ResultCache] = Component(open_results)
    board_names = Component(lambda of: BoardNames(of.pool))
    goals = Component(lambda of: GoalStore(of.pool))
    message_draws: Component[MessageDraws] = Component(
        lambda of: MessageDraws(of.pool, on=of.settings.randomise_messages == "on")
    )
    shown_steps: Component[ShownSteps] = Component(lambda of: ShownSteps(of.pool))
    risk_limits = Component(lambda of: CourseLimits(of.pool), "always", start="load")
    messages = Component(lambda of: MessageTemplates(of.pool))

    # What jobs wait for; asked for once before they begin.
    revisions = Component(lambda of: RevisionWatch(of.pool), start="update")
    job_runs = Component(lambda of: JobRuns(of.pool))
    job_history = Component(lambda of: JobHistory(of.clock, of.job_runs.note))
    job_planner = Component(lambda of: IntervalPlanner(JobClaims(of.pool, of.clock), of.name, of.clock))
