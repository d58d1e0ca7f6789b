"""A registry in a folder: a folder for each version, and one file that says which of them was shown when."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from coursepulse.insight.registry.port import (
    REMEMBERED,
    DamagedModel,
    ModelVersion,
    NoSuchModel,
    Promotion,
    check_files,
    check_name,
)

_MANIFEST, _CHAMPIONS = "manifest.json", "champions.json"


class _Manifest(msgspec.Struct, frozen=True):
    """When a version was published, and the SHA-256 of each of its files."""

    at: str
    files: dict[str, str]


class FileRegistry:
    """Versions appear whole by renaming a folder, and champions change by replacing a file."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def publish(self, name: str, files: Mapping[str, bytes], at: str) -> int:
        check_files(files)
        home = self._home(name)
        home.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
        try:
            sums = {each: hashlib.sha256(content).hexdigest() for each, content in files.items()}
            for each, content in {**files, _MANIFEST: msgspec.json.encode(_Manifest(at, sums))}.items():
                _write(fresh / each, content)
            return self._settle(home, fresh)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise

    def read(self, name: str, number: int) -> dict[str, bytes]:
        folder = self._home(name) / str(number)
        sums = self._manifest(folder).files
        return {each: _checked(folder / each, expected) for each, expected in sums.items()}

    def versions(self, name: str) -> list[ModelVersion]:
        numbers = sorted(self._numbers(self._home(name)), reverse=True)
        return [ModelVersion(each, self._manifest(self._home(name) / str(each)).at) for each in numbers]

    def promote(self, name: str, number: int, at: str) -> None:
        self._manifest(self._home(name) / str(number))
        self._keep(name, [Promotion(number, at), *self.history(name)][:REMEMBERED])

    def champion(self, name: str) -> int | None:
        held = self.history(name)
        return held[0].number if held else None

    def roll_back(self, name: str) -> int:
        held = self.history(name)
        if len(held) < 2:
            raise NoSuchModel(f"There was no champion of {name} before this one.")
        self._keep(name, held[1:])
        return held[1].number

    def history(self, name: str) -> list[Promotion]:
        try:
            text = (self._home(name) / _CHAMPIONS).read_bytes()
        except FileNotFoundError:
            return []
        return msgspec.json.decode(text, type=list[Promotion])

    def _home(self, name: str) -> Path:
        return self._root / check_name(name)

    def _keep(self, name: str, promotions: Sequence[Promotion]) -> None:
        target = self._home(name) / _CHAMPIONS
        fresh = target.with_suffix(f".{os.getpid()}.new")
        _write(fresh, msgspec.json.encode(promotions))
        fresh.replace(target)
        _sync(target.parent)

    def _settle(self, home: Path, fresh: Path) -> int:
        """Give a finished folder the next free number; another process may take one at the same time."""
        number = max(self._numbers(home), default=0) + 1
        while True:
            try:
                # Renaming onto a folder that is not empty fails, so no version can replace another.
                fresh.rename(home / str(number))
            except OSError:
                if not (home / str(number)).exists():
                    raise
                number += 1
            else:
                _sync(home)
                return number

    def _numbers(self, home: Path) -> list[int]:
        found = home.iterdir() if home.is_dir() else iter(())
        return [int(each.name) for each in found if each.name.isdecimal()]

    def _manifest(self, folder: Path) -> _Manifest:
        try:
            return msgspec.json.decode((folder / _MANIFEST).read_bytes(), type=_Manifest)
        except FileNotFoundError:
            raise NoSuchModel(f"There is no version {folder.name} of {folder.parent.name}.") from None
        except msgspec.DecodeError:
            raise DamagedModel(f"The list of files of {folder} cannot be read.") from None


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _checked(path: Path, expected: str) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DamagedModel(f"{path} is missing.") from None
    if hashlib.sha256(content).hexdigest() != expected:
        raise DamagedModel(f"{path} is not what was published.")
    return content
