"""Forms that change something: only our own pages may send them."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.web.http.auth import (
    check_origin,
    is_form_token,
    session_token,
    session_viewer,
    sign_in_needed,
)
from coursepulse.web.http.reading import refuse_nul
from coursepulse.web.http.request import AnyRequest

#: The hidden field that proves where a form comes from.
FIELD = "form_token"

#: Bytes of a form, and its fields. The longest of ours is a reason of 500 characters, in up to 12 bytes each.
LONGEST, MOST_FIELDS = 32 << 10, 100

#: Bytes that somebody takes who was chosen from a list: a pseudonym, and the id of a course with each byte escaped.
_PERSON = 48 + 3 * 128

_MEDIA = "application/x-www-form-urlencoded"


class Form:
    """What somebody filled in."""

    def __init__(self, values: dict[str, list[str]]) -> None:
        self._values = values

    def text(self, name: str) -> str:
        """A field, empty when it is missing."""
        return next(iter(self.texts(name)), "")

    def texts(self, name: str) -> list[str]:
        """Every value of a field that may be chosen several times."""
        return self._values.get(name, [])


async def read_own_form(request: AnyRequest, people: int = 0) -> Form:
    """The form of somebody who is signed in. Nothing of it is read before the session is found.

    :param people: how many it may name besides its other fields
    :raises RequestError: ``sign_in``, or as :func:`read_form`
    """
    if await asyncio.to_thread(session_viewer, request) is None:
        raise sign_in_needed()
    return await read_form(request, session_token(request), people)


async def read_form(request: AnyRequest, secret: str, people: int = 0) -> Form:
    """The form of a request, if one of our own pages sent it.

    :param secret: the cookie from which the form's token was made
    :raises RequestError: ``foreign_form``, ``form_expired``, ``form_too_large`` or ``invalid_request``
    """
    check_origin(request)
    if not secret:
        raise _expired()
    form = Form(_parse(await _read(request, LONGEST + people * _PERSON), MOST_FIELDS + people))
    if not is_form_token(form.text(FIELD), secret):
        raise _expired()
    return form


async def read_open_form(request: AnyRequest) -> Form:
    """A form that somebody who is not signed in may send too: all it proves is that a page of ours sent it.

    :raises RequestError: ``foreign_form``, ``form_too_large`` or ``invalid_request``
    """
    check_origin(request)
    return Form(_parse(await _read(request, LONGEST), MOST_FIELDS))


async def _read(request: AnyRequest, longest: int) -> bytes:
    """The body, which is looked at only when it is known to be short."""
    if request.headers.get("content-type", _MEDIA).partition(";")[0].strip().lower() != _MEDIA:
        raise RequestError("unsupported_media_type", f"Send forms as {_MEDIA}.", 415)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > longest:
            raise RequestError("form_too_large", say("trouble.form_too_large"), 413)
    return bytes(body)


def _parse(body: bytes, most: int) -> dict[str, list[str]]:
    try:
        values = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=most)
    except ValueError:
        raise RequestError("form_too_large", say("trouble.form_too_large"), 413) from None
    refuse_nul((name, value) for name, given in values.items() for value in given)
    return values


def _expired() -> RequestError:
    return RequestError("form_expired", say("trouble.form_expired"), 403)
