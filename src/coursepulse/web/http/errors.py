"""Every error as ``{"code", "sentence"}``: a code for programs, a sentence for people, never a stack trace."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import structlog
from litestar import MediaType, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from coursepulse.kit.errors import LogFull, RequestError, StoreRejected, StoreUnavailable
from coursepulse.web.http.faults import find_fault, tell_status
from coursepulse.web.http.request import AnyRequest

#: The code of an answer to somebody who has to sign in first.
SIGN_IN = "sign_in"

#: Codes of answers to somebody whose proof is missing or wrong, beside the sign-in form, which counts for itself.
_UNPROVEN = frozenset({SIGN_IN, "key_missing", "key_unknown", "embed_token", "foreign_form", "form_expired"})

#: What is sent with a body.
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})

#: Seconds after which a disk or a database may be back.
_PAUSE = 5

_log = structlog.get_logger(__name__)


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of every answer that is an error.

    :param code: stable and lower-case; programs may act on it
    :param sentence: what is wrong and what to do about it
    :param path: JSON path of the fault in what was sent, where there is one
    """

    code: str
    sentence: str
    path: str = ""


#: Shows an error to a person.
ErrorPage = Callable[[AnyRequest, RequestError], Response[str]]


#: Counts a request without proof; what to answer instead when there were too many.
Visit = Callable[[AnyRequest], RequestError | None]


class ErrorHandlers:
    """A handler for every exception that can reach the edge.

    :param error_page: for browsers that asked for a page; without it they get JSON too
    """

    def __init__(self, visit: Visit, error_page: ErrorPage | None = None) -> None:
        self._visit, self._error_page = visit, error_page

    def table(self) -> ExceptionHandlersMap:
        """Each kind of exception with its handler."""
        return {
            RequestError: self._on_request_error,
            LogFull: self._on_log_full,
            StoreUnavailable: self._on_store_unavailable,
            StoreRejected: self._on_store_rejected,
            ValidationException: self._on_validation,
            HTTPException: self._on_http,
            RecursionError: self._on_recursion,
            Exception: self._on_bug,
        }

    def _answer(self, request: AnyRequest, error: RequestError) -> Response[Any]:
        headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
        if self._error_page is not None and _wants_page(request):
            shown = self._error_page(request, error)
            shown.headers.update(headers)
            return shown
        problem = Problem(error.code, str(error), error.path)
        return Response(problem, status_code=error.status, headers=headers, media_type=MediaType.JSON)

    def _on_request_error(self, request: AnyRequest, error: RequestError) -> Response[Any]:
        error = (error.code in _UNPROVEN and self._visit(request)) or error
        if error.code == SIGN_IN and (elsewhere := _to_sign_in(request)):
            return elsewhere
        return self._answer(request, error)

    def _on_log_full(self, request: AnyRequest, error: LogFull) -> Response[Any]:
        _log.error("log_full", error=str(error))
        sentence = (
            "The server cannot store events at the moment, so nothing was accepted. Send it again later."
        )
        return self._answer(request, RequestError("log_unavailable", sentence, 503, _PAUSE))

    def _on_store_unavailable(self, request: AnyRequest, error: StoreUnavailable) -> Response[Any]:
        _log.error("store_unavailable", error=str(error))
        sentence = "A database is not responding. Try again later."
        return self._answer(request, RequestError("store_unavailable", sentence, 503, _PAUSE))

    def _on_store_rejected(self, request: AnyRequest, error: StoreRejected) -> Response[Any]:
        _log.error("store_rejected", error=str(error))
        sentence = "A database refused this, and sending it again will not help."
        return self._answer(request, RequestError("store_rejected", sentence, 422))

    def _on_validation(self, request: AnyRequest, error: ValidationException) -> Response[Any]:
        fault = find_fault(request, error)
        return self._answer(request, RequestError("invalid_request", fault.sentence, path=fault.path))

    def _on_http(self, request: AnyRequest, error: HTTPException) -> Response[Any]:
        if refusal := self._visit(request):
            return self._on_request_error(request, refusal)
        problem = RequestError(_name(error.status_code), tell_status(request, error), error.status_code)
        answered = self._answer(request, problem)
        if allowed := (error.headers or {}).get("allow"):
            answered.headers["Allow"] = allowed  # RFC 9110 section 15.5.6
        return answered

    def _on_recursion(self, request: AnyRequest, error: RecursionError) -> Response[Any]:
        if request.method not in _WITH_BODY:
            return self._on_bug(request, error)
        # Nothing of ours calls itself; a reader of JSON does, once for each level of a body.
        sentence = "The body is nested too deeply. Send it as the documentation of this address describes."
        return self._answer(request, RequestError("invalid_request", sentence, path="$"))

    def _on_bug(self, request: AnyRequest, error: Exception) -> Response[Any]:
        _log.exception("request_failed", method=request.method, path=request.url.path, exc_info=error)
        sentence = "An unexpected error occurred on the server and was logged."
        return self._answer(request, RequestError("internal", sentence, 500))


def _to_sign_in(request: AnyRequest) -> Response[Any] | None:
    """Where a page is wanted of somebody who is not signed in: the sign-in page, and back afterwards."""
    if request.headers.get("hx-request"):
        seen = urlsplit(request.headers.get("hx-current-url", ""))
        back = seen.path + (f"?{seen.query}" if seen.query else "")
        # A part of a page cannot hold the sign-in page: the whole page goes there.
        return Response(
            None, status_code=401, headers={"HX-Redirect": f"/sign-in?{urlencode({'next': back or '/'})}"}
        )
    if request.method != "GET" or not _wants_page(request):
        return None
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return Redirect(f"/sign-in?{urlencode({'next': back})}", status_code=303)


def _wants_page(request: AnyRequest) -> bool:
    return not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", "")


def _name(status: int) -> str:
    """An HTTP status in words, such as ``not_found``."""
    return HTTPStatus(status).phrase.lower().replace(" ", "_")
