"""Texts with which people write to students, and how they are filled in for one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

#: Characters of a name, a subject and a text.
LONGEST_NAME, LONGEST_SUBJECT, LONGEST_TEXT = 80, 200, 5000

_PLACE = re.compile(r"\{([a-z_]+)\}")


class Placeholder(StrEnum):
    """What stands in braces in a text until it is filled in for somebody."""

    FIRST_NAME = "first_name"
    NAME = "name"
    COURSE = "course"
    NEXT_WORK = "next_work"
    NEXT_DUE = "next_due"


#: Those for which the work of a course must be looked up.
OF_WORK = frozenset({Placeholder.NEXT_WORK, Placeholder.NEXT_DUE})


class MessageText(NamedTuple):
    """What a message says in one language."""

    subject: str
    text: str

    @property
    def places(self) -> frozenset[str]:
        """The placeholders in it, known or not."""
        return frozenset(_PLACE.findall(f"{self.subject}\n{self.text}"))

    def fill(self, values: Mapping[str, str]) -> MessageText:
        """The message to one student. A line of the text that names something unknown is left out."""
        lines = [line for line in self.text.split("\n") if _is_known(line, values)]
        subject = " ".join(_fill(self.subject, values).split())
        return MessageText(subject, _fill("\n".join(lines), values))


class MessageTemplate(NamedTuple):
    """A text that is kept under a name.

    :param owner: the account whose it is; empty for one of the organisation, which administrators keep
    :param texts: by language
    """

    template_id: UUID
    owner: str
    name: str
    texts: Mapping[str, MessageText]


def unknown_places(texts: Iterable[MessageText]) -> list[str]:
    """The placeholders that nothing is known about."""
    return sorted({place for text in texts for place in text.places} - set(Placeholder))


def first_name(name: str) -> str:
    """The first of the names; what stands before a comma is the family's."""
    family, comma, given = name.partition(",")
    return next(iter((given if comma else family).split()), "")


def _is_known(line: str, values: Mapping[str, str]) -> bool:
    return all(values.get(place) for place in _PLACE.findall(line))


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda found: values.get(found[1], ""), text)
