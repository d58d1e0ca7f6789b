"""How events are batched is no matter: not at the collector, not in the numbers, not after a rebuild."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import Platform, platform

_NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
_DAYS = [_NOON - timedelta(days=ago) for ago in (3, 2, 1)]


def visit(student: str, at: datetime) -> dict[str, Any]:
    """An event of a platform that gives a student's every event the same id."""
    return {
        "event_id": f"visit-of-{student}",
        "event_type": "lesson_start",
        "timestamp": at.isoformat(),
        "student_id": student,
        "session_id": f"session-of-{student}",
        "context": {"course_id": "batched", "lesson_id": "l1"},
    }


def days_active(sender: Platform) -> list[int]:
    found = [sender.metric("student_summary", student=name) for name in ("together", "apart")]
    return [rows[0]["days_active"] for rows in found]


@pytest.mark.long
def test_an_id_on_three_days_counts_on_the_first_and_the_last_however_it_is_sent(tmp_path: Path) -> None:
    with platform(tmp_path) as sender:
        sender.agree("together", "apart")
        assert sender.send(*(visit("together", at) for at in _DAYS * 2))["accepted"] == 6
        for at in _DAYS * 2:
            sender.send(visit("apart", at))
            sender.settle()
        assert days_active(sender) == [2, 2]
        assert sender.http.get("/v1/health").json()["pipeline"]["duplicates"] == 8
    subprocess.run([sys.executable, "-m", "coursepulse", "rebuild", "--data", str(tmp_path)], check=True)
    with platform(tmp_path) as sender:
        assert days_active(sender) == [2, 2]
