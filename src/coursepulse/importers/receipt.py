"""The receipt of an import, for people and programs."""

from __future__ import annotations

from collections import Counter

import msgspec

from coursepulse.formats.outcome import Skipped

#: The most refused records that a receipt names; all are counted and become dead letters.
NAMED = 20

#: The most kinds of skipped records that a receipt names per reason; the rest are combined.
KINDS = 100
REST = "other kinds"


class RefusedRecord(msgspec.Struct, frozen=True):
    """A refused record and its place in its file."""

    place: str
    reason: str
    path: str
    sentence: str


class ImportReceipt(msgspec.Struct, kw_only=True):
    """The receipt of one import. A record gives no event, one, or several.

    :param read: records of the files
    :param resumed: events that an earlier, interrupted run had already sent
    :param accepted: events that the server accepted and made durable, including duplicates
    :param duplicates: events that were stored before; None when the server could not be asked
    :param withdrawn: events of earlier imports that these files withdraw
    :param rejected: refused records and events, by reason
    :param skipped: valid records that hold nothing we keep, by reason
    :param skipped_kinds: for each reason, the other system's names of such records, with counts
    :param refusals: the first refused records by name
    """

    format: str
    read: int = 0
    events: int = 0
    resumed: int = 0
    accepted: int = 0
    duplicates: int | None = None
    withdrawn: int = 0
    rejected: Counter[str] = msgspec.field(default_factory=Counter)
    skipped: Counter[str] = msgspec.field(default_factory=Counter)
    skipped_kinds: dict[str, Counter[str]] = msgspec.field(default_factory=dict)
    students: int = 0
    courses: int = 0
    consents: int = 0
    seconds: float = 0.0
    refusals: list[RefusedRecord] = msgspec.field(default_factory=list)

    def skip(self, skipped: Skipped) -> None:
        """Counts a skipped record by its reason and kind."""
        self.skipped[skipped.reason] += 1
        if skipped.kind:
            kinds = self.skipped_kinds.setdefault(skipped.reason, Counter())
            kinds[skipped.kind if skipped.kind in kinds or len(kinds) < KINDS else REST] += 1

    def refuse(self, refusal: RefusedRecord) -> None:
        """Counts a refused record or event, and names it if it is among the first."""
        self.rejected[refusal.reason] += 1
        if len(self.refusals) < NAMED:
            self.refusals.append(refusal)
