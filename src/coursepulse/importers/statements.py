"""xAPI statements and tracking logs: files of JSON texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from coursepulse.campus.courses import Course
from coursepulse.campus.people import Person
from coursepulse.events.event import Envelope
from coursepulse.events.reasons import Reason
from coursepulse.formats import openedx, xapi
from coursepulse.formats.outcome import Refused, Skipped
from coursepulse.formats.values import mapping, text
from coursepulse.importers.catalog import Catalog
from coursepulse.importers.fingerprint import fingerprint
from coursepulse.importers.reading import read_texts
from coursepulse.importers.source import Record

Outcome = list[Envelope] | Skipped | Refused

_decode = msgspec.json.Decoder().decode


class JsonFiles:
    """Files of JSON texts in one format, one after another.

    :param convert: what the format makes of one decoded text
    :param names: the learner's id and name in a decoded text; ids it does not know are left out
    """

    def __init__(
        self,
        name: str,
        paths: Sequence[Path],
        convert: Callable[[Any], Outcome],
        names: Callable[[Any], tuple[str, str]],
        titles: Callable[[Any], tuple[str, str]],
    ) -> None:
        self.name = name
        self._paths = paths
        self._convert = convert
        self._names = names
        self._titles = titles
        self._catalog = Catalog()
        self._people: dict[str, str] = {}

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self.name, self._paths)

    def courses(self) -> list[Course]:
        return self._catalog.courses()

    def person(self, student: str) -> Person:
        return Person(external_id=student, name=self._people.get(student, "")[:200])

    def records(self) -> Iterator[Record]:
        sizes = [max(1, path.stat().st_size) for path in self._paths]
        before = 0
        for path, size in zip(self._paths, sizes, strict=True):
            for found in read_texts(path):
                share = min(1.0, (before + found.done) / sum(sizes))
                place = f"{found.place} of {path.name}"
                for outcome in self._outcomes(found.body):
                    yield Record(place, outcome, found.body, share)
            before += size

    def _outcomes(self, body: bytes) -> Iterator[Outcome]:
        try:
            decoded = _decode(body)
        except UnicodeDecodeError:
            yield Refused(Reason.MALFORMED, "$", "The text is not UTF-8.")
            return
        except (msgspec.DecodeError, RecursionError) as error:
            yield Refused(Reason.MALFORMED, "$", f"Not JSON: {error}.")
            return
        # A record store answers a query with an object that holds the statements.
        listed = mapping(decoded).get("statements")
        for each in listed if isinstance(listed, list) else [decoded]:
            yield self._outcome(each)

    def _outcome(self, decoded: Any) -> Outcome:
        outcome = self._convert(decoded)
        if isinstance(outcome, list):
            student, name = self._names(decoded)
            if name:
                self._people[student] = name
            for event in outcome:
                self._catalog.learn(event, *self._titles(decoded))
        return outcome


def xapi_files(paths: Sequence[Path]) -> JsonFiles:
    """xAPI statements: one per line, in arrays, or as a record store answers."""
    return JsonFiles("xapi", paths, _from_statement, _actor_name, _object_title)


def openedx_files(paths: Sequence[Path]) -> JsonFiles:
    """Open edX tracking logs."""
    return JsonFiles("openedx", paths, openedx.from_line, _user_name, lambda _: ("", ""))


def _from_statement(statement: Any) -> Outcome:
    outcome = xapi.from_statement(statement)
    return [outcome] if isinstance(outcome, Envelope) else outcome


def _actor_name(statement: Any) -> tuple[str, str]:
    actor = mapping(statement.get("actor"))
    return xapi.student_of(actor), text(actor.get("name"))


def _user_name(line: Any) -> tuple[str, str]:
    context = mapping(line.get("context"))
    return text(context.get("user_id")), text(line.get("username")) or text(context.get("username"))


def _object_title(statement: Any) -> tuple[str, str]:
    """The id of a statement's object and what it is called, in English or the first language given."""
    thing = mapping(statement.get("object"))
    named = mapping(mapping(thing.get("definition")).get("name"))
    title = named.get("en-US") or named.get("en") or next(iter(named.values()), "")
    return text(thing.get("id")), text(title)
