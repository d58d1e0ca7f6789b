"""Putting everything held about a student into one archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from clickhouse_connect.driver.client import Client

from coursepulse.audit.port import TrailReader
from coursepulse.collect.dead_letters import DeadLetterQueue
from coursepulse.kit.clock import Clock, from_micros
from coursepulse.kit.ids import to_text
from coursepulse.metrics.catalog import LOOKS_AT_STUDENTS
from coursepulse.privacy.erasable import DataSubject, Erased
from coursepulse.privacy.exportable import Exportable, ExportTable
from coursepulse.privacy.mentions import Mentions
from coursepulse.privacy.summary import write_readme, write_summary
from coursepulse.store.archives import Archives, ArchiveWriter
from coursepulse.store.clickhouse.exports import ClickhouseExport
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.exports import PostgresExport
from coursepulse.store.postgres.requests import Open, RequestStore

#: Entries of the trail read at a time.
_AT_ONCE = 500


class DeadLetterExport:
    """Refused events that name the student."""

    def __init__(self, dead_letters: DeadLetterQueue) -> None:
        self._dead_letters = dead_letters

    def export(self, who: DataSubject) -> Iterator[ExportTable]:
        columns = ("received_at", "source", "reason", "path", "sentence", "body")
        rows = (
            (from_micros(one.received_at), one.source, str(one.reason), one.path, one.sentence, one.body)
            for one in self._dead_letters.find(Mentions(who))
        )
        yield ExportTable("refused_events", "Events about you that could not be used.", columns, rows)


class AccessExport:
    """Looks of others at the student's record, as the audit trail has them."""

    def __init__(self, trail: TrailReader) -> None:
        self._trail = trail

    def export(self, who: DataSubject) -> Iterator[ExportTable]:
        yield ExportTable(
            "accesses",
            "Who looked at your record or changed something in it, when and why.",
            ("at", "role", "action", "what", "purpose"),
            self._rows(to_text(who.student)),
        )

    def _rows(self, student: str) -> Iterator[tuple[object, ...]]:
        after = None
        while links := self._trail.accesses(student, LOOKS_AT_STUDENTS, _AT_ONCE, after):
            for link in links:
                entry = link.entry
                yield from_micros(entry.at), entry.role, entry.tag, entry.detail, entry.purpose
            after = links[-1].number


class Exports:
    """Works on requests for an export."""

    def __init__(
        self,
        pool: Pool,
        open_clickhouse: Callable[[], Client],
        dead_letters: DeadLetterQueue,
        archives: Archives,
        requests: RequestStore,
        trail: TrailReader,
        clock: Clock,
    ) -> None:
        self._pool, self._open_clickhouse, self._dead_letters = pool, open_clickhouse, dead_letters
        self._archives, self._requests, self._trail, self._clock = archives, requests, trail, clock

    def holders(self) -> list[Exportable]:
        """Everything that holds something about students: one line each."""
        return [
            PostgresExport(self._pool),
            ClickhouseExport(self._open_clickhouse()),
            DeadLetterExport(self._dead_letters),
            AccessExport(self._trail),
        ]

    def work(self, wanted: Open) -> None:
        """Finish a request.

        :raises StoreUnavailable: it is to be worked on again
        """
        lines = self._write(wanted, wanted.who) if wanted.who is not None else []
        self._requests.finish(wanted.request, lines, self._clock())

    def _write(self, wanted: Open, who: DataSubject) -> list[Erased]:
        now = from_micros(self._clock())
        with ArchiveWriter(self._archives.path(wanted.request)) as archive:
            for holder in self.holders():
                for table in holder.export(who):
                    archive.add(table)
            facts = {"Your id on the platform": who.external_id, "Your e-mail address": who.email}
            archive.add_text("summary.html", write_summary(archive.written, facts, now))
            archive.add_text("README.md", write_readme(archive.written, now))
        return [Erased(table.name, table.rows, table.description) for table in archive.written]
