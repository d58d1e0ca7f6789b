"""Files, plain or gzip, as numbered records of bytes, in constant memory."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import IO, NamedTuple, TypeVar

from coursepulse.importers.encoding import AsUtf8, find_encoding, wide_encoding
from coursepulse.kit.errors import RequestError

_CHUNK = 1 << 16
#: An array element longer than this counts as unterminated.
_LONGEST = 1 << 23

_BOM = b"\xef\xbb\xbf"

_FIELD = r'"[^"\\]*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|null|true|false|[-+.\deE]+)\s*'
#: The beginning and end of a record store's answer around its statements.
_HEAD = re.compile(rf'\{{\s*(?:{_FIELD},\s*)*"statements"\s*:\s*\[')
_TAIL = re.compile(rf"(?:{_FIELD},?\s*)*\}}")
#: Characters within which such a beginning is recognised.
_ENOUGH = 4096

#: Other separators that files may have instead of commas.
_MARKS = {";": "semicolons", "\t": "tabs", "|": "bars"}

Row = TypeVar("Row", bound=tuple[str, ...])


class Text(NamedTuple):
    """One record of a file.

    :param place: its place, for readers: ``line 12``
    :param done: how far into the file, as stored, this is, in bytes
    """

    place: str
    body: bytes
    done: int


class _Opened(NamedTuple):
    """A file and its uncompressed content, which is the same file if it is not compressed."""

    stored: IO[bytes]
    content: IO[bytes]


@contextmanager
def _open(path: Path) -> Iterator[_Opened]:
    try:
        stored = path.open("rb")
    except OSError as error:
        raise RequestError("no_such_file", f"Cannot read {path}: {error.strerror}.") from None
    with stored:
        try:
            packed = stored.peek(2)[:2] == b"\x1f\x8b"
            if packed:
                with gzip.GzipFile(fileobj=stored) as unpacked:
                    yield _Opened(stored, io.BufferedReader(unpacked))
            else:
                yield _Opened(stored, stored)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            # Earlier records were already returned; importing the complete file later adds the rest.
            raise RequestError("broken_file", f"{path.name} is damaged or cut off: {error}.") from None


def read_texts(path: Path) -> Iterator[Text]:
    """The JSON texts of a file: one per line; or the elements of an array, the statements of a record store's answer,
    or texts over several lines, one after another.

    Invalid UTF-8 is returned unchanged with its text: one bad line must not stop the others.

    :raises RequestError: when the file cannot be opened, or is compressed and cut off
    """
    with _open(path) as stored:
        opened = _recode(stored, path.name)
        start = opened.content.peek(_CHUNK)[:_CHUNK]  # type: ignore[attr-defined]
        yield from (
            _read_lines(opened) if _is_lined(start.removeprefix(_BOM).lstrip()) else _read_elements(opened)
        )


def _is_lined(start: bytes) -> bool:
    """Whether each line of a file with this beginning is a complete text.

    A truncated first line does not mean that texts span lines: then the second line begins another text.
    """
    if start[:1] != b"{":
        return start[:1] != b"["
    if _HEAD.match(start.decode(errors="replace")):
        return False
    first, _, rest = start.partition(b"\n")
    opens = first.rstrip()[-1:] in (b"{", b"[", b",", b":")
    return not opens or rest.lstrip(b"\r\n")[:2] == b'{"'


def _recode(opened: _Opened, name: str) -> _Opened:
    """The file as UTF-8, if its characters take more than one byte each."""
    wide = wide_encoding(opened.content.peek(_CHUNK)[:4096])  # type: ignore[attr-defined]
    if not wide:
        return opened
    return opened._replace(content=io.BufferedReader(AsUtf8(opened.content, wide, name)))


def _read_lines(opened: _Opened) -> Iterator[Text]:
    for number, line in enumerate(opened.content, 1):
        body = line.removeprefix(_BOM).strip()
        if body:
            yield Text(f"line {number}", body, opened.stored.tell())


def _read_elements(opened: _Opened) -> Iterator[Text]:
    """Texts that may span lines.

    A broken text hides the start of the next one, so it is returned as the last.
    """
    with io.TextIOWrapper(opened.content, "utf-8-sig", errors="surrogateescape") as content:
        yield from _Scanner(content).texts(opened.stored)


class _Scanner:
    """Finds texts one by one in a file of any size, in constant memory."""

    def __init__(self, content: IO[str]) -> None:
        self._content = content
        self._buffer = ""
        self._answering = False
        self._scan = json.JSONDecoder().raw_decode

    def texts(self, stored: IO[bytes]) -> Iterator[Text]:
        number = 1
        while self._skip():
            end = self._end()
            body = self._buffer[: end or _CHUNK].encode(errors="surrogateescape")
            place = f"element {number}" if end else f"element {number} and everything after it"
            yield Text(place, body, stored.tell())
            if not end:
                return
            self._buffer, number = self._buffer[end:], number + 1

    def _skip(self) -> bool:
        """Skips separators between texts; False at the end of the file."""
        while True:
            self._buffer = self._buffer.lstrip(" \t\r\n[],\ufeff")
            if len(self._buffer) < _ENOUGH and self._more():
                continue
            frame = (_TAIL if self._answering and self._buffer[:1] != "{" else _HEAD).match(self._buffer)
            if frame is None:
                return bool(self._buffer)
            self._answering = frame[0][-1:] == "["
            self._buffer = self._buffer[frame.end() :]

    def _end(self) -> int:
        """The end of the text at the start of the buffer; 0 if it is broken."""
        while True:
            try:
                return self._scan(self._buffer)[1]
            except (ValueError, RecursionError):
                if len(self._buffer) >= _LONGEST or not self._more():
                    return 0

    def _more(self) -> bool:
        more = self._content.read(max(_CHUNK, len(self._buffer)))
        self._buffer += more
        return bool(more)


def read_table(path: Path, kind: type[Row]) -> Iterator[tuple[int, Row | None, int]]:
    """The rows of a CSV file with the columns of ``kind``: line number, row, bytes done.

    A row is None if it is too short to have all columns. Other columns may come between.

    :raises RequestError: when the file cannot be opened or read, or a column is missing from its first line
    """
    columns: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]
    with open_counted(path) as (stored, content):
        rows = csv.reader(content)
        header = next(rows, [])
        check_columns(path.name, header, columns)
        pick = itemgetter(*(header.index(column) for column in columns))
        make = kind._make  # type: ignore[attr-defined]
        for row in rows:
            try:
                yield rows.line_num, make(pick(row)), stored.tell()
            except IndexError:
                yield rows.line_num, None, stored.tell()


@contextmanager
def open_table(path: Path) -> Iterator[IO[str]]:
    """The text of a CSV file, plain or gzip, in any supported encoding.

    :raises RequestError: when it cannot be opened or read
    """
    with open_counted(path) as (_, content):
        yield content


@contextmanager
def open_counted(path: Path) -> Iterator[tuple[IO[bytes], IO[str]]]:
    """The same, with the stored file, which shows the progress of reading."""
    with _open(path) as opened:
        encoding = find_encoding(opened.content, path.name)
    with _open(path) as opened, as_text(opened.content, encoding) as content:
        try:
            yield opened.stored, content
        except csv.Error as error:
            raise RequestError("broken_file", f"{path.name} cannot be read: {error}.") from None


def as_text(stored: IO[bytes], encoding: str) -> io.TextIOWrapper:
    """The characters of a CSV file, with its own line breaks."""
    return io.TextIOWrapper(stored, encoding, newline="")


def check_columns(name: str, header: Sequence[str], columns: Iterable[str]) -> None:
    """:raises RequestError: ``wrong_table``, when one is missing from the first line of the file"""
    absent = [column for column in columns if column not in header]
    if not absent:
        return
    parted = next((mark for mark in (";", "\t", "|") if len(header) == 1 and mark in header[0]), "")
    hint = f" Its fields are divided by {_MARKS[parted]}, and CSV has commas." if parted else ""
    raise RequestError("wrong_table", f"{name} has no column {', '.join(absent)}.{hint}")
