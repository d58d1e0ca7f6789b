"""The running system: the tables of components and jobs, opened in order and closed in the opposite one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date

from coursepulse.jobs.rebuild import rebuild
from coursepulse.jobs.scheduler import Job, Scheduler
from coursepulse.kit.settings import Settings
from coursepulse.store.postgres.break_glass import BreakGlass
from coursepulse.store.postgres.compliance import ComplianceRows
from coursepulse.store.presence import Presence
from coursepulse.web.http.services import Services
from coursepulse.web.live.ports import nothing_is_wrong
from coursepulse.wiring.component import Component
from coursepulse.wiring.components import Components
from coursepulse.wiring.job_table import EVERYWHERE, LEADING


class System:
    """Everything that one process runs, wired from settings.

    :raises SettingError: at :meth:`start`, naming the setting that cannot be used
    """

    def __init__(self, settings: Settings, *, collect_only: bool = False) -> None:
        self._parts = Components(settings, collect_only=collect_only)

    def start(self) -> Services:
        """Open the stores, begin to work, and hand out what requests need."""
        try:
            self._open()
            self._schedule(EVERYWHERE)
            self._parts.lead_work.ready(lambda: self._schedule(LEADING))
            self._parts.services = services = self._services()
        except BaseException:
            self.stop()
            raise
        return services

    def stop(self) -> None:
        """Close everything in the opposite order; what is unfinished is read again at the next start."""
        self._parts.closing.close()

    def migrate(self) -> list[str]:
        """Bring both databases up to this version; returns what was applied, each with its database."""
        with self._alone() as parts:
            applied = [f"PostgreSQL {name}" for name in parts.postgres_schema]
            return applied + [f"ClickHouse {name}" for name in parts.clickhouse_schema]

    def rebuild(self, watch: Callable[[list[date]], Iterable[date]] = iter) -> int:
        """Compute the rollups of every day with raw events again; returns the number of days.

        :param watch: is given the days, and sees each one begin
        """
        with self._alone() as parts:
            return rebuild(parts.open_clickhouse, parts.owner, parts.pool, watch)

    @contextmanager
    def _alone(self) -> Iterator[Components]:
        parts = self._parts
        with parts.closing:
            presence = Presence(parts.settings.data)
            presence.claim()
            parts.closing.callback(presence.leave)
            yield parts

    def _open(self) -> None:
        wanted = {"always"} if self._parts.collect_only else {"always", "storing"}
        for table in Components.__bases__:
            for name, each in vars(table).items():
                if isinstance(each, Component) and each.opened in wanted:
                    getattr(self._parts, name)

    def _schedule(self, tables: Iterable[Callable[[Components], list[Job]]]) -> None:
        schedulers = list[Scheduler]()
        for table in tables:
            if jobs := table(self._parts):
                parts = self._parts
                scheduler = Scheduler(jobs, parts.job_history, parts.attention.paid, parts.job_planner)
                scheduler.start()
                schedulers.append(scheduler)
                self._parts.closing.callback(scheduler.stop)
        # All of them first: while a store is away each may be waiting for it, and they wait beside each other.
        for scheduler in schedulers:
            self._parts.closing.callback(scheduler.end)
        self._parts.closing.callback(self._parts.ending.set)

    def _services(self) -> Services:
        parts = self._parts
        return Services(
            settings=parts.settings,
            clock=parts.clock,
            collector=parts.collector,
            metrics=parts.metrics,
            campus=parts.campus,
            board_names=parts.board_names,
            goals=parts.goals,
            messages=parts.messages,
            message_draws=parts.message_draws,
            risk_limits=parts.risk_limits,
            predictions=parts.predictions,
            models=parts.model_desk,
            company=parts.company,
            health=parts.health.report,
            jobs=parts.job_history,
            job_runs=parts.job_runs,
            planned=None if parts.collect_only else parts.planned,
            identity=parts.identity,
            relations=parts.relations,
            break_glass=BreakGlass(parts.pool),
            trail=parts.trail,
            compliance=ComplianceRows(parts.pool),
            privacy=None if parts.collect_only else parts.privacy,
            withdrawals=None if parts.collect_only else parts.withdrawals,
            reconciler=None if parts.collect_only else parts.reconciler,
            notifications=None if parts.collect_only else parts.delivery.notifications,
            reports=None if parts.collect_only else parts.reports.reports,
            live=parts.live,
            buckets=parts.buckets,
            platform_alerts=nothing_is_wrong if parts.collect_only else parts.judges.platform.current,
            alerts=None if parts.collect_only else parts.alert_inbox,
            thresholds=None if parts.collect_only else parts.thresholds,
            alert_trials=None if parts.collect_only else parts.alert_trials,
        )
