"""xAPI statements, tracking logs and Caliper envelopes: files of JSON texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from coursepulse.campus.courses import Course
from coursepulse.campus.people import Person
from coursepulse.events.event import Envelope
from coursepulse.events.reasons import RejectionReason
from coursepulse.formats import caliper, openedx, xapi
from coursepulse.formats.outcome import Refused, Skipped
from coursepulse.formats.values import mapping, text
from coursepulse.formats.xapi_memory import Memory
from coursepulse.formats.xapi_statement import last_part
from coursepulse.importers.catalog import CatalogBuilder
from coursepulse.importers.fingerprint import fingerprint
from coursepulse.importers.reading import read_texts
from coursepulse.importers.source import Record
from coursepulse.kit.errors import RequestError
from coursepulse.store.import_notes import ImportNotes

Outcome = list[Envelope] | Skipped | Refused

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class StatementFormat(NamedTuple):
    """One format of JSON texts.

    :param convert: converts one decoded text
    :param actor: the learner's id and name in a decoded text; unknown ids are left out
    :param title: the id and title of its object
    :param kind: the other system's name for such texts
    :param listing: the field of an object that lists several texts, as in a record store's answer or an envelope
    """

    name: str
    convert: Callable[[Any], Outcome]
    actor: Callable[[Any], tuple[str, str]]
    title: Callable[[Any], tuple[str, str]]
    kind: Callable[[Any], str]
    listing: str = ""


class JsonFiles:
    """Files of JSON texts in one format, one after another."""

    def __init__(self, form: StatementFormat, paths: Sequence[Path]) -> None:
        self.name = form.name
        self._form = form
        self._paths = paths
        self._catalog = CatalogBuilder()
        self._people: dict[str, str] = {}

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self.name, self._paths)

    def courses(self) -> list[Course]:
        return self._catalog.courses()

    def withdrawn(self) -> list[str]:
        return []

    def person(self, student: str) -> Person:
        return Person(external_id=student, name=self._people.get(student, "")[:200])

    def records(self) -> Iterator[Record]:
        sizes = [max(1, path.stat().st_size) for path in self._paths]
        before = 0
        for path, size in zip(self._paths, sizes, strict=True):
            for found in read_texts(path):
                share = min(1.0, (before + found.done) / sum(sizes))
                for place, outcome, body in self._outcomes(f"{found.place} of {path.name}", found.body):
                    yield Record(place, outcome, body, share)
            before += size

    def _outcomes(self, place: str, body: bytes) -> Iterator[tuple[str, Outcome, bytes]]:
        try:
            decoded = _decode(body)
        except UnicodeDecodeError:
            yield place, Refused(RejectionReason.MALFORMED, "$", "The text is not UTF-8."), body
            return
        except _NOT_JSON as error:
            yield place, Refused(RejectionReason.MALFORMED, "$", f"Not JSON: {error}."), body
            return
        listed = mapping(decoded).get(self._form.listing)
        if not isinstance(listed, list):
            yield place, self._outcome(decoded), body
            return
        for number, each in enumerate(listed, 1):
            outcome = self._outcome(each)
            # A dead letter contains only the broken one, not its neighbours.
            own = _encode(each) if isinstance(outcome, Refused) else b""
            yield f"{number} in {place}", outcome, own

    def _all(self) -> Iterator[Any]:
        """Every readable text; errors in the rest are reported when it is sent."""
        for path in self._paths:
            try:
                for found in read_texts(path):
                    yield from self._readable(found.body)
            except RequestError:
                continue

    def _readable(self, body: bytes) -> list[Any]:
        try:
            decoded = _decode(body)
        except _NOT_JSON:
            return []
        listed = mapping(decoded).get(self._form.listing)
        return listed if isinstance(listed, list) else [decoded]

    def _outcome(self, decoded: Any) -> Outcome:
        form, outcome = self._form, self._form.convert(decoded)
        if isinstance(outcome, list):
            student, name = form.actor(decoded)
            if name:
                self._people[student] = name
            for event in outcome:
                self._catalog.learn(event, *form.title(decoded))
        elif isinstance(outcome, Skipped):
            return outcome._replace(kind=form.kind(decoded))
        return outcome


class StatementFiles(JsonFiles):
    """xAPI statements. All are read once first: a later one may void an earlier one.

    :param notes: notes of earlier imports; without them this import is independent
    :param home: the home page whose accounts are identified by name alone
    """

    def __init__(self, paths: Sequence[Path], notes: ImportNotes | None, home: str) -> None:
        super().__init__(
            StatementFormat("xapi", self._convert, self._actor, _object_title, _verb, "statements"), paths
        )
        self._notes = notes
        self._home = home

    @cached_property
    def fingerprint(self) -> str:
        """Includes what other files have voided since: an import is resumed by the number of its events."""
        files = fingerprint(self.name, self._paths)
        foreign = self._memory.voided - self._memory.hidden_voids()
        if not foreign:
            return files
        return f"{files}-{blake2b(' '.join(sorted(foreign)).encode(), digest_size=6).hexdigest()}"

    def withdrawn(self) -> list[str]:
        return [event for each in sorted(self._memory.taken_back) for event in xapi.events_of(each)]

    @cached_property
    def _memory(self) -> Memory:
        memory = self._notes.load_statements(self._home) if self._notes else Memory(self._home)
        for decoded in self._all():
            xapi.note(decoded, memory)
        memory.settle()
        if self._notes:
            self._notes.save_statements(memory)
        return memory

    def _convert(self, statement: Any) -> Outcome:
        return xapi.from_statement(statement, self._memory)

    def _actor(self, statement: Any) -> tuple[str, str]:
        actor = mapping(statement.get("actor"))
        return self._memory.student_of(actor), text(actor.get("name"))


class CaliperFiles(JsonFiles):
    """Caliper envelopes, and events without one.

    All are read once first: a grade may give only the id of its assessment.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        form = StatementFormat(
            "caliper", self._convert, caliper.name_of, caliper.title_of, _type_and_action, "data"
        )
        super().__init__(form, paths)

    @cached_property
    def _quizzes(self) -> frozenset[str]:
        quizzes: set[str] = set()
        for decoded in self._all():
            caliper.note(decoded, quizzes)
        return frozenset(quizzes)

    def _convert(self, event: Any) -> Outcome:
        return caliper.from_event(event, self._quizzes)


