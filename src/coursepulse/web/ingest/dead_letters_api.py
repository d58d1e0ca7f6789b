"""Dead letters over HTTP: list, fix, replay."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
from litestar import MediaType, Response, get, post, put
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta

from coursepulse.collect.collector import Collector
from coursepulse.collect.dead_letters import MOST_AT_ONCE, MOST_BYTES, DeadLetter, DeadLetterQueue
from coursepulse.collect.keys import INGEST, PIPELINE_SOURCE
from coursepulse.collect.replay import Replayed, replay
from coursepulse.events.event import Id
from coursepulse.events.reasons import SAYABLE, Rejected, RejectionReason
from coursepulse.kit.clock import from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.web import reach
from coursepulse.web.audit.writing import note_each
from coursepulse.web.http.auth import key_viewer, needs, require, sender_of
from coursepulse.web.http.reading import Number, refuse_more, takes_object
from coursepulse.web.http.request import AnyRequest

if TYPE_CHECKING:
    from coursepulse.web.ingest.ports import IngestServices


class DeadLetterRow(msgspec.Struct, frozen=True):
    """A refused event that waits to be fixed or replayed.

    :param source: name of the key that sent it
    :param body: the event as sent; bytes that are not UTF-8 show as U+FFFD
    """

    id: int
    received_at: datetime
    source: str
    reason: RejectionReason
    event_id: str | None
    path: str
    sentence: str
    body: str


class DeadLetterRows(msgspec.Struct, frozen=True):
    """Dead letters, newest first.

    :param waiting: how many of this key there are in all, by reason
    :param overflowed: how many went for good because there were more than 20,000 of one key
    """

    letters: list[DeadLetterRow]
    waiting: dict[str, int]
    overflowed: int


class SentRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record that could not become an event, judged by the program that read it.

    :param place: where it stands, such as ``line 12 of tracking.log``; shown where an event has its id
    :param path: JSON path of the fault within the record
    :param body: the record as read
    """

    place: Id
    reason: RejectionReason
    path: Annotated[str, Meta(max_length=256)]
    sentence: Annotated[str, Meta(max_length=1000)]
    body: str


class ReplayChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which dead letters to replay: those with these ids, else the newest 1,000 of one reason or of all."""

    ids: list[int] | None = None
    reason: RejectionReason | None = None


Only = Annotated[RejectionReason | None, QueryParameter(description="Dead letters of this reason, or all.")]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST_AT_ONCE, description="Dead letters at the most.")]


# Handlers that share an address are async: Litestar registers them twice, and would wrap a sync one twice.


@get("/v1/dead-letters", guards=[needs(INGEST)], tags=["dead letters"])
async def list_dead_letters(request: AnyRequest, reason: Only = None, limit: Limit = 100) -> DeadLetterRows:
    """Refused events of this key that wait, newest first. Events without consent are never among them."""
    services = reach.ingest(request)
    source = sender_of(require(request, INGEST))
    store = services.collector.dead_letters
    dead_letters = await asyncio.to_thread(store.newest, reason, limit, source)
    await _note(request, "dead-letters:letters:read", dead_letters, f"letters={len(dead_letters)}")
    return await asyncio.to_thread(_list, store, dead_letters, source)


@post("/v1/dead-letters", guards=[needs(INGEST)], tags=["dead letters"], status_code=204)
async def put_dead_letters(
    request: AnyRequest, data: JSONBody[Annotated[list[SentRecord], Meta(max_length=MOST_AT_ONCE)]]
) -> None:
    """Keep records that could not become events, so that they can be fixed. A record sent twice is kept once."""
    services = reach.ingest(request)
    source, collector = require(request, INGEST).name, services.collector
    refuse_more(data, MOST_AT_ONCE)
    rejected = [_read_broken(index, broken) for index, broken in enumerate(data)]
    await asyncio.to_thread(
        collector.dead_letters.put, collector.keeping.sift_records(rejected), services.clock(), source
    )


@put(
    "/v1/dead-letters/{letter:int}",
    guards=[needs(INGEST)],
    tags=["dead letters"],
    operation_class=takes_object(),
    status_code=204,
    responses={},
)
async def fix_dead_letter(request: AnyRequest, letter: Number) -> None:
    """Replace a refused event with the corrected one in the body of this request. Replay it afterwards."""
    services = reach.ingest(request)
    source = sender_of(require(request, INGEST))
    body = await request.body()
    if len(body) > MOST_BYTES:
        raise RequestError("body_too_large", f"An event may have at most {MOST_BYTES >> 10} KiB here.", 413)
    _require_object(body)
    fixed = await asyncio.to_thread(services.collector.dead_letters.pick, [letter], source)
    await _note(request, "dead-letters:letters:changed", fixed, f"letter={letter}")
    if not await asyncio.to_thread(_fix, services.collector, letter, body, source):
        raise RequestError(
            "unknown_letter", f"No dead letter {letter} waits; list them to see which do.", 404
        )


@post("/v1/dead-letters/replay", guards=[needs(INGEST)], tags=["dead letters"], status_code=200)
async def replay_dead_letters(request: AnyRequest, data: JSONBody[ReplayChoice]) -> Response[bytes]:
    """Send dead letters of this key through the collector again, with its rights."""
    services = reach.ingest(request)
    key = require(request, INGEST)
    dead_letters = await asyncio.to_thread(_choose, services, data, sender_of(key))
    await _note(request, "dead-letters:letters:replayed", dead_letters, f"letters={len(dead_letters)}")
    replayed: Replayed = await replay(services.collector, dead_letters, key, services.clock)
    return Response(msgspec.json.encode(replayed), media_type=MediaType.JSON)


def _fix(collector: Collector, dead_letter: int, body: bytes, source: str | None) -> bool:
    for found in collector.dead_letters.pick([dead_letter], source):
        # What the pipeline refused names nobody as a platform does; it is judged when it is replayed.
        if found.source != PIPELINE_SOURCE and not collector.keeping.may_keep(body):
            sentence = (
                "The student in the corrected event has not agreed to analytics; send the consent first."
            )
            raise RequestError("no_consent", sentence, 403)
    return collector.dead_letters.fix(dead_letter, body, source)


def _read_broken(index: int, broken: SentRecord) -> Rejected:
    if broken.reason not in SAYABLE:
        known = ", ".join(sorted(SAYABLE))
        sentence = f"Senders cannot give the reason `{broken.reason}`; use one of {known}."
        raise RequestError("invalid_request", sentence, path=f"$[{index}].reason")
    return Rejected(index, broken.place, broken.reason, broken.path, broken.sentence, broken.body.encode())


def _require_object(body: bytes) -> None:
    try:
        fixed = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestError("not_json", f"The corrected event is not JSON: {error}.") from None
    if not isinstance(fixed, dict):
        raise RequestError("not_an_event", "An event is a JSON object; send `{…}`.")


def _list(store: DeadLetterQueue, dead_letters: list[DeadLetter], source: str | None) -> DeadLetterRows:
    return DeadLetterRows(list(map(_show, dead_letters)), store.waiting(source), store.overflowed(source))


async def _note(request: AnyRequest, tag: str, dead_letters: Iterable[DeadLetter], detail: str) -> None:
    """Write an entry about each student in the dead letters."""
    services = reach.ingest(request)
    viewer = key_viewer(request, INGEST)

    def write() -> None:
        students = services.collector.keeping.students_of(dead_letters)
        note_each(services, viewer, tag, set(map(to_text, students)), detail)

    await asyncio.to_thread(write)


def _choose(services: IngestServices, choice: ReplayChoice, source: str | None) -> list[DeadLetter]:
    store = services.collector.dead_letters
    if choice.ids is not None:
        if choice.reason is not None:
            raise RequestError("invalid_request", "Send `ids` or `reason`, not both.")
        return store.pick(choice.ids[:MOST_AT_ONCE], source)
    return list(reversed(store.newest(choice.reason, MOST_AT_ONCE, source)))


def _show(dead_letter: DeadLetter) -> DeadLetterRow:
    return DeadLetterRow(
        id=dead_letter.id,
        received_at=from_micros(dead_letter.received_at),
        source=dead_letter.source,
        reason=dead_letter.reason,
        event_id=dead_letter.event_id,
        path=dead_letter.path,
        sentence=dead_letter.sentence,
        body=dead_letter.body.decode("utf-8", "replace"),
    )


routes = [list_dead_letters, put_dead_letters, fix_dead_letter, replay_dead_letters]
