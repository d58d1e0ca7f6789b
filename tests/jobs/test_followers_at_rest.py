"""Followers that have nothing to do ask the databases nothing."""

from __future__ import annotations

import threading
from datetime import date
from unittest.mock import MagicMock

from coursepulse.aggregates.learners import LearnerRollups
from coursepulse.aggregates.rollups import Rollups
from coursepulse.jobs.followers import CatalogFollower, LearnerFollower, PlatformFollower
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.stream.changed_keys import ChangedKeys
from coursepulse.stream.ports import Renewed
from coursepulse.stream.stages import AppliedBatch

BATCH = AppliedBatch(7, [Renewed({("maths", b"1" * 16)}, {date(2026, 3, 1)})], 0, None, 0)


def test_learners_are_made_once_for_a_batch_and_then_nothing_is_asked() -> None:
    learners, raw, changed = MagicMock(LearnerRollups), MagicMock(PostgresRawStore), ChangedKeys()
    raw.progress.return_value = None
    follower = LearnerFollower(learners, raw, changed)
    follower.refresh()
    changed.note(BATCH)
    follower.refresh()
    learners.refresh.assert_called_once_with([("maths", b"1" * 16)], 7)
    asked = len(learners.method_calls) + len(raw.method_calls)
    for _ in range(5):
        follower.refresh()
    assert len(learners.method_calls) + len(raw.method_calls) == asked


def test_days_and_the_catalog_too() -> None:
    rollups, learners, raw = MagicMock(Rollups), MagicMock(LearnerRollups), MagicMock(PostgresRawStore)
    rollups.active_days.return_value = set()
    catalog_changed, changed, told = threading.Event(), ChangedKeys(), MagicMock()
    platform = PlatformFollower(rollups, changed, told)
    catalog = CatalogFollower(learners, raw, catalog_changed, told)
    for _ in range(3):
        platform.refresh()
        catalog.refresh()
    rollups.refresh_platform.assert_not_called()
    learners.refresh_catalog.assert_not_called()
    told.assert_not_called()
    changed.note(BATCH)
    catalog_changed.set()
    for _ in range(3):
        platform.refresh()
        catalog.refresh()
    rollups.refresh_platform.assert_called_once()
    learners.refresh_catalog.assert_called_once()
    assert told.call_count == 2
