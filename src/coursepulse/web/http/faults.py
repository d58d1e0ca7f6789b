"""What does not fit in a request, in the sender's words: names of parameters and fields, not our own."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import get_type_hints

import msgspec
from litestar.exceptions import HTTPException, ValidationException
from litestar.typing import FieldDefinition

from coursepulse.kit.wording import choices, plainly
from coursepulse.web.http.parameters import outside_name, parameters
from coursepulse.web.http.request import AnyRequest

#: How our handlers call the body.
_BODY = "data"

_UNKNOWN = re.compile(r"Object contains unknown field `(.+)`")
_MISSING = re.compile(r"Object missing required field `(.+)`")
_ABSENT = re.compile(r"Missing required \w+ parameter '(.+?)'")
_NO_CHOICE = re.compile(r"Invalid enum value (.+)")


class RequestFault(msgspec.Struct, frozen=True):
    """Where the fault lies (a JSON path, empty when that is nowhere), and a sentence about it."""

    path: str
    sentence: str


def find_fault(request: AnyRequest, error: ValidationException) -> RequestFault:
    """The first parameter or field that does not fit."""
    faults = error.extra if isinstance(error.extra, list) else []
    first = next((fault for fault in faults if isinstance(fault, dict)), None)
    if first is None:
        absent = _ABSENT.match(error.detail)
        return _absent(absent[1]) if absent else RequestFault("", f"{error.detail.rstrip('.')}.")
    key, message = str(first.get("key", "")), str(first.get("message", ""))
    if first.get("source") == "body":
        return _in_body(request, key, message)
    field = parameters(request.route_handler).get(key)
    return _tell(outside_name(key, field), message, field)


def tell_status(request: AnyRequest, error: HTTPException) -> str:
    """What an HTTP status means for this request."""
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            more = "; see /docs for all addresses" if request.url.path.startswith("/v1") else ""
            return f"There is nothing at this address{more}."
        case HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = (error.headers or {}).get("allow", "")
            return f"This address does not accept {request.method}; use {allowed}."
        case HTTPStatus.BAD_REQUEST:
            return f"The request cannot be read: {error.detail.rstrip('.')}."
        case _:
            return f"{error.detail.rstrip('.')}."


def _in_body(request: AnyRequest, key: str, message: str) -> RequestFault:
    within = "" if key == _BODY else key
    if unknown := _UNKNOWN.fullmatch(message):
        return RequestFault(
            _path(within, unknown[1]), f"There is no field `{unknown[1]}` here; leave it out."
        )
    if missing := _MISSING.fullmatch(message):
        return _absent(missing[1], within)
    if message == repr(_BODY):
        return RequestFault("$", "The request needs a body in JSON.")
    if not within:
        return RequestFault("$", f"The body does not fit: {_lower(plainly(message))}.")
    return _tell(within, message, _fields(request).get(within))


def _absent(name: str, within: str = "") -> RequestFault:
    return RequestFault(_path(within, name), f"`{name}` is missing.")


def _tell(name: str, message: str, field: FieldDefinition | None) -> RequestFault:
    allowed = ", ".join(choices(field.raw)) if field else ""
    if (wrong := _NO_CHOICE.fullmatch(message)) and allowed:
        return RequestFault(_path(name), f"`{name}` must be one of {allowed}, not {wrong[1]}.")
    return RequestFault(_path(name) if name else "", f"`{name}` does not fit: {_lower(plainly(message))}.")


def _fields(request: AnyRequest) -> dict[str, FieldDefinition]:
    body = request.route_handler.parsed_fn_signature.parameters.get(_BODY)
    hints = get_type_hints(body.annotation, include_extras=True) if body else {}
    return {name: FieldDefinition.from_annotation(hint) for name, hint in hints.items()}


def _path(*names: str) -> str:
    return ".".join(["$", *(name for name in names if name)])


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:].rstrip(".")