def caliper_files(paths: Sequence[Path]) -> JsonFiles:
    """Caliper events: envelopes as sensors send them, one per line, in arrays, or on many lines."""
    return CaliperFiles(paths)


def xapi_files(paths: Sequence[Path], notes: ImportNotes | None = None, home: str = "") -> JsonFiles:
    """xAPI statements: one per line, in arrays, or as answers of a record store."""
    return StatementFiles(paths, notes, home)


def openedx_files(paths: Sequence[Path]) -> JsonFiles:
    """Open edX tracking logs."""
    return JsonFiles(
        StatementFormat("openedx", openedx.from_line, _user_name, lambda _: ("", ""), _event_name), paths
    )


def _user_name(line: Any) -> tuple[str, str]:
    context = mapping(line.get("context"))
    return text(context.get("user_id")), text(line.get("username")) or text(context.get("username"))


def _event_name(line: Any) -> str:
    """The name of an event. All page views share one name: their own names are addresses, which differ per person."""
    name = text(line.get("event_type")) or text(line.get("name"))
    return "pages" if name.startswith("/") else name[:64]


def _verb(statement: Any) -> str:
    return last_part(text(mapping(statement.get("verb")).get("id")))[:64]


def _type_and_action(event: Any) -> str:
    return f"{caliper.type_of(event)} {text(event.get('action'))}"[:64]


def _object_title(statement: Any) -> tuple[str, str]:
    """The id and title of a statement's object, in English or the first language given."""
    thing = mapping(statement.get("object"))
    named = mapping(mapping(thing.get("definition")).get("name"))
    title = named.get("en-US") or named.get("en") or next(iter(named.values()), "")
    return xapi.place_of(statement), text(title)
