"""The reference of the API at ``/docs``: everything from ourselves, and no script written into the page."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

from coursepulse.web.pages.render import templates


class Swagger(OpenAPIRenderPlugin):
    """Swagger UI, which fetches the description that Litestar serves beside it.

    Litestar's own plugin writes the description into a script of the page, which our policy for content forbids.
    """

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002
        """The page that loads Swagger UI."""
        return templates().get_template("docs.html").render().encode()
