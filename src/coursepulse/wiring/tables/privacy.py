"""The table of the rights of students: erasure, export, withdrawal, retention and reconciliation."""

from __future__ import annotations

from coursepulse.aggregates.rollups import Rollups
from coursepulse.compliance.erasure import Erasures, Stores
from coursepulse.compliance.exports import Exports
from coursepulse.compliance.reconciliation import Reconciler
from coursepulse.compliance.requests import ERASURE, EXPORT, PrivacyRequests
from coursepulse.compliance.retention import Retention
from coursepulse.compliance.withdrawals import Withdrawals
from coursepulse.kit.clock import SteadyClock
from coursepulse.store.import_notes import ImportErasure
from coursepulse.store.postgres.requests import RequestStore
from coursepulse.store.postgres.retention import RetentionRuns
from coursepulse.store.spools import SpoolErasure
from coursepulse.wiring.component import Component
from coursepulse.wiring.warehouse import erasures_outside


class Privacy:
    """Opened in this order."""

    stores = Component(
        lambda of: Stores(
            pool=of.pool,
            owner=of.owner,
            open_clickhouse=of.open_clickhouse,
            desk=of.desk,
            log=of.log,
            dead_letters=of.dead_letters,
            consents=of.consents,
            pseudonyms=of.pseudonyms,
            worker=of.worker,
            campus=of.campus,
            raw=of.raw,
            records=of.records,
            spools=SpoolErasure(of.settings.data),
            imports=ImportErasure(of.settings.data / "imports"),
            archives=of.archives,
            pipeline=of.pipeline,
            live=of.live_table,
            forget=of.pipeline.look_up_again,
            drop_alerts=of.alerts.forget,
            not_agreed=of.not_agreed,
            learning=of.learning,
            profiling=of.profiling,
            forget_results=of.results.forget,
            outside=erasures_outside(of),
        )
    )
    requests = Component(lambda of: RequestStore(of.pool))
    retention_runs = Component(lambda of: RetentionRuns(of.pool))
    erasures = Component(lambda of: Erasures(of.stores, of.requests, of.clock))
    exports = Component(
        lambda of: Exports(
            pool=of.pool,
            open_clickhouse=of.open_clickhouse,
            dead_letters=of.dead_letters,
            archives=of.archives,
            requests=of.requests,
            trail=of.trail,
            clock=of.clock,
        )
    )
    privacy = Component(
        lambda of: PrivacyRequests(
            of.requests,
            of.archives,
            of.retention_runs,
            of.metrics.identify,
            {ERASURE: of.erasures.work, EXPORT: of.exports.work},
            of.clock,
        ),
        "storing",
    )
    withdrawals = Component(lambda of: Withdrawals(of.stores, of.clock), "storing")
    reconciler = Component(
        lambda of: Reconciler(of.pool, of.open_clickhouse, of.dead_letters, of.pseudonyms.of), "storing"
    )
    retention = Component(
        lambda of: Retention(
            settings=of.settings,
            clock=SteadyClock(of.clock),
            raw=of.raw,
            log=of.log,
            rollups=Rollups(of.open_clickhouse()),
            dead_letters=of.dead_letters,
            trail=of.trail,
            records=of.records,
            archives=of.archives,
            requests=of.requests,
            runs=of.retention_runs,
            alerts=of.alerts,
            predictions=of.predictions,
            steps=of.shown_steps,
        )
    )
