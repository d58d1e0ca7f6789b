"""A OneRoster package, as a folder or as a ZIP file."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from coursepulse.formats.oneroster import COLUMNS, FileMode, Manifest, Row, columns_of, read_manifest
from coursepulse.importers.encoding import WINDOWS, find_encoding
from coursepulse.importers.reading import as_text, check_columns
from coursepulse.kit.errors import RequestError

_MANIFEST = "manifest.csv"


class RosterRow(NamedTuple):
    """One row of a file.

    :param row: by column; None when it is too short
    :param done: how far into the file this is, in bytes
    """

    number: int
    row: Row | None
    done: int


class Package:
    """A package with its manifest.

    :raises RequestError: ``no_such_file``, ``broken_file`` or ``wrong_table``
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zipped = path.is_file()
        self._sizes = self._find_files()
        self._encodings: dict[str, str] = {}
        self.manifest = self._read_manifest()
        # Checked before the first row is sent: half a roster is worse than none.
        for table in self.tables:
            if f"{table}.csv" not in self._sizes:
                raise RequestError(
                    "no_such_file", f"{path.name} has no {table}.csv, which its manifest names."
                )
            self._check_columns(table)

    @property
    def tables(self) -> list[str]:
        """The files to read, in an order in which no file refers to a later one."""
        return [table for table in COLUMNS if self.manifest.modes[table] is not FileMode.ABSENT]

    @property
    def notes(self) -> list[str]:
        """Remarks about how the files were read."""
        return [
            f"{name} is not UTF-8; it was read as Windows-1252."
            for name, encoding in self._encodings.items()
            if encoding == WINDOWS
        ]

    def size(self, table: str) -> int:
        """Uncompressed size of a file in bytes."""
        return self._sizes[f"{table}.csv"][1]

    def lines(self, table: str) -> Iterator[RosterRow]:
        """The rows of a file.

        :raises RequestError: when it is damaged
        """
        with self._open(f"{table}.csv") as stored, self._as_text(stored, f"{table}.csv") as content:
            rows = csv.reader(content)
            header = _read_header(rows)
            for values in rows:
                if any(values):
                    row = dict(zip(header, map(str.strip, values), strict=False))
                    yield RosterRow(rows.line_num, row if len(values) >= len(header) else None, stored.tell())

    def _check_columns(self, table: str) -> None:
        name = f"{table}.csv"
        with self._open(name) as stored, self._as_text(stored, name) as content:
            header = _read_header(csv.reader(content))
        check_columns(name, header, columns_of(self.manifest.version, table))

    def _find_files(self) -> dict[str, tuple[str, int]]:
        """The files and their sizes, beside the manifest, which may be in a folder of the archive."""
        if not self._zipped:
            return {file.name: (file.name, file.stat().st_size) for file in self._path.glob("*.csv")}
        with self._archive() as archive:
            entries = {PurePosixPath(entry.filename): entry.file_size for entry in archive.infolist()}
        home = next((path.parent for path in sorted(entries) if path.name == _MANIFEST), PurePosixPath())
        return {path.name: (str(path), size) for path, size in entries.items() if path.parent == home}

    def _read_manifest(self) -> Manifest:
        if _MANIFEST not in self._sizes:
            raise RequestError(
                "no_such_file", f"{self._path} has no {_MANIFEST}: it is not a OneRoster package."
            )
        with self._open(_MANIFEST) as stored, self._as_text(stored, _MANIFEST) as content:
            properties = {row[0].strip(): row[1].strip() for row in csv.reader(content) if len(row) > 1}
        try:
            return read_manifest(properties)
        except ValueError as error:
            raise RequestError("wrong_table", f"{_MANIFEST}: {error}.") from None

    def _as_text(self, stored: IO[bytes], name: str) -> io.TextIOWrapper:
        if name not in self._encodings:
            with self._open(name) as whole:
                self._encodings[name] = find_encoding(whole, name)
        return as_text(stored, self._encodings[name])

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        try:
            if self._zipped:
                with self._archive() as archive, archive.open(self._sizes[name][0]) as stored:
                    yield stored
            else:
                with (self._path / name).open("rb") as stored:
                    yield stored
        except (
            EOFError,
            RuntimeError,
            NotImplementedError,
            zlib.error,
            zipfile.BadZipFile,
            csv.Error,
        ) as error:
            raise RequestError(
                "broken_file", f"{name} of {self._path.name} cannot be read: {error}."
            ) from None

    @contextmanager
    def _archive(self) -> Iterator[zipfile.ZipFile]:
        try:
            archive = zipfile.ZipFile(self._path)
        except (OSError, zipfile.BadZipFile) as error:
            raise RequestError("broken_file", f"{self._path} is not a ZIP file: {error}.") from None
        with archive:
            yield archive


def _read_header(rows: Iterator[list[str]]) -> list[str]:
    return [column.strip() for column in next(rows, [])]
