"""Who may compare a file, what they are shown of it, and what the trail says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from coursepulse.access.decide import Action, Allowed, PlatformSubject, StudentSubject, decide
from coursepulse.access.viewer import Viewer
from coursepulse.campus.reconciliation import Difference
from coursepulse.compliance.reconciliation import Reconciled
from coursepulse.dashboards.text import say
from coursepulse.formats.lms_sheet import SheetFault, SheetState, read_sheet
from coursepulse.kit.csv_text import write_csv
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.web.audit.writing import note_many, require

if TYPE_CHECKING:
    from coursepulse.web.reconciliation.ports import ComparesSheets, ReconciliationServices

#: Differences that are listed; all are counted. Each one is a look at a student, and an entry of the trail.
MOST_LISTED = 10_000

READ, REFUSED = "reconciliation:student:read", "reconciliation:platform:refused"


class DifferenceCount(msgspec.Struct, frozen=True):
    """How many students differ in one way, for one likely cause."""

    kind: str
    cause: str
    students: int
    sentence: str


class ListedDifference(msgspec.Struct, frozen=True):
    """A student of a course who differs.

    :param student: the platform's id of the student, or the pseudonym where none is known
    :param line: in the file; null for a student who is not in it
    :param here_state: what is known here; null, like ``here_grade``, where the viewer may not see the student's record
    """

    course_id: str
    student: str
    kind: str
    cause: str
    line: int | None = None
    there_state: SheetState | None = None
    there_grade: float | None = None
    here_state: SheetState | None = None
    here_grade: float | None = None


class ReconciliationReport(msgspec.Struct, frozen=True):
    """What came of comparing a file.

    :param columns: which column of the file was read as what
    :param rows: rows that were read, and ``skipped`` those without a student or with another role
    :param compared: students and courses on either side
    :param repeated: lines that a later line about the same student and course overruled
    :param unread: states and grades that nobody knows, with how often each is there
    :param listed: the differences, the first 10,000
    """

    columns: dict[str, str]
    rows: int
    skipped: int
    courses: Sequence[str]
    compared: int
    differences: int
    counts: list[DifferenceCount]
    repeated: list[int]
    unread: dict[str, int]
    listed: list[ListedDifference]


def reconcile(
    services: ReconciliationServices, viewer: Viewer, body: bytes, course: str
) -> ReconciliationReport:
    """Compare a file with what is known here; nothing of it is kept.

    :raises RequestError: ``forbidden``, or what is wrong with the file, as ``sheet_…``
    :raises StoreUnavailable: when a database does not answer, or the trail cannot be written
    """
    check(services, viewer)
    try:
        found = _need(services).reconcile(read_sheet(body), course)
    except SheetFault as fault:
        sentence = say(f"reconcile.fault.{fault.kind}", **fault.values)
        raise RequestError(f"sheet_{fault.kind}", sentence, 400) from None
    report = describe(found, viewer)
    listed = found.comparison.differences[:MOST_LISTED]
    told = [(to_text(each.student), f"course={each.course}") for each in listed]
    note_many(services, viewer, READ, told or [("", "")])
    return report


def check(services: ReconciliationServices, viewer: Viewer) -> None:
    """Those who may take the totals of the platform away may compare a file with them.

    :raises RequestError: ``forbidden``
    """
    require(services, viewer, Action.EXPORT, PlatformSubject(), REFUSED, "")


def _need(services: ReconciliationServices) -> ComparesSheets:
    if services.reconciler is None:
        raise RequestError("not_here", "This process only collects events.", 404)
    return services.reconciler


def describe(found: Reconciled, viewer: Viewer) -> ReconciliationReport:
    """What a viewer is shown of a comparison."""
    sheet, comparison = found.sheet, found.comparison
    return ReconciliationReport(
        columns={"student": found.column, **sheet.columns},
        rows=len(sheet.rows),
        skipped=sheet.skipped,
        courses=found.courses,
        compared=comparison.compared,
        differences=len(comparison.differences),
        counts=[
            DifferenceCount(kind, cause, students, say(f"reconcile.cause.{cause}"))
            for (kind, cause), students in sorted(comparison.counts.items())
        ],
        repeated=comparison.repeated[:100],
        unread={f"{column}: {text}": times for (column, text), times in sheet.unread.most_common(20)},
        listed=[_list(each, found, viewer) for each in comparison.differences[:MOST_LISTED]],
    )


def _list(each: Difference, found: Reconciled, viewer: Viewer) -> ListedDifference:
    there, here = each.there, each.here
    # The file says who is in the course; our word on how somebody does there is a look into the record.
    seen = isinstance(decide(viewer, Action.READ, StudentSubject(each.student)), Allowed)
    known = here if seen else None
    return ListedDifference(
        course_id=each.course,
        student=there.shown if there else found.names.get(each.student, to_text(each.student)),
        kind=each.kind,
        cause=each.cause,
        line=there.line if there else None,
        there_state=there.state if there else None,
        there_grade=there.grade if there else None,
        here_state=known.state if known else None,
        here_grade=known.grade if known else None,
    )


def as_csv(report: ReconciliationReport) -> str:
    """The listed differences (RFC 4180), with the likely cause in words; no cell is a formula."""
    names = ListedDifference.__struct_fields__
    rows = [[*msgspec.structs.astuple(each), say(f"reconcile.cause.{each.cause}")] for each in report.listed]
    return write_csv([[*names, "sentence"], *rows])
