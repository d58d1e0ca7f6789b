"""The archives of exports on disk, until they are downloaded or too old."""

from __future__ import annotations

import csv
import time
import zipfile
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from uuid import UUID

import msgspec

from coursepulse.kit.clock import SECOND, Micros
from coursepulse.privacy.erasable import Erased
from coursepulse.privacy.exportable import ExportedTable, ExportTable


class Archives:
    """A folder with one zip per export, named by the number of its request."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, request: UUID) -> Path:
        """Path of the archive of an export, which need not exist yet; its folder is created."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{request}.zip"

    def remove(self, requests: Iterable[UUID]) -> list[Erased]:
        """Remove the archives of some exports."""
        found = [path for request in requests for path in self._folder.glob(f"{request}.*")]
        for path in found:
            path.unlink(missing_ok=True)
        return [Erased("exports on disk", len(found), "removed")]

    def prune(self, before: Micros) -> int:
        """Remove archives, complete or not, that are older than a moment; returns how many."""
        old = [path for path in self._folder.glob("*.*") if path.stat().st_mtime * SECOND < before]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def oldest(self) -> Micros | None:
        """The time at which the oldest archive was written."""
        return min((int(path.stat().st_mtime * SECOND) for path in self._folder.glob("*.zip")), default=None)


class ArchiveWriter:
    """Writes tables into a zip one after the other, in constant memory.

    :param path: of the zip, which appears there once it is complete
    """

    def __init__(self, path: Path) -> None:
        self._path, self._draft = path, path.with_suffix(".part")
        self.written: list[ExportedTable] = []

    def __enter__(self) -> ArchiveWriter:
        self._zip = zipfile.ZipFile(self._draft, "w", zipfile.ZIP_DEFLATED)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._zip.close()
        if kind is None:
            self._draft.replace(self._path)
        else:
            self._draft.unlink(missing_ok=True)

    def add(self, table: ExportTable) -> None:
        """Write one table, as JSON directly and as CSV through a temporary file: a zip can write one file at a time."""
        spool = self._path.with_suffix(".csv")
        count = 0
        with (
            spool.open("w", newline="") as plain,
            self._zip.open(_entry(f"{table.name}.json"), "w", force_zip64=True) as out,
        ):
            rows = csv.writer(plain)
            rows.writerow(table.columns)
            out.write(b"[")
            for row in table.rows:
                fields = dict(zip(table.columns, map(_plain, row), strict=True))
                out.write((b",\n" if count else b"\n") + msgspec.json.encode(fields))
                rows.writerow([_cell(value) for value in fields.values()])
                count += 1
            out.write(b"\n]\n")
        self._zip.write(spool, f"{table.name}.csv")
        spool.unlink()
        self.written.append(ExportedTable(table.name, table.description, table.columns, count))

    def add_text(self, name: str, text: str) -> None:
        """Write a page for readers."""
        self._zip.writestr(name, text)


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry dated now: a name alone would be dated 1980."""
    entry = zipfile.ZipInfo(name, time.localtime()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _plain(value: object) -> object:
    """The value in a form that JSON has."""
    if isinstance(value, IPv4Network | IPv6Network):
        return str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


def _cell(value: object) -> object:
    """A value as a cell: lists and objects as JSON. A text that a spreadsheet would run as a formula gets a quote."""
    if isinstance(value, dict | list | tuple):
        return msgspec.json.encode(value).decode()
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value
