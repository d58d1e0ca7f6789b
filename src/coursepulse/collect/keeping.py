"""What may be kept of a refused event. It is about a person too, and consent covers it no more than a valid one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

import msgspec

from coursepulse.collect.dead_letters import MOST_BYTES, DeadLetter
from coursepulse.collect.keys import PIPELINE_SOURCE
from coursepulse.events.reasons import NOT_KEPT, REASON_ALONE, Rejected
from coursepulse.events.taxonomy import event_type
from coursepulse.kit.ids import NIL, is_uuid
from coursepulse.kit.settings import Settings
from coursepulse.privacy.consent import Consents, Purpose
from coursepulse.privacy.pseudonyms import Pseudonyms

#: Wherever a text that may be no JSON says who it is about and what it is: each is stepped over once.
_STUDENT = re.compile(rb'"student_id"\s*+:\s*+("[^"\\]*+(?:\\.[^"\\]*+)*+"?|[^\s",}\]]++)?', re.DOTALL)
_TYPE = re.compile(rb'"event_type"\s*+:\s*+("[^"\\]*+")?')
#: Dead letters and the low line in the spelling that hides them: names of fields are made of nothing else.
_HIDDEN = re.compile(rb"\\u00([46][1-9a-f]|[57][0-9a]|5f)", re.IGNORECASE)
_OPTED_OUT = re.compile(rb'"opted_out"\s*+:\s*+(?!false)')


class Keeping:
    """Decides by consent, as the collector does for valid events."""

    def __init__(self, pseudonyms: Pseudonyms, consents: Consents, settings: Settings) -> None:
        self._name, self._consents = pseudonyms.of, consents
        self._honours = settings.honour_gpc == "on"

    def agrees(self, student: bytes) -> bool:
        """Whether a student, by pseudonym, agreed to analytics."""
        return self._consents.allows(student, Purpose.ANALYTICS)

    def sift(self, rejected: Iterable[Rejected]) -> list[Rejected]:
        """What may be kept of each refused event, without those of which nothing may.

        All of an event that rests on contract, or whose student agreed. Nothing of one whose student did not. Where
        nobody can tell who it is about: that it came, and what was wrong.
        """
        return [kept for one in rejected if (kept := self._sift(one)) is not None]

    def sift_records(self, rejected: Iterable[Rejected]) -> list[Rejected]:
        """The same for records of other systems, which have a place instead of an id: it is kept."""
        pairs = ((one, self._sift(one)) for one in rejected)
        return [
            msgspec.structs.replace(kept, event_id=one.event_id) for one, kept in pairs if kept is not None
        ]

    def may_keep(self, body: bytes) -> bool:
        """Whether somebody's mended event may wait to be replayed."""
        students = _students_of(body)
        return not students or self._may_keep(body, students)

    def may_still_keep(self, letter: DeadLetter) -> bool:
        """Whether a dead letter that was kept may be kept today."""
        students = _students_of(letter.body)
        return not students or self._may_keep(letter.body, students, self._namer_of(letter))

    def students_of(self, dead_letters: Iterable[DeadLetter]) -> set[bytes]:
        """The pseudonyms of the students that dead letters are about, as far as their texts say."""
        named: set[bytes] = set()
        for dead_letter in dead_letters:
            named.update(map(self._namer_of(dead_letter), _students_of(dead_letter.body)))
        return named - {NIL}

    def _sift(self, one: Rejected) -> Rejected | None:
        if one.reason in NOT_KEPT:
            return None
        students = _students_of(one.body)
        if not students:
            # The sentence as well: it may quote the event, and of a record of another system it is its sender's.
            return msgspec.structs.replace(
                one, event_id=None, path="$", sentence=REASON_ALONE[one.reason], body=b""
            )
        return one if self._may_keep(one.body, students) else None

    def _namer_of(self, letter: DeadLetter) -> Callable[[str], bytes]:
        return _read_pseudonym if letter.source == PIPELINE_SOURCE else self._name

    def _may_keep(self, body: bytes, students: list[str], name: Callable[[str], bytes] | None = None) -> bool:
        if _is_essential(body):
            return True
        if self._honours and any(_OPTED_OUT.search(text) for text in _spellings(body)):
            return False
        name = name or self._name
        return all(self.agrees(name(student)) for student in students)


def _read_pseudonym(text: str) -> bytes:
    """What the pipeline wrote names its student as everything else here does."""
    return UUID(text).bytes if is_uuid(text) else NIL


def _spellings(body: bytes) -> list[bytes]:
    """What is kept of a text, and what it says when escapes are read."""
    kept = body[:MOST_BYTES]
    plain = _HIDDEN.sub(lambda found: bytes.fromhex(found[1].decode()), kept) if b"\\u00" in kept else kept
    return [kept] if plain == kept else [kept, plain]


def _students_of(body: bytes) -> list[str]:
    """Every student that a text names; none if one of the names cannot be read."""
    values = [found[1] for text in _spellings(body) for found in _STUDENT.finditer(text)]
    names = list(_read_names(values))
    return names if len(names) == len(values) else []


def _read_names(values: Iterable[bytes | None]) -> Iterator[str]:
    for value in values:
        try:
            name = msgspec.json.decode(value or b"")
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if isinstance(name, str | int) and str(name):
            yield str(name)


def _is_essential(body: bytes) -> bool:
    """Whether every type that a text names rests on contract."""
    types = [found[1] for text in _spellings(body) for found in _TYPE.finditer(text)]
    known = [event_type(name[1:-1].decode("utf-8", "replace")) for name in types if name]
    return bool(types) and len(known) == len(types) and all(kind and kind.essential for kind in known)
