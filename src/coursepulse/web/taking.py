"""What requests bring: numbers that stores can hold, and the description of bodies that a handler reads itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody
from litestar.params import PathParameter

#: The number of something in a path; stores count in 64 bits.
Number = Annotated[int, PathParameter(ge=0, le=(1 << 63) - 1)]


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
