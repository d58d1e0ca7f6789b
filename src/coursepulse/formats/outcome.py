"""What becomes of a foreign record that does not become an event."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from coursepulse.events.reasons import RejectionReason


class Skip(StrEnum):
    """Why a sound record leaves no event. The value is stable: receipts count by it.

    A ``twin`` is told better by another record of the same system. What is ``removed`` was taken out of the other
    system, and leaves nothing to be said. ``impersonated`` is what staff did while they were logged in as the learner.
    """

    ANONYMOUS = "anonymous"
    NO_ACTIVITY = "no_activity"
    NOT_MAPPED = "not_mapped"
    TWIN = "twin"
    REMOVED = "removed"
    IMPERSONATED = "impersonated"


class Skipped(NamedTuple):
    """Nothing is wrong with the record, and it says nothing that we keep.

    :param kind: what the other system calls records like it, for the receipt; empty when nothing is to be told
    """

    reason: Skip
    kind: str = ""


class Refused(NamedTuple):
    """The record is broken: it belongs to the dead letters, so that someone can look at it.

    :param path: JSON path of the fault within the record
    :param sentence: what is wrong, for the person who has to mend it
    """

    reason: RejectionReason
    path: str
    sentence: str


def missing(path: str) -> Refused:
    """A field without which there is no event."""
    return Refused(RejectionReason.MISSING_FIELD, path, f"`{path.rpartition('.')[2]}` is required.")


def invalid(path: str, sentence: str) -> Refused:
    """A field that says something impossible."""
    return Refused(RejectionReason.INVALID_VALUE, path, sentence)
