"""The archives of exports on disk, until somebody fetches them or they are too old."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from coursepulse.kit.clock import SECOND, Micros
from coursepulse.privacy.erasable import Erased


class Archives:
    """A folder with one zip per export, by the number of its request."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, request: UUID) -> Path:
        """Where the archive of an export is, or would be; its folder is made."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{request}.zip"

    def remove(self, requests: Iterable[UUID]) -> list[Erased]:
        """Remove the archives of some exports."""
        found = [path for request in requests for path in self._folder.glob(f"{request}.*")]
        for path in found:
            path.unlink(missing_ok=True)
        return [Erased("exports on disk", len(found), "removed")]

    def prune(self, before: Micros) -> int:
        """Remove archives, finished or not, written before a moment; returns how many went."""
        old = [path for path in self._folder.glob("*.*") if path.stat().st_mtime * SECOND < before]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def oldest(self) -> Micros | None:
        """When the oldest archive was written."""
        return min((int(path.stat().st_mtime * SECOND) for path in self._folder.glob("*.zip")), default=None)
