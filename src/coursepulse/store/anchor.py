"""The head of the audit chain, kept in a file beside the log. Only it can show that the end of a trail was cut off."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from coursepulse.audit.chain import Head
from coursepulse.kit.errors import StoreUnavailable


class _SavedHead(msgspec.Struct, frozen=True):
    number: int
    hash: str


class AnchorFile:
    """One head in a small JSON file that is replaced atomically."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Head | None:
        """The head that was saved last; None before the first.

        :raises StoreUnavailable: when the file exists but cannot be read: this is not a first start
        """
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=_SavedHead)
            return Head(kept.number, bytes.fromhex(kept.hash))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StoreUnavailable(
                f"The anchor of the audit trail in {self._path} cannot be read: {error}"
            ) from None

    def write(self, head: Head) -> None:
        """Save this head.

        :raises StoreUnavailable: when it cannot be written to disk
        """
        draft = self._path.with_suffix(f".{os.getpid()}.new")
        try:
            with draft.open("wb") as file:
                file.write(msgspec.json.encode(_SavedHead(head.number, head.hash.hex())))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        except OSError as error:
            raise StoreUnavailable(
                f"The anchor of the audit trail cannot be written: {error.strerror}."
            ) from None
