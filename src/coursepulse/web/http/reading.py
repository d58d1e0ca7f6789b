"""What requests bring: numbers and text that stores can hold, and the description of bodies that a handler reads."""

from __future__ import annotations

from collections.abc import Iterable, Sized
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody
from litestar.params import PathParameter

from coursepulse.kit.errors import RequestError
from coursepulse.web.http.request import Connection

#: Stores count in 64 bits.
MOST = (1 << 63) - 1

#: The number of something in a path.
Number = Annotated[int, PathParameter(ge=0, le=MOST)]


def refuse_nul(given: Iterable[tuple[str, object]]) -> None:
    """Let no text pass that has the one character that PostgreSQL cannot hold.

    :param given: parameters or fields by name
    :raises RequestError: ``invalid_request``
    """
    for name, value in given:
        if isinstance(value, str) and "\0" in value:
            sentence = f"`{name[:64]}` contains the character U+0000; remove it."
            raise RequestError("invalid_request", sentence, path=f"$.{name[:64]}")


def check_address(connection: Connection) -> None:
    """The same for every parameter in the address of a request.

    :raises RequestError: ``invalid_request``
    """
    scope = connection.scope
    # Decoding them all would cost something on every event.
    if b"%00" in scope["query_string"] or "\0" in scope["path"]:
        refuse_nul([*connection.path_params.items(), *connection.query_params.multi_items()])


def takes_rows(kind: type[msgspec.Struct]) -> type[Operation]:
    """For ``operation_class``: the body is a JSON array of ``kind``."""
    return _takes(list[kind])  # type: ignore[valid-type]


def takes_object() -> type[Operation]:
    """For ``operation_class``: the body is any JSON object."""
    return _takes(dict[str, Any])


def _takes(kind: Any) -> type[Operation]:
    schema = msgspec.json.schema(kind)
    whole = _unfold(schema, schema.pop("$defs", {}))

    @dataclass
    class Takes(Operation):
        def __post_init__(self) -> None:
            # Litestar's own classes cannot say everything that a schema of msgspec says; it passes a dictionary on.
            content = {"application/json": OpenAPIMediaType(schema=whole)}
            self.request_body = RequestBody(required=True, content=content)

    return Takes


def _unfold(schema: Any, named: dict[str, Any]) -> Any:
    """The schema with every name replaced by what it stands for: a reference leads nowhere within OpenAPI."""
    if isinstance(schema, list):
        return [_unfold(each, named) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _unfold(named[schema["$ref"].rpartition("/")[2]], named)
    return {name: _unfold(value, named) for name, value in schema.items()}


def refuse_more(rows: Sized, most: int) -> None:
    """Refuse a list that is too long for one request: the limit in its type only describes it.

    :raises RequestError: ``too_many_rows``
    """
    if len(rows) > most:
        raise RequestError(
            "too_many_rows", f"Send at most {most:,} at once, and the rest in further requests.", 413
        )
