"""The collector itself, with its log and its dead letters, reached without HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from coursepulse.campus.consents import ConsentRow
from coursepulse.collect import collector as collecting
from coursepulse.collect.dead_letters import DeadLetter, SqliteDeadLetterQueue
from coursepulse.collect.keeping import Keeping
from coursepulse.collect.keys import SCOPES, Key, KeyRing
from coursepulse.collect.worker import LocalWorker
from coursepulse.events.event import Envelope, Event
from coursepulse.events.reasons import Rejected
from coursepulse.importers.destination import BrokenRecord, DestinationRefusal, ServerProgress
from coursepulse.kit.clock import Clock, system_clock
from coursepulse.kit.settings import Settings
from coursepulse.log import open_log
from coursepulse.log.positions import start
from coursepulse.privacy.consent import ConsentDecision, ConsentRegister, Purpose
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.import_notes import ImportNotes

SECRET = "importer-secret"
PSEUDONYMS = Pseudonyms(b"a secret of the test, long enough")
KEY = Key("importer", frozenset(SCOPES))


def notes(folder: Path) -> ImportNotes:
    """What imports remember of each other, in ``folder``."""
    return ImportNotes(folder, PSEUDONYMS)


class LocalDestination:
    """What an importer needs of a server; everything that was put is kept in ``rows`` by its path.

    ``fail_after`` batches sending fails, as when the network goes down; ``consents_take`` batches pass until
    a consent holds.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.rows: dict[str, list[Any]] = {}
        self.fail_after: int | None = None
        self.consents_take = self.asked = 0
        self.withdrawn: set[str] = set()
        self.taken_back: list[str] = []
        self._waiting: list[tuple[int, ConsentRow]] = []
        self.sent = 0
        self._pseudonyms = PSEUDONYMS
        self._register = ConsentRegister()
        self._dead_letters = SqliteDeadLetterQueue(folder / "letters.sqlite")
        self._log = open_log(f"sqlite:///{folder / 'log.sqlite'}")
        self._runner = asyncio.Runner()
        self.settings = Settings(data=folder)
        self.clock = clock
        self.collector = collecting.Collector(
            log=self._log,
            keys=KeyRing([(SECRET, KEY)]),
            worker=LocalWorker(
                log=self._log,
                pseudonyms=self._pseudonyms,
                consents=self._register,
                dead_letters=self._dead_letters,
                clock=clock,
                settings=self.settings,
            ),
            dead_letters=self._dead_letters,
            keeping=Keeping(self._pseudonyms, self._register, self.settings),
            clock=clock,
            settings=self.settings,
        )

    def send(self, events: Sequence[Envelope]) -> list[DestinationRefusal]:
        if self.fail_after is not None and self.sent >= self.fail_after:
            raise ConnectionError("the network is down")
        self._learn_consents()
        self.sent += 1
        receipt = self._runner.run(self.collector.receive(msgspec.json.encode(events), key=KEY))
        return [
            DestinationRefusal(each.index, each.reason, each.path, each.sentence) for each in receipt.rejected
        ]

    def put(self, path: str, rows: Sequence[msgspec.Struct]) -> list[DestinationRefusal]:
        self.rows.setdefault(path, []).extend(rows)
        due = self.sent + self.consents_take
        self._waiting += [(due, row) for row in rows if isinstance(row, ConsentRow)]
        return []

    def _learn_consents(self) -> None:
        held = [row for due, row in self._waiting if due <= self.sent]
        self._waiting = [each for each in self._waiting if each[0] > self.sent]
        self._register.apply(
            ConsentDecision(self._pseudonyms.of(row.external_id), Purpose.ANALYTICS, row.granted)
            for row in held
            if row.external_id not in self.withdrawn
        )

    def grant(self, *students: str) -> None:
        """These students agreed to analytics."""
        agreed = (
            ConsentDecision(self._pseudonyms.of(student), Purpose.ANALYTICS, True) for student in students
        )
        self._register.apply(agreed)

    def withdraw(self, events: Sequence[str]) -> int:
        self.taken_back += events
        return 0

    def agreed(self, student: str) -> bool:
        self.asked += 1
        return student not in self.withdrawn

    def put_aside(self, dead_letters: Sequence[BrokenRecord]) -> None:
        rejected = [
            Rejected(0, each.place, each.reason, each.path, each.sentence, each.body) for each in dead_letters
        ]
        self._dead_letters.put(rejected, self.clock(), KEY.name)

    def pipeline(self) -> ServerProgress:
        events = self.events()
        return ServerProgress(len(events), len(events) - len({event.event_id for event in events}), 0)

    def events(self) -> list[Event]:
        """Everything the log holds, in its order."""
        found: list[Event] = []
        after = start()
        while blocks := self._log.read(after, 100_000):
            found += [event for block in blocks for event in block.events]
            after = blocks[-1].position
        return found

    def dead_letters(self) -> list[DeadLetter]:
        """The dead letters, oldest first."""
        return self._dead_letters.newest()[::-1]

    def close(self) -> None:
        self._runner.close()
        self._dead_letters.close()
        self._log.close()


@contextmanager
def local_destination(folder: Path, clock: Clock = system_clock) -> Iterator[LocalDestination]:
    """A collector of its own in ``folder``."""
    destination = LocalDestination(folder, clock)
    try:
        yield destination
    finally:
        destination.close()
