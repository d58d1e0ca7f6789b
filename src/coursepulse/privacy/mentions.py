"""Whether a text that could not be read as an event is about a student."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from coursepulse.kit.ids import to_text
from coursepulse.privacy.erasable import DataSubject


class Mentions:
    """Finds a student in refused events and in files of other people: as a JSON value, or as quoted text."""

    def __init__(self, who: DataSubject) -> None:
        names = {to_text(who.student), who.student.hex(), who.external_id, who.email} - {""}
        self._names = frozenset(names)
        self._quoted = [f'"{name}"'.encode() for name in sorted(names)] + [who.student]

    def __call__(self, body: bytes) -> bool:
        """Whether ``body`` names the student. A number that merely contains the id does not count."""
        if any(quoted in body for quoted in self._quoted):
            return True
        try:
            value = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        return any(str(leaf) in self._names for leaf in _leaves(value))


def _leaves(value: object) -> Iterator[object]:
    """Every key and every scalar in a JSON value."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            pending += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            pending += one
        else:
            yield one
