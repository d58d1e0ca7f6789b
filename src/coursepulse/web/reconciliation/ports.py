"""What comparing a file with the numbers may use of the server."""

from __future__ import annotations

from typing import Protocol

from coursepulse.compliance.reconciliation import Reconciled
from coursepulse.formats.lms_sheet import LmsSheet
from coursepulse.web.http.ports import Writes


class ComparesSheets(Protocol):
    """Compares files of learning platforms with what is known here."""

    def reconcile(self, sheet: LmsSheet, course: str = "") -> Reconciled:
        """What differs; ``course`` is that of a file that names none."""


class ReconciliationServices(Writes, Protocol):
    """What reconciliation needs."""

    @property
    def reconciler(self) -> ComparesSheets | None:
        """Compares files; None where this process only collects."""
