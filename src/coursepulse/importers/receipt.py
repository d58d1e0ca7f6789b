"""What an import did, for a person and for a program."""

from __future__ import annotations

from collections import Counter

import msgspec

from coursepulse.formats.outcome import Skipped

#: Refused records that a receipt names one by one; all of them are counted, and are dead letters.
NAMED = 20

#: Kinds of skipped records that a receipt names for each reason; the rest stand together.
KINDS = 100
REST = "other kinds"


class RefusedRecord(msgspec.Struct, frozen=True):
    """A record that was refused, and where it stands in its file."""

    place: str
    reason: str
    path: str
    sentence: str


class ImportReceipt(msgspec.Struct, kw_only=True):
    """What came of one import. ``read`` = records; a record gives no event, one, or several.

    :param read: records of the files
    :param resumed: events that an earlier, interrupted run had sent already
    :param accepted: events that the server took and made durable, duplicates among them
    :param duplicates: events that were stored before; None when the server could not be asked
    :param withdrawn: events of earlier imports that these files take back
    :param rejected: refused records and events, by reason
    :param skipped: sound records that say nothing we keep, by reason
    :param skipped_kinds: for each reason, what the other system calls such records, and how many there were
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
        """Counts a record that says nothing we keep, by its reason and its kind."""
        self.skipped[skipped.reason] += 1
        if skipped.kind:
            kinds = self.skipped_kinds.setdefault(skipped.reason, Counter())
            kinds[skipped.kind if skipped.kind in kinds or len(kinds) < KINDS else REST] += 1

    def refuse(self, refusal: RefusedRecord) -> None:
        """Counts a refused record or event, and names it if it is among the first."""
        self.rejected[refusal.reason] += 1
        if len(self.refusals) < NAMED:
            self.refusals.append(refusal)
