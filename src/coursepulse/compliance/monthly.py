"""The compliance report of each month, written down when the month is over."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from coursepulse import __version__
from coursepulse.audit.port import TrailReader
from coursepulse.kit.clock import Clock, to_micros
from coursepulse.kit.folders import usable
from coursepulse.reports.compliance import shape_report
from coursepulse.store.postgres.compliance import ComplianceRows


class MonthlyReport:
    """Keeps one file for each month in a folder.

    :param folder: only the user who runs the server can read it
    """

    def __init__(self, rows: ComplianceRows, trail: TrailReader, folder: Path, clock: Clock) -> None:
        self._rows, self._trail, self._folder, self._clock = rows, trail, folder, clock

    def write(self, due_at: datetime) -> str:
        """The report of the month before ``due_at``, in the place of an earlier one; returns where it is, in words."""
        end = due_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        start = (end - timedelta(days=1)).replace(day=1)
        path = self._folder / f"compliance-{start:%Y-%m}.json"
        with usable(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_suffix(".new")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(self._report(start, end))
            draft.replace(path)
        return f"The report of {start:%B %Y} is in {path}."

    def _report(self, start: datetime, end: datetime) -> bytes:
        first, last, now = to_micros(start), to_micros(end), self._clock()
        rows, verdict = self._rows.read(first, last, now), self._trail.verify()
        report = shape_report(rows, verdict, start=first, end=last, now=now, version=__version__)
        return msgspec.json.format(msgspec.json.encode(report))
