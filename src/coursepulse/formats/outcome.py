"""The outcome of a foreign record that does not become an event."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from coursepulse.events.reasons import RejectionReason


class Skip(StrEnum):
    """Why a valid record gives no event. The value is stable: receipts count by it.

    A ``twin`` duplicates a better record of the same system. A ``removed`` record was deleted in the other system.
    ``impersonated`` marks actions of staff while they were logged in as the learner.
    """

    ANONYMOUS = "anonymous"
    NO_ACTIVITY = "no_activity"
    NOT_MAPPED = "not_mapped"
    TWIN = "twin"
    REMOVED = "removed"
    IMPERSONATED = "impersonated"


class Skipped(NamedTuple):
    """The record is valid, but holds nothing that we keep.

    :param kind: the other system's name for such records, for the receipt; empty if there is nothing to report
    """

    reason: Skip
    kind: str = ""


class Refused(NamedTuple):
    """The record is broken and becomes a dead letter, so that someone can look at it.

    :param path: JSON path of the fault within the record
    :param sentence: what is wrong, for the person who will correct it
    """

    reason: RejectionReason
    path: str
    sentence: str


def missing(path: str) -> Refused:
    """A required field is missing."""
    return Refused(RejectionReason.MISSING_FIELD, path, f"`{path.rpartition('.')[2]}` is required.")


def invalid(path: str, sentence: str) -> Refused:
    """A field has an impossible value."""
    return Refused(RejectionReason.INVALID_VALUE, path, sentence)
