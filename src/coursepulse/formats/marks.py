"""Numbers that imports gave to attempts, so that the next import continues with the next number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

#: The numbers of attempts, by learner and assessment.
Numbers: TypeAlias = dict[str, dict[str, dict[str, int]]]

_NONE: Mapping[str, int] = {}


def _as_it_is(text: str) -> str:
    return text


class Marks:
    """Grouped by learner, so that erasing one removes everything about their attempts.

    :param numbers: numbers of earlier imports
    :param name_of: the key under which a learner's attempts are stored
    :param hide: a keyed hash for all other ids
    """

    def __init__(
        self,
        numbers: Numbers | None = None,
        name_of: Callable[[str], str] = _as_it_is,
        hide: Callable[[str], str] = _as_it_is,
    ) -> None:
        self.numbers: Numbers = numbers if numbers is not None else {}
        #: The learners of earlier imports.
        self.before = frozenset(self.numbers)
        self.hide = hide
        self._name_of = name_of

    def of(self, learner: str, assessment: str) -> dict[str, int]:
        """The numbers of a learner's attempts at an assessment, for writing, by hidden ids."""
        return self.numbers.setdefault(self._name_of(learner), {}).setdefault(self.hide(assessment), {})

    def find(self, learner: str, assessment: str) -> Mapping[str, int]:
        """The same for reading; empty if nothing was stored."""
        return self.numbers.get(self._name_of(learner), {}).get(self.hide(assessment), _NONE)
