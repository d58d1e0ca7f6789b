"""Batches that clients left in the data directory while the server was away."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path

import zstandard

from coursepulse.privacy.erasable import DataSubject, Erased, ErasureMode
from coursepulse.privacy.mentions import Mentions


class SpoolErasure:
    """:class:`coursepulse.privacy.erasable.Erasable` for spools that no client is using at the moment."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def erase(self, who: DataSubject, mode: ErasureMode) -> list[Erased]:  # noqa: ARG002 - events that never arrived count nowhere
        names = Mentions(who)
        lines = sum(_take_out(path, names) for path in self._files())
        return [Erased("client spools", lines, "events that never arrived were removed from waiting batches")]

    def _files(self) -> Iterator[Path]:
        for path in sorted(self._data.rglob("*.ndjson.zst*")):
            if not _in_use(path.parent):
                yield path


def _in_use(folder: Path) -> bool:
    try:
        with (folder / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _take_out(path: Path, names: Mentions) -> int:
    """Remove the lines that name the student; a batch without lines is deleted."""
    lines = (
        zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes()).splitlines(keepends=True)
    )
    kept = [line for line in lines if not names(line)]
    if not kept:
        path.unlink()
    elif len(kept) < len(lines):
        draft = path.with_suffix(".new")
        draft.write_bytes(zstandard.ZstdCompressor().compress(b"".join(kept)))
        draft.replace(path)
    return len(lines) - len(kept)
