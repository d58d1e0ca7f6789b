"""The export as a list of steps: what has changed is written beside what is there, and one file makes it count."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import msgspec

from coursepulse.kit.clock import Clock, from_micros, utc_date
from coursepulse.warehouse.keys import WarehouseKeys
from coursepulse.warehouse.manifest import (
    MANIFEST,
    WarehouseFile,
    WarehouseManifest,
    read_manifest,
    write_manifest,
)
from coursepulse.warehouse.parquet import digest_of, write_file
from coursepulse.warehouse.source import DaySpan, Prints, WarehouseSource
from coursepulse.warehouse.tables import FORMAT, TABLES, Grain, WarehouseTable, fingerprint
from coursepulse.warehouse.target import WarehouseTarget

_DAY = timedelta(days=1)


class ExportOutcome(NamedTuple):
    """What an export did.

    :param number: of the export that holds now
    :param written: files that are new
    :param removed: files that are gone
    """

    number: int
    through: date
    files: int
    rows: int
    written: int
    removed: int

    def sentence(self) -> str:
        """The same in words."""
        if not self.written and not self.removed:
            return f"Nothing has changed since export {self.number}: {self.files} files up to {self.through}."
        return (
            f"Export {self.number}: {self.written} files written and {self.removed} removed; now {self.files} files "
            f"with {self.rows} rows, up to {self.through}."
        )


class Part(NamedTuple):
    """What one file is to hold.

    :param source: another text whenever the rows may be others
    :param due: written even if that is the same
    """

    table: WarehouseTable
    name: str
    span: DaySpan
    source: str
    due: bool


class WarehouseExport:
    """Brings the files up to date. Two at once on one target would take away each other's files.

    :param settled: is told when an export began that is published now: who was erased by then is in no file
    """

    def __init__(
        self,
        source: WarehouseSource,
        target: WarehouseTarget,
        keys: WarehouseKeys,
        clock: Clock,
        settled: Callable[[datetime], None] = lambda _: None,
    ) -> None:
        self._source, self._target, self._keys, self._clock = source, target, keys, clock
        self._settled = settled

    def run(self, days: Collection[date] = ()) -> ExportOutcome:
        """Export every day that is over, as far as it has changed.

        :param days: also these, whether they have changed or not; today counts only if it is among them
        :raises StoreUnavailable: when a database does not answer
        :raises WarehouseUnavailable: when the target does not
        """
        begun = from_micros(self._clock())
        before = read_manifest(self._target.read(MANIFEST))
        end = self._end(before, days)
        try:
            with tempfile.TemporaryDirectory(prefix="coursepulse-warehouse-") as folder:
                files = [
                    self._bring(part, before, Path(folder))
                    for part in list_parts(self._source.prints(end), end, days, self._keys.check)
                ]
        finally:
            self._source.close()
        return self._publish(before, self._manifest(before, files, begun, end - _DAY), begun)

    def _end(self, before: WarehouseManifest, days: Collection[date]) -> date:
        """The day after the last: today, or tomorrow if today was asked for, now or before."""
        today = utc_date(self._clock())
        begun = today in days or before.through == today.isoformat()
        return today + _DAY if begun else today

    def _bring(self, part: Part, before: WarehouseManifest, folder: Path) -> WarehouseFile:
        """The file of a part: the one that is there, if it is made of the same."""
        if not part.due and (known := _find(before, part)):
            return known
        draft = folder / "part.parquet"
        rows = write_file(part.table, self._source.frames(part.table, part.span), self._keys, draft)
        digest = digest_of(draft)
        # Named by what is in it: a reader of the old manifest never finds other rows under a name that it knows.
        path = f"{part.table.folder(part.name)}/{digest[:16]}.parquet"
        if part.due or path not in before.paths():
            self._target.put(path, draft)
        return WarehouseFile(
            table=part.table.name,
            part=part.name,
            path=path,
            rows=rows,
            bytes=draft.stat().st_size,
            sha256=digest,
            source=part.source,
        )

    def _manifest(
        self, before: WarehouseManifest, files: list[WarehouseFile], begun: datetime, through: date
    ) -> WarehouseManifest:
        """The same one, if nothing has changed: then not even the manifest is written."""
        made = msgspec.structs.replace(
            before,
            format=FORMAT,
            through=through.isoformat(),
            schema=fingerprint(),
            keys=self._keys.check,
            files=files,
        )
        if made == before:
            return before
        return msgspec.structs.replace(made, number=before.number + 1, exported_at=begun.isoformat())

    def _publish(self, before: WarehouseManifest, after: WarehouseManifest, begun: datetime) -> ExportOutcome:
        if after is not before:
            with tempfile.NamedTemporaryFile(prefix="coursepulse-warehouse-") as draft:
                draft.write(write_manifest(after))
                draft.flush()
                self._target.put(MANIFEST, Path(draft.name))
        # Whatever the manifest does not name: what the last one did, and what an export left that was cut off.
        stray = self._target.paths() - after.paths() - {MANIFEST}
        self._target.remove(stray)
        self._settled(begun)
        return ExportOutcome(
            number=after.number,
            through=date.fromisoformat(after.through),
            files=len(after.files),
            rows=sum(file.rows for file in after.files),
            written=len(after.paths() - before.paths()),
            removed=len(stray),
        )


def list_parts(prints: dict[str, Prints], end: date, days: Collection[date], keys: str) -> Iterator[Part]:
    """Every part of every table: of those with days one for each day or month that has rows.

    :param keys: says how ids are hidden
    """
    for table in TABLES:
        if table.grain is Grain.WHOLE:
            yield Part(table, "", DaySpan(end, end), "", due=False)
            continue
        parts: dict[str, list[date]] = {}
        for day in sorted(prints[table.name]):
            parts.setdefault(_part_of(table, day), []).append(day)
        due = {_part_of(table, day) for day in days}
        for name, found in parts.items():
            source = _source((prints[table.name][day] for day in found), keys)
            yield Part(table, name, DaySpan(found[0], found[-1] + _DAY), source, name in due)


def _part_of(table: WarehouseTable, day: date) -> str:
    return day.isoformat() if table.grain is Grain.DAY else f"{day:%Y-%m}"


def _source(prints: Iterable[str], keys: str) -> str:
    return sha256(" ".join([fingerprint(), keys, *prints]).encode()).hexdigest()[:16]


def _find(manifest: WarehouseManifest, part: Part) -> WarehouseFile | None:
    """A table without days has no print, and is always made again."""
    if not part.source:
        return None
    wanted = (part.table.name, part.name, part.source)
    return next((file for file in manifest.files if (file.table, file.part, file.source) == wanted), None)
