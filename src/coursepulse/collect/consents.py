"""The consents beside the log, so that the collector can ask them while every database is down."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from coursepulse.kit.errors import SettingError
from coursepulse.privacy.consent import ConsentDecision, ConsentRegister

#: One record of the file: a pseudonym of 16 bytes and a mask of one.
_RECORD = 17


class ConsentFile:
    """Keeps a register in a file that is replaced as a whole: a crash leaves the old one or the new one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.register = ConsentRegister(_read(path))
        self._tell: Callable[[Sequence[ConsentDecision]], None] | None = None

    def tell(self, follower: Callable[[Sequence[ConsentDecision]], None]) -> None:
        """Tell ``follower`` of each decision from now on, once it is on disk."""
        self._tell = follower

    def record(self, decisions: Iterable[ConsentDecision]) -> None:
        """Take in decisions, oldest first; they hold from now on and are on disk when this returns.

        :raises OSError: when they cannot be written; they hold all the same until the restart
        """
        with self._lock:
            told = list(decisions) if self._tell else None
            self.register.apply(decisions if told is None else told)
            try:
                _write(self._path, self.register)
            finally:
                if self._tell and told:
                    self._tell(told)

    def replace(self, masks: Iterable[tuple[bytes, int]]) -> None:
        """Replace everything here with what the store of record knows."""
        with self._lock:
            self.register.replace(masks)
            _write(self._path, self.register)


def _read(path: Path) -> Iterator[tuple[bytes, int]]:
    if not path.exists():
        return
    content = path.read_bytes()
    if len(content) % _RECORD:
        raise SettingError(
            f"{path} is damaged; delete it, and the next start will rebuild it from PostgreSQL."
        )
    for start in range(0, len(content), _RECORD):
        yield content[start : start + 16], content[start + 16]


def _write(path: Path, register: ConsentRegister) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(b"".join(student + bytes((mask,)) for student, mask in register))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
