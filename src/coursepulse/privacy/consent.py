"""What students agreed to. Unknown means no."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple, Protocol


class Purpose(StrEnum):
    """What personal data may be used for; consent to each is separate (GDPR art. 6(1)(a), recital 43).

    What a course cannot work without (enrolment, completion, submission, grades) rests on contract instead
    and is not listed here.
    """

    ANALYTICS = "analytics", 1
    PERSONALISATION = "personalisation", 2
    RESEARCH = "research", 4
    EMPLOYER_SHARING = "employer_sharing", 8
    LEADERBOARDS = "leaderboards", 16
    CLASS_COMPARISON = "class_comparison", 32

    bit: int

    def __new__(cls, text: str, bit: int) -> Purpose:
        purpose = str.__new__(cls, text)
        purpose._value_ = text
        purpose.bit = bit
        return purpose


class ConsentDecision(NamedTuple):
    """A student (by pseudonym) agreed to a purpose or withdrew consent."""

    student: bytes
    purpose: Purpose
    granted: bool


class Consents(Protocol):
    """Knows what students agreed to."""

    def allows(self, student: bytes, purpose: Purpose) -> bool:
        """Whether the student (by pseudonym) agreed to ``purpose`` and has not withdrawn consent."""


class ConsentRegister:
    """The current consents of every student, as one small number each: 2 million students fit in 250 MB.

    :param masks: pseudonym -> sum of :attr:`Purpose.bit`
    """

    def __init__(self, masks: Iterable[tuple[bytes, int]] = ()) -> None:
        self._masks = dict(masks)

    def allows(self, student: bytes, purpose: Purpose) -> bool:
        return bool(self._masks.get(student, 0) & purpose.bit)

    def apply(self, decisions: Iterable[ConsentDecision]) -> None:
        """Apply decisions, oldest first: the last one about a student and purpose counts."""
        for student, purpose, granted in decisions:
            mask = self._masks.get(student, 0)
            mask = mask | purpose.bit if granted else mask & ~purpose.bit
            # No consent is the same as unknown, and leaves no trace of an erased student.
            if mask:
                self._masks[student] = mask
            else:
                self._masks.pop(student, None)

    def replace(self, masks: Iterable[tuple[bytes, int]]) -> None:
        """Replace everything with these consents."""
        self._masks = dict(masks)

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        return iter(list(self._masks.items()))

    def __len__(self) -> int:
        return len(self._masks)
