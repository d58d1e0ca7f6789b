"""`coursepulse import`: what other systems recorded, through the collector."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from coursepulse.importers.http import open_destination
from coursepulse.importers.oneroster import SOURCE, RosterImportReceipt, import_roster
from coursepulse.importers.progress import Bar
from coursepulse.importers.receipt import ImportReceipt
from coursepulse.importers.roster_csv import CsvReceipt, import_csv
from coursepulse.importers.run import run_import
from coursepulse.importers.source import RecordSource
from coursepulse.importers.state import State
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.settings import Settings
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.import_notes import ImportNotes
from coursepulse.store.secret import read_secret


def run_events(
    source: RecordSource,
    url: str,
    key: str,
    data: Path,
    *,
    consent: bool = True,
    roster: bool = True,
    as_json: bool = False,
) -> None:
    """Import the events that another system recorded."""
    try:
        with open_destination(url, key) as destination, Bar(f"import {source.name}") as bar:
            receipt = run_import(
                source, destination, data / "imports", consent=consent, roster=roster, bar=bar
            )
    except KeyboardInterrupt:
        kept = State(data / "imports", source.fingerprint).load()
        raise KeyboardInterrupt(
            f"Stopped. {kept:,} events are stored for good; the same command goes on from there."
        ) from None
    print_receipt(receipt, as_json=as_json)
    if receipt.rejected and not receipt.accepted and not receipt.resumed:
        raise CoursepulseError(
            f"Nothing was accepted: every record was refused. Is this a file for `import {source.name}`?"
        )


def open_notes(settings: Settings) -> ImportNotes:
    """What earlier imports of an installation have noted."""
    return ImportNotes(settings.data / "imports", Pseudonyms(read_secret(settings)))


def run_oneroster(
    path: Path,
    url: str,
    key: str,
    *,
    id_column: str,
    time_zone: str,
    source: str = SOURCE,
    force: bool = False,
    as_json: bool = False,
) -> None:
    """Import a package of OneRoster."""
    with open_destination(url, key) as destination, Bar("import oneroster", unit="rows") as bar:
        receipt = import_roster(
            path, destination, id_column=id_column, time_zone=time_zone, source=source, force=force, bar=bar
        )
    if as_json:
        sys.stdout.write(msgspec.json.encode(receipt).decode() + "\n")
    else:
        sys.stdout.write("\n".join(_roster_lines(receipt)) + "\n")


def run_roster(paths: Sequence[Path], url: str, key: str, *, as_json: bool = False) -> None:
    """Import CSV files of the roster."""
    with open_destination(url, key) as destination:
        receipt = import_csv(paths, destination)
    if as_json:
        sys.stdout.write(msgspec.json.encode(receipt).decode() + "\n")
        return
    accepted = ", ".join(f"{number:,} {part}" for part, number in receipt.accepted.items()) or "nothing"
    sys.stdout.write("\n".join([f"accepted {accepted}", *_refused_rows(receipt)]) + "\n")


def _roster_lines(receipt: RosterImportReceipt) -> list[str]:
    accepted = ", ".join(f"{number:,} {part}" for part, number in receipt.accepted.items()) or "nothing"
    return [
        f"{receipt.read.total():,} rows read (OneRoster {receipt.version}), accepted {accepted}, "
        f"{receipt.seconds:,.1f} s",
        *([f"ended, because the package does not name them: {receipt.ended:,}"] if receipt.ended else []),
        *_refused_lines(receipt),
        *receipt.notes,
    ]


def _refused_lines(receipt: ImportReceipt | RosterImportReceipt) -> list[str]:
    lines = []
    kinds = receipt.skipped_kinds if isinstance(receipt, ImportReceipt) else {}
    for reason, number in sorted(receipt.skipped.items()):
        lines.append(f"skipped {reason}: {number:,}")
        lines += [f"  {kind}: {many:,}" for kind, many in kinds.get(reason, Counter()).most_common()]
    return lines + _refused_rows(receipt)


def _refused_rows(receipt: ImportReceipt | RosterImportReceipt | CsvReceipt) -> list[str]:
    lines = [f"rejected {reason}: {number:,}" for reason, number in sorted(receipt.rejected.items())]
    return lines + [f"  {each.place}: {each.path} {each.sentence}" for each in receipt.refusals]


def print_receipt(receipt: ImportReceipt, *, as_json: bool) -> None:
    """A receipt on standard output: one line of JSON for programs, or a few lines for a person."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(receipt).decode() + "\n")
        return
    sys.stdout.write("\n".join(_lines(receipt)) + "\n")


def _lines(receipt: ImportReceipt) -> list[str]:
    duplicates = "an unknown number of" if receipt.duplicates is None else f"{receipt.duplicates:,}"
    lines = [
        f"{receipt.read:,} records read, {receipt.accepted:,} events accepted, {duplicates} duplicates",
        f"{receipt.students:,} students, {receipt.courses:,} courses, {receipt.seconds:,.1f} s",
    ]
    if receipt.resumed:
        lines.append(f"{receipt.resumed:,} events had been sent before an interruption")
    if receipt.withdrawn:
        lines.append(f"{receipt.withdrawn:,} events of earlier imports were voided and taken back")
    if receipt.consents:
        lines.append(f"consent to analytics asserted for {receipt.consents:,} students (source: import)")
    return lines + _refused_lines(receipt)
