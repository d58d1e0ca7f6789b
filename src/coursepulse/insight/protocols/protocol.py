"""What every evaluation on files takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

#: Days from the start of a course on which risk is evaluated.
DAYS = (14, 28, 42, 56, 84, 112)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked for; what is left out, the protocol chooses itself.

    :param train: what to train on, in the words of the data, such as presentations
    :param test: what to test on
    """

    train: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    days: tuple[int, ...] = DAYS


class Evaluation(msgspec.Struct, frozen=True):
    """The outcome: a table for people, and whatever else programs may want.

    :param about: how it was evaluated
    :param rows: the table, each row with the same columns
    :param details: more tables and values, by name
    """

    protocol: str
    about: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]
    details: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class EvaluationProtocol:
    """A way to evaluate on files.

    :param about: in one line, with the files it reads
    :param takes_file: a single file is enough
    """

    about: str
    run: Callable[[Path, Wishes], Evaluation] = field(repr=False)
    takes_file: bool = False
