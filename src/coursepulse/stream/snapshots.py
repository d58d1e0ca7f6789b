"""States of processors on disk, with the position in the log that they belong to.

A snapshot only saves time: without one, or with one that cannot be used, the log makes the states anew.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec
import structlog

from coursepulse.kit.clock import Micros
from coursepulse.log.positions import Position, from_number, to_number

_log = structlog.get_logger(__name__)

#: Raised when the file itself changes.
_FORMAT = b"coursepulse states 1\n"

#: Seconds between two snapshots: what a start has to read again at most, and little to write meanwhile.
PAUSE = 30.0

#: States encoded at a time: between two portions other threads come to work.
_SOME = 5_000

_LENGTH, _SUM = 4, 16


class Snapshot(NamedTuple):
    """The states of every processor.

    :param states: by processor, then by key
    """

    position: Position
    now: Micros
    versions: dict[str, int]
    states: dict[str, dict[bytes, bytes]]


class _Header(msgspec.Struct, array_like=True):
    number: int
    now: Micros
    versions: dict[str, int]


class SnapshotFile:
    """One file, replaced as a whole. Writing goes on in a thread of its own.

    :param pause: seconds between two snapshots
    """

    def __init__(self, path: Path, pause: float = PAUSE) -> None:
        self._path, self._beside, self._pause = path, path.with_suffix(".new"), pause
        self._next = time.monotonic() + pause
        self._writer: threading.Thread | None = None
        self._changing = threading.Lock()
        self._current = 0

    @property
    def due(self) -> bool:
        """It is time for a new one, and none is being written."""
        writing = self._writer is not None and self._writer.is_alive()
        return not writing and time.monotonic() >= self._next

    def read(self, versions: dict[str, int]) -> Snapshot | None:
        """The newest snapshot, or None if there is none that these versions of processors can use."""
        try:
            with self._path.open("rb") as file:
                return _read(file, versions)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, msgspec.MsgspecError) as error:
            _log.warning("snapshot_unusable", error=str(error), then="the log is read again")
            return None

    def write(self, snapshot: Snapshot) -> None:
        """Replace the file, soon."""
        self.close()
        self._next = time.monotonic() + self._pause
        self._writer = threading.Thread(
            target=self._replace, args=(snapshot, self._current), name="state-snapshot", daemon=True
        )
        self._writer.start()

    def forget(self) -> None:
        """Remove what is on disk, and what is on the way to it: it may name somebody who has been erased."""
        with self._changing:
            self._current += 1
            self._path.unlink(missing_ok=True)
            # A crash, or a disk that is full, leaves one that was never finished.
            self._beside.unlink(missing_ok=True)
        self._next = time.monotonic()

    def close(self) -> None:
        """Wait for what is being written."""
        if self._writer is not None:
            self._writer.join()

    def _replace(self, snapshot: Snapshot, number: int) -> None:
        try:
            with self._beside.open("wb") as file:
                _write(file, snapshot)
                file.flush()
                os.fsync(file.fileno())
            with self._changing:
                if number == self._current:
                    self._beside.replace(self._path)
            self._beside.unlink(missing_ok=True)
        except OSError as error:
            _log.warning("snapshot_failed", error=str(error))


def _write(file: BinaryIO, snapshot: Snapshot) -> None:
    digest = blake2b(digest_size=_SUM)
    header = _Header(to_number(snapshot.position), snapshot.now, snapshot.versions)
    file.write(_FORMAT)
    for body in (msgspec.msgpack.encode(header), *_portions(snapshot), b""):
        frame = len(body).to_bytes(_LENGTH, "big") + body
        digest.update(frame)
        file.write(frame)
    file.write(digest.digest())


def _portions(snapshot: Snapshot) -> Iterator[bytes]:
    for name, states in snapshot.states.items():
        each = iter(states.items())
        while some := list(islice(each, _SOME)):
            yield msgspec.msgpack.encode((name, some))


def _read(file: BinaryIO, versions: dict[str, int]) -> Snapshot:
    if file.readline() != _FORMAT:
        raise ValueError("of another format")
    header, *portions = _frames(file)
    found = msgspec.msgpack.decode(header, type=_Header)
    if found.versions != versions:
        raise ValueError("of other versions of the processors")
    states: dict[str, dict[bytes, bytes]] = {name: {} for name in versions}
    decoder = msgspec.msgpack.Decoder(tuple[str, list[tuple[bytes, bytes]]])
    for portion in portions:
        name, some = decoder.decode(portion)
        states[name].update(some)
    return Snapshot(from_number(found.number), found.now, found.versions, states)


def _frames(file: BinaryIO) -> list[bytes]:
    """Everything up to the empty frame, once the sum of it is found right."""
    digest, bodies = blake2b(digest_size=_SUM), list[bytes]()
    while True:
        length = file.read(_LENGTH)
        body = file.read(int.from_bytes(length, "big"))
        if len(length) < _LENGTH or len(body) < int.from_bytes(length, "big"):
            raise ValueError("cut off")
        digest.update(length + body)
        if not body:
            break
        bodies.append(body)
    if file.read() != digest.digest() or not bodies:
        raise ValueError("damaged")
    return bodies
