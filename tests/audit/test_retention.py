"""Entries whose time has passed go with everything else that is kept for a time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.rollups import Rollups
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.audit.entry import AuditEntry
from coursepulse.collect.dead_letters import SqliteDeadLetterQueue
from coursepulse.compliance.retention import Retention
from coursepulse.insight.models_kept import KeptModel, ModelsKept
from coursepulse.insight.predictions import Prediction, Predictions
from coursepulse.kit.clock import DAY, system_clock
from coursepulse.kit.settings import Settings
from coursepulse.log.sqlite import SqliteLog
from coursepulse.store.archives import Archives
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.store.postgres.records import Records
from coursepulse.store.postgres.requests import RequestStore
from coursepulse.store.postgres.retention import RetentionRuns
from coursepulse.store.postgres.shown_steps import NextStep, ShownSteps
from tests.alerts.made import alert
from tests.support.trail import open_trail


def test_retention_prunes_the_trail_and_says_so(pool: Pool, clickhouse: Client, tmp_path: Path) -> None:
    now = system_clock()
    log, dead_letters = SqliteLog(tmp_path / "log.sqlite"), SqliteDeadLetterQueue(tmp_path / "letters.sqlite")
    trail = open_trail(pool, tmp_path)
    for age in (8 * 365, 7.5 * 365, 6 * 365, 0):
        trail.write(AuditEntry(at=now - int(age * DAY), actor="account:1", role="admin", tag="a:b:c"))
    raw = PostgresRawStore(pool)
    keep = Retention(
        *(Settings(), lambda: now, raw, log, Rollups(clickhouse), dead_letters, trail),
        Records(pool, raw, lambda: now),
        Archives(tmp_path / "exports"),
        RequestStore(pool),
        RetentionRuns(pool),
        alerts := PostgresAlerts(pool, pool),
        predictions := Predictions(pool),
        steps := ShownSteps(pool),
    )
    alerts.put([alert(1), alert(2, cleared_at=now - 91 * DAY), alert(3, cleared_at=now - 89 * DAY)])
    ModelsKept(pool).note(KeptModel("m-1", now, date(2026, 1, 1), True, "", {}), [])
    said = Prediction("c-1", bytes(16), 0.5, b"", {})
    for age in (401, 399):
        predictions.put("m-1", [said], now - age * DAY)
        steps.note(bytes(16), [NextStep("c-1", "go_on", "lesson", f"l{age}")], now - (age - 310) * DAY)
    first = keep.run()
    assert "1 next steps" in first
    assert "1 predictions" in first
    assert "2 audit entries" in first
    assert "1 alerts" in first
    assert "audit" not in keep.run()
    assert trail.verify().checked == 3
    assert trail.verify().broken is None
    for each in (trail, dead_letters, log):
        each.close()
