"""``POST /v1/events``: the collector, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import MediaType, Response, post
from litestar.datastructures import ResponseHeader
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from coursepulse.collect.bodies import check_length, read_body, throw_away
from coursepulse.collect.receipt import Receipt
from coursepulse.collect.worker import IngestRequest
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.http.auth import bearer
from coursepulse.web.http.errors import Problem
from coursepulse.web.http.request import AnyRequest

if TYPE_CHECKING:
    pass

_NDJSON = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})

_EVENT: dict[str, Any] = {
    "event_id": "0b9d2c1e-6f53-4a0e-9d6a-5a2f4a3f7c10",
    "event_type": "video_pause",
    "timestamp": "2026-03-02T09:15:04.250Z",
    "student_id": "s-1024",
    "session_id": "7d1c1f0e-3c1b-4a53-8a66-0f5d3c2b1a00",
    "context": {"course_id": "algebra-1", "lesson_id": "lesson-3", "video_id": "video-3b"},
    "device": {"type": "mobile", "os": "Android", "browser": "Chrome"},
    "payload": {"current_time": 187.4, "video_duration": 412.0, "playback_rate": 1.25},
}

_MIXED = {
    "accepted": 2,
    "rejected": [
        {
            "index": 1,
            "event_id": "e-17",
            "reason": "invalid_value",
            "path": "$.payload.current_time",
            "sentence": "Send a number of at least 0 here.",
        }
    ],
    "dropped_fields": {"video_pause.user_email": 1},
}

_DESCRIPTION = """
One event, a JSON array of events, or one event per line (`Content-Type: application/x-ndjson`); plain, or with
`Content-Encoding: gzip` or `zstd`. Up to 10,000 events and 8 MiB, before and after unpacking.

The answer is 202 as soon as the body could be read: what is not listed in `rejected` is on disk. Sending an event
twice (the same `event_id` and the same UTC day of `timestamp`) counts it once, so repeat any request whose answer you
did not see.
"""


@dataclass
class _Takes(Operation):
    """The documentation of a body that the handler reads by itself, in pieces."""

    def __post_init__(self) -> None:
        one = Example(summary="One event", value=_EVENT)
        many = Example(summary="Several events", value=[_EVENT, {**_EVENT, "event_type": "video_play"}])
        anything = Schema(one_of=[Schema(type=OpenAPIType.OBJECT), Schema(type=OpenAPIType.ARRAY)])
        line = msgspec.json.encode(_EVENT).decode() + "\n"
        lines = OpenAPIMediaType(Schema(type=OpenAPIType.STRING), examples={"lines": Example(value=line)})
        self.request_body = RequestBody(
            required=True,
            description="Events in the form that docs/reference/events.md describes type by type.",
            content={
                "application/json": OpenAPIMediaType(anything, examples={"one": one, "several": many}),
                "application/x-ndjson": lines,
            },
        )


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(Problem, description=description, generate_examples=False)


_RETRY_AFTER = ResponseHeader(
    name="Retry-After", description="Seconds to wait, with 429 and 503.", documentation_only=True
)


@post(
    "/v1/events",
    status_code=202,
    request_max_body_size=None,  # read_body and throw_away have limits of their own
    tags=["events"],
    summary="Send events",
    description=_DESCRIPTION,
    operation_class=_Takes,
    response_headers=[_RETRY_AFTER],
    responses={
        202: ResponseSpec(
            Receipt,
            description="A verdict on every event",
            examples=[Example(summary="Two good events and a bad one", value=_MIXED)],
            generate_examples=False,
        ),
        400: _problem("The body is not JSON (`not_json`), or damaged (`damaged_body`)"),
        401: _problem("No key (`key_missing`)"),
        403: _problem("A wrong key (`key_unknown`), or one that may not do this (`scope_missing`)"),
        413: _problem("More than 8 MiB (`body_too_large`) or 10,000 events (`too_many_events`)"),
        415: _problem("A content encoding other than gzip and zstd (`unsupported_encoding`)"),
        429: _problem("Too many requests with this key (`rate_exceeded`); see `Retry-After`"),
        503: _problem(
            "Nothing can be stored now (`log_unavailable`), or the answer was lost; send it again after `Retry-After`"
        ),
    },
)
async def receive_events(request: AnyRequest) -> Response[bytes]:
    """Take events in and answer with a verdict on each."""
    services = reach.ingest(request)
    collector, headers = services.collector, request.headers
    key = collector.authenticate(bearer(request))
    encoding = headers.get("content-encoding", "").strip().lower()
    body = await _read(request)
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    address = request.client.host if request.client else ""
    opted_out = "1" in (headers.get("sec-gpc"), headers.get("dnt"))
    taken = IngestRequest(body, key, encoding, media in _NDJSON, address, opted_out=opted_out)
    return Response(await collector.take(taken), status_code=202, media_type=MediaType.JSON)


async def _read(request: AnyRequest) -> bytes:
    chunks = request.stream()
    try:
        check_length(request.headers.get("content-length"))
        return await read_body(chunks)
    except RequestError:
        await throw_away(chunks)
        raise


routes = [receive_events]
