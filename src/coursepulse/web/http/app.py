"""The application, put together from the handlers of each room."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar import Litestar, Request
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader, State
from litestar.file_system import BaseLocalFileSystem
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router
from litestar.types import BeforeRequestHookHandler, ControllerRouterHandler, PathType
from litestar.types.file_types import FileInfo

from coursepulse import __version__
from coursepulse.web.http.address_limits import Visits, visit_hook
from coursepulse.web.http.errors import ErrorHandlers, ErrorPage
from coursepulse.web.http.headers import header_hook
from coursepulse.web.http.openapi import ApiDescription, Swagger
from coursepulse.web.http.parameters import refuse_unused
from coursepulse.web.http.reader import follow_reader
from coursepulse.web.http.reading import check_address
from coursepulse.web.http.services import Services
from coursepulse.web.http.slashes import keep_slashes, restore_slashes

STATIC = Path(__file__).parents[1] / "static"

#: Addresses of static files change with their content.
_FOR_GOOD = CacheControlHeader(public=True, max_age=31_536_000, immutable=True)


def build(
    services: Services,
    routes: Sequence[ControllerRouterHandler],
    *,
    error_page: ErrorPage | None = None,
) -> Litestar:
    """The application that serves ``routes``; each API file has a list of its own.

    :param error_page: shows errors to browsers that asked for a page
    """
    visits = Visits(services.settings.visits_per_minute, services.clock, services.buckets)
    static = create_static_files_router("/static", [STATIC], cache_control=_FOR_GOOD, file_system=_Files())
    app = Litestar(
        [*routes, static],
        state=State({"services": services}),
        exception_handlers=ErrorHandlers(visits.check, error_page).table(),
        openapi_config=_openapi(),
        before_request=_check_request(visits),
        before_send=[header_hook(services.settings.public_url)],
        compression_config=_compression(),
        plugins=[services.live.plugin],
        logging_config=None,  # the root logger belongs to the program that starts the process
    )
    app.asgi_handler = keep_slashes(app.asgi_handler)
    return app


def _check_request(visits: Visits) -> BeforeRequestHookHandler:
    """What is asked of every request, before anything is done for it."""
    check_visit = visit_hook(visits)

    async def check(request: Request[Any, Any, Any]) -> None:
        await check_visit(request)
        restore_slashes(request)
        check_address(request)
        refuse_unused(request)
        await follow_reader(request)

    return check


class _Files(BaseLocalFileSystem):
    """Files by their names. A name that no file can have, such as one too long, is that of a file there is not."""

    async def info(self, path: PathType, **more: Any) -> FileInfo:
        try:
            return await super().info(path, **more)
        except OSError as error:
            raise FileNotFoundError(path) from error


def _compression() -> CompressionConfig:
    """Pages and JSON shrink to a fifth.

    Left alone: receipts, which are short and frequent; streams, which must not wait to fill a block; and embedded
    pages, whose session stands in the page (https://www.breachattack.com).
    """
    return CompressionConfig(
        backend="gzip", gzip_compress_level=6, exclude=["^/v1/events", "^/live/", "^/embed"]
    )


def _openapi() -> OpenAPIConfig:
    bearer = SecurityScheme(
        type="http", scheme="bearer", description="An API key, see docs/reference/settings.md"
    )
    return OpenAPIConfig(
        title="coursepulse",
        version=__version__,
        description="Events in, numbers out. Errors always have the form `{code, sentence, path?}`.",
        path="/docs",
        render_plugins=[Swagger(path="/"), ApiDescription()],
        components=Components(security_schemes={"key": bearer}),
        security=[{"key": []}],
        use_handler_docstrings=True,
    )
