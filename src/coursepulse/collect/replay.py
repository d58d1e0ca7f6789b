"""Sending dead letters through the door again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from coursepulse.collect.dead_letters import DeadLetter
from coursepulse.collect.door import Door
from coursepulse.collect.keys import Key
from coursepulse.collect.poison import exhume
from coursepulse.collect.receipt import Receipt, Verdict
from coursepulse.events.reasons import Reason, Rejected
from coursepulse.kit.clock import Clock
from coursepulse.kit.errors import RequestError

#: Letters on their way at the same time, so that they share transactions of the log.
_TOGETHER = 200


class Refusal(msgspec.Struct, frozen=True):
    """A letter that was refused again; it waits on, with the new reason, unless it must not be kept."""

    id: int
    reason: Reason
    path: str
    sentence: str


class Replayed(msgspec.Struct, frozen=True):
    """What came of replaying dead letters."""

    accepted: int
    rejected: list[Refusal]


async def replay(door: Door, letters: Sequence[DeadLetter], key: Key, clock: Clock) -> Replayed:
    """Send letters through the door again, with the rights of ``key``.

    :raises LogFull: when the log cannot write; letters that were accepted before are done with
    """
    accepted, rejected = 0, []
    for start in range(0, len(letters), _TOGETHER):
        some = letters[start : start + _TOGETHER]
        verdicts = await asyncio.gather(*(_judge_again(door, letter, key) for letter in some))
        done = [letter.id for letter, verdict in zip(some, verdicts, strict=True) if verdict is None]
        refused = {letter.id: verdict for letter, verdict in zip(some, verdicts, strict=True) if verdict}
        await asyncio.to_thread(_settle, door, done, refused, clock)
        accepted += len(done)
        rejected += [Refusal(id_, v.reason, v.path, v.sentence) for id_, v in refused.items()]
    return Replayed(accepted, rejected)


async def _judge_again(door: Door, letter: DeadLetter, key: Key) -> Verdict | None:
    """Why the letter was refused again, or None when it was accepted."""
    if letter.reason is Reason.UNSTORABLE:
        return await _append_again(door, letter)
    try:
        receipt = await door.receive(letter.body, key=key, keep=False)
    except RequestError as error:
        return Verdict(0, letter.event_id, Reason.MALFORMED, "$", str(error))
    return _first_fault(receipt)


def _first_fault(receipt: Receipt) -> Verdict | None:
    if receipt.rejected:
        return receipt.rejected[0]
    if receipt.accepted != 1:
        return Verdict(
            0, None, Reason.MALFORMED, "$", "A letter holds one event; this one holds another number."
        )
    return None


async def _append_again(door: Door, letter: DeadLetter) -> Verdict | None:
    """A canonical event goes straight back into the log: the door accepted it before."""
    try:
        event = exhume(letter.body)
    except msgspec.MsgspecError as error:
        return Verdict(0, letter.event_id, Reason.UNSTORABLE, "$", f"{error}.")
    await door.append([event])
    return None


def _settle(door: Door, done: list[int], refused: dict[int, Verdict], clock: Clock) -> None:
    letters = door.dead_letters
    letters.resolve(done, clock())
    letters.drop([id_ for id_, verdict in refused.items() if verdict.reason is Reason.NO_CONSENT])
    for id_, verdict in refused.items():
        if verdict.reason not in (Reason.NO_CONSENT, Reason.OVERLOADED):
            letters.judge(
                id_, Rejected(0, verdict.event_id, verdict.reason, verdict.path, verdict.sentence, b"")
            )
