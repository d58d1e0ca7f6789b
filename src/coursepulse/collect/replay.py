"""Sending dead letters through the collector again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from coursepulse.collect.canon import Flaw, inspect, restore
from coursepulse.collect.collector import Collector
from coursepulse.collect.dead_letters import DeadLetter
from coursepulse.collect.keys import BACKFILL, PIPELINE_SOURCE, Key
from coursepulse.collect.poison import event_of_dead_letter
from coursepulse.collect.receipt import Receipt, Verdict
from coursepulse.collect.steps import AHEAD
from coursepulse.events.event import Event
from coursepulse.events.reasons import Rejected, RejectionReason
from coursepulse.events.taxonomy import event_type
from coursepulse.kit.clock import DAY, Clock, Micros
from coursepulse.kit.errors import RequestError

#: Dead letters on their way at the same time, so that they share transactions of the log.
_TOGETHER = 200


class Refusal(msgspec.Struct, frozen=True):
    """A dead letter that was refused again; it waits on, with the new reason, unless it must not be kept."""

    id: int
    reason: RejectionReason
    path: str
    sentence: str


class Replayed(msgspec.Struct, frozen=True):
    """What came of replaying dead letters."""

    accepted: int
    rejected: list[Refusal]


async def replay(
    collector: Collector, dead_letters: Sequence[DeadLetter], key: Key, clock: Clock
) -> Replayed:
    """Send dead letters through the collector again, with the rights of ``key``.

    :raises LogFull: when the log cannot write; dead letters that were accepted before are done with
    """
    accepted, rejected = 0, []
    for start in range(0, len(dead_letters), _TOGETHER):
        some = dead_letters[start : start + _TOGETHER]
        verdicts = await asyncio.gather(
            *(_judge_again(collector, dead_letter, key, clock) for dead_letter in some)
        )
        done = [
            dead_letter.id for dead_letter, verdict in zip(some, verdicts, strict=True) if verdict is None
        ]
        refused = {
            dead_letter.id: verdict for dead_letter, verdict in zip(some, verdicts, strict=True) if verdict
        }
        await asyncio.to_thread(_settle, collector, done, refused, clock)
        accepted += len(done)
        rejected += [Refusal(id_, v.reason, v.path, v.sentence) for id_, v in refused.items()]
    return Replayed(accepted, rejected)


async def _judge_again(
    collector: Collector, dead_letter: DeadLetter, key: Key, clock: Clock
) -> Verdict | None:
    """Why the dead letter was refused again, or None when it was accepted."""
    # Decided by the source, which no key can choose, and never by the reason, which a dead letter keeps when it is
    # corrected.
    if dead_letter.source == PIPELINE_SOURCE:
        return await _append_again(collector, dead_letter, key, clock())
    try:
        receipt = await collector.receive(dead_letter.body, key=key, keep=False)
    except RequestError as error:
        return Verdict(0, dead_letter.event_id, RejectionReason.MALFORMED, "$", str(error))
    return _first_fault(receipt)


def _first_fault(receipt: Receipt) -> Verdict | None:
    if receipt.rejected:
        return receipt.rejected[0]
    if receipt.accepted != 1:
        return Verdict(
            0,
            None,
            RejectionReason.MALFORMED,
            "$",
            "A dead letter holds one event; this one holds another number.",
        )
    return None


async def _append_again(
    collector: Collector, dead_letter: DeadLetter, key: Key, now: Micros
) -> Verdict | None:
    """A canonical event goes back into the log if it would be let in today; somebody may have mended it since."""
    try:
        event = restore(event_of_dead_letter(dead_letter.body))
        _judge(collector, event, key, now)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        sentence = "The fields are not those of an event that the pipeline refused; list the dead letter to see them."
        return Verdict(0, dead_letter.event_id, RejectionReason.UNSTORABLE, "$", sentence)
    except Flaw as flaw:
        return Verdict(0, dead_letter.event_id, flaw.reason, "$", str(flaw))
    await collector.append([event])
    return None


def _judge(collector: Collector, event: Event, key: Key, now: Micros) -> None:
    """Clock, identifiers and consent, as for an event that comes by the collector.

    :raises Flaw: when it is not to be let in
    """
    inspect(event, now + AHEAD)
    if BACKFILL not in key.scopes and event.at < now - collector.settings.raw_retention_days * DAY:
        raise Flaw(
            RejectionReason.TIMESTAMP_TOO_OLD, "The event is too old for a key without the scope `backfill`."
        )
    kind = event_type(event.event_type)
    if not (kind and kind.essential) and not collector.keeping.agrees(event.student_id):
        raise Flaw(RejectionReason.NO_CONSENT, "The student has not agreed to analytics.")


def _settle(collector: Collector, done: list[int], refused: dict[int, Verdict], clock: Clock) -> None:
    dead_letters = collector.dead_letters
    dead_letters.resolve(done, clock())
    dead_letters.drop(
        [id_ for id_, verdict in refused.items() if verdict.reason is RejectionReason.NO_CONSENT]
    )
    for id_, verdict in refused.items():
        if verdict.reason not in (RejectionReason.NO_CONSENT, RejectionReason.OVERLOADED):
            dead_letters.judge(
                id_, Rejected(0, verdict.event_id, verdict.reason, verdict.path, verdict.sentence, b"")
            )
