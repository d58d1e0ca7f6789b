"""Finding the one event that a store refuses, so that its neighbours go through.

A refused batch is halved until single events are left; those that are refused alone become dead letters.
When *everything* is refused the store is more likely at fault than the events: the batch waits a while before
anybody is blamed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import structlog

from coursepulse.collect.canon import Flaw, inspect
from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros
from coursepulse.kit.errors import StoreRejected, StoreUnavailable
from coursepulse.log.port import Block
from coursepulse.log.positions import event_position
from coursepulse.stream.ports import Aggregator, EventStore, Refuse, Renewed
from coursepulse.stream.retry import Retry

_log = structlog.get_logger(__name__)


class PositionedEvent(NamedTuple):
    """An event and its position in the log."""

    position: int
    event: Event


def place(blocks: list[Block]) -> list[PositionedEvent]:
    """Every event of ``blocks`` with its own log position."""
    return [
        PositionedEvent(event_position(block.position, index), event)
        for block in blocks
        for index, event in enumerate(block.events)
    ]


class StageContext(NamedTuple):
    """What a stage works with."""

    raw: EventStore
    aggregator: Aggregator[Any]
    retry: Retry
    refuse: Refuse


def set_apart(blocks: list[Block], latest: Micros, context: StageContext) -> set[int]:
    """Refuse what no collector has let in: bytes that are no event, and events that cannot be.

    :param latest: what happened later has not happened yet
    :returns: their positions
    """
    refuse, apart = _patiently(context.refuse, context.retry), set[int]()
    for block in blocks:
        for index, event in enumerate(block.events):
            why = "The log holds something here that is no event." if index in block.broken else None
            why = why or find_flaw(event, latest)
            if why:
                position = event_position(block.position, index)
                refuse(block.broken.get(index, event), position, why)
                apart.add(position)
    return apart


def find_flaw(event: Event, latest: Micros) -> str | None:
    """Why an event cannot go on to the stores."""
    try:
        inspect(event, latest)
    except Flaw as flaw:
        return str(flaw)
    return None


def write_blocks(context: StageContext, blocks: list[Block], apart: set[int]) -> tuple[list[Event], int]:
    """Write blocks to the raw store; returns the fresh events and the number of duplicates.

    :param apart: positions of what was refused before
    """
    try:
        written = context.retry.judged(lambda: context.raw.write(blocks, apart))
    except StoreRejected as error:
        _log.warning(
            "batch_refused", store="postgres", events=sum(len(b.events) for b in blocks), error=str(error)
        )
        return _store_piecemeal(context, blocks, apart)
    return written.fresh, written.duplicates


def _store_piecemeal(context: StageContext, blocks: list[Block], apart: set[int]) -> tuple[list[Event], int]:
    raw, retry = context.raw, context.retry
    every = [one for one in place(blocks) if one.position not in apart]
    positions = apart | {one.position for one in every}
    fresh: list[Event] = []
    duplicates = 0

    def attempt(part: list[PositionedEvent]) -> None:
        nonlocal duplicates
        skip = positions.difference(one.position for one in part)
        written = retry.judged(lambda: raw.write(blocks, skip))
        fresh.extend(written.fresh)
        duplicates += written.duplicates

    retry(lambda: blame(every, attempt, _patiently(context.refuse, retry), patient=not retry.weary))
    return fresh, duplicates


def insert(context: StageContext, events: list[Event]) -> list[Any]:
    """Let the aggregator take in fresh events; returns what it made of them, to be renewed part by part."""
    if not events:
        return []
    aggregator, parts = context.aggregator, list[Any]()
    try:
        return [context.retry.judged(lambda: aggregator.insert(events))]
    except StoreRejected as error:
        _take_piecemeal(
            context,
            [PositionedEvent(0, event) for event in events],
            lambda some: parts.append(aggregator.insert(some)),
            partial(aggregator.take_back, renewing=False),
            error,
        )
        return parts


def renew(context: StageContext, events: list[Event], parts: list[Any], version: int) -> list[Renewed]:
    """Bring up to date what fresh events touch.

    :param parts: what :func:`insert` returned for them
    """
    aggregator, renewed = context.aggregator, list[Renewed]()
    try:
        renewed += [context.retry.judged(partial(aggregator.renew, part, version)) for part in parts]
    except StoreRejected as error:
        _take_piecemeal(
            context,
            [PositionedEvent(0, event) for event in events],
            lambda some: renewed.append(aggregator.refresh(some, version)),
            partial(aggregator.take_back, renewing=True),
            error,
        )
    return renewed


def _take_piecemeal(
    context: StageContext,
    placed: list[PositionedEvent],
    work: Callable[[list[Event]], None],
    undo: Callable[[list[Event]], None],
    error: StoreRejected,
) -> None:
    """Part by part, with none of the others in the aggregator: a bad event spoils whatever is computed beside it."""
    retry, refuse = context.retry, _patiently(context.refuse, context.retry)
    _log.warning("batch_refused", store="clickhouse", events=len(placed), error=str(error))

    def attempt(part: list[PositionedEvent]) -> None:
        some = [one.event for one in part]
        try:
            retry.judged(lambda: work(some))
        except StoreRejected:
            retry(lambda: undo(some))
            raise

    def give_up(event: Event | bytes, position: int, why: str) -> None:
        refuse(event, position, why)
        # A rebuild must not meet it again, and once mended it must not count as a duplicate.
        if isinstance(event, Event):
            retry(lambda: context.raw.take_back([event]))

    retry(lambda: undo([one.event for one in placed]))
    retry(lambda: blame(placed, attempt, give_up, patient=not retry.weary))


def _patiently(refuse: Refuse, retry: Retry) -> Refuse:
    """The disk of the dead letters may be full: wait for that alone, without trying the stores again."""

    def wait(event: Event | bytes, position: int, why: str) -> None:
        retry(lambda: refuse(event, position, why))

    return wait


def blame(
    placed: list[PositionedEvent],
    attempt: Callable[[list[PositionedEvent]], None],
    refuse: Refuse,
    *,
    patient: bool,
) -> None:
    """Carry out ``attempt`` on every part that goes through, and hand the rest to ``refuse``, one by one.

    :raises StoreUnavailable: when none of several events goes through, and ``patient`` is set
    """
    guilty = list(_search(placed, attempt))
    if patient and len(guilty) == len(placed) > 1:
        raise StoreUnavailable(f"The store refuses every event of a batch: {guilty[0][1]}")
    for one, why in guilty:
        refuse(one.event, one.position, why)


def _search(
    placed: list[PositionedEvent], attempt: Callable[[list[PositionedEvent]], None]
) -> Iterator[tuple[PositionedEvent, str]]:
    try:
        attempt(placed)
    except StoreRejected as error:
        if len(placed) == 1:
            yield placed[0], str(error)
            return
        middle = len(placed) // 2
        yield from _search(placed[:middle], attempt)
        yield from _search(placed[middle:], attempt)
