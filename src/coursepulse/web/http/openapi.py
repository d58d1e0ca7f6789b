"""The reference of the API at ``/docs``: everything from ourselves, and no script written into the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin

from coursepulse.web.http.examples import EXAMPLES
from coursepulse.web.http.render import templates
from coursepulse.web.http.request import AnyRequest

_PARAM = re.compile(r"^\s*:param (\w+):", re.MULTILINE)

#: Where what a docstring begins with ends.
_SENTENCE = re.compile(r"[.:;](?:\s|$)")

#: References of our docstrings to other code, of which a reader of the API sees the name alone.
_ROLE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")


class Swagger(OpenAPIRenderPlugin):
    """Swagger UI, which fetches the description beside it.

    Litestar's own plugin writes the description into a script of the page, which our policy for content forbids.
    """

    def render(self, request: AnyRequest, openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        """The page that loads Swagger UI."""
        return templates().get_template("docs.html").render().encode()


class ApiDescription(JsonRenderPlugin):
    """Litestar's description of the API, with an example of each body, and what docstrings say where it belongs."""

    def render(self, request: AnyRequest, openapi_schema: dict[str, Any]) -> bytes:
        """The description as JSON."""
        for path, operations in openapi_schema["paths"].items():
            for method, operation in operations.items():
                operation["summary"] = _summarise(operation)
                if (method, path) in EXAMPLES:
                    _show(operation["requestBody"]["content"].values(), EXAMPLES[method, path])
        for schema in _objects(openapi_schema):
            _place_descriptions(schema)
        return super().render(request, openapi_schema)


def _summarise(operation: dict[str, Any]) -> str:
    """How the docstring begins, instead of the name of a function."""
    summary: str = operation.get("summary", "")
    return summary if " " in summary else _SENTENCE.split(operation.get("description", summary))[0]


def _show(contents: Iterable[dict[str, Any]], example: object) -> None:
    for content in contents:
        content["example"] = example


def _objects(part: Any) -> Iterator[dict[str, Any]]:
    """Every schema of an object, however deep."""
    if isinstance(part, dict):
        if isinstance(part.get("properties"), dict):
            yield part
        for each in part.values():
            yield from _objects(each)
    elif isinstance(part, list):
        for each in part:
            yield from _objects(each)


def _place_descriptions(schema: dict[str, Any]) -> None:
    """Give what a docstring says of a field to the field."""
    text, *told = _PARAM.split(_ROLE.sub(r"\1", schema.get("description", "")))
    for name, words in zip(told[::2], told[1::2], strict=True):
        if name in schema["properties"]:
            schema["properties"][name]["description"] = _one_line(words)
    if told:
        schema["description"] = _one_line(text)


def _one_line(text: str) -> str:
    return " ".join(text.replace("``", "`").split())
