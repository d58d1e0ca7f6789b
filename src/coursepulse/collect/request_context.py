"""One request on its way through the steps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import msgspec

from coursepulse.collect.keys import Key
from coursepulse.collect.receipt import Receipt, Verdict
from coursepulse.events.decode import DecodedEvent
from coursepulse.events.event import Event
from coursepulse.events.reasons import NOT_KEPT, Rejected, RejectionReason
from coursepulse.kit.clock import Micros
from coursepulse.kit.ids import NIL

#: Names of dropped fields in a receipt: enough to find the mistake, whatever a hostile sender makes up.
_NAMED_FIELDS = 100

_NO_EVENT = Event(NIL, "", 0, NIL, NIL)


class Candidate(msgspec.Struct, gc=False):
    """An event that no step has refused so far; each step adds what it found out.

    :param student: the pseudonym (after ``pseudonymise``)
    :param event: what will be kept (after ``strip_identifiers``)
    """

    sent: DecodedEvent
    student: bytes = NIL
    event: Event = _NO_EVENT


@dataclass(slots=True)
class RequestContext:
    """A body, who brought it, and the verdicts so far.

    :param opted_out: the browser that sends it asks not to be tracked
    :param late: events that happened long before they came
    :param ahead: how long after its newest event the request came; None for a sender of past events
    :param address: where the request came from, in full; no step passes it on like that
    """

    body: bytes
    ndjson: bool
    key: Key
    address: str
    received_at: Micros
    opted_out: bool = False
    candidates: list[Candidate] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    late: int = 0
    ahead: Micros | None = None

    def refuse(self, candidate: Candidate, reason: RejectionReason, path: str, sentence: str) -> None:
        """Give the verdict on one event. The caller takes it out of the candidates."""
        envelope = candidate.sent.envelope
        body = b"" if reason in NOT_KEPT else msgspec.json.encode(envelope)
        self.rejected.append(Rejected(candidate.sent.index, envelope.event_id, reason, path, sentence, body))

    def receipt(self) -> Receipt:
        """The answer, once every step is done."""
        verdicts = [
            Verdict(each.index, each.event_id, each.reason, each.path, each.sentence)
            for each in sorted(self.rejected, key=lambda each: each.index)
        ]
        dropped = dict(self.dropped.most_common(_NAMED_FIELDS)) if self.dropped else {}
        return Receipt(len(self.candidates), verdicts, dropped)
