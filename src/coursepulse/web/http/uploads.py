"""Files that somebody sends with a form of ours. They are read into memory, used and forgotten."""

from __future__ import annotations

import asyncio
import io
from typing import NamedTuple

from multipart import MultipartError, MultipartParser, parse_options_header

from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.web.http.auth import (
    check_origin,
    is_form_token,
    session_token,
    session_viewer,
    sign_in_needed,
)
from coursepulse.web.http.forms import FIELD
from coursepulse.web.http.reading import refuse_nul
from coursepulse.web.http.request import AnyRequest

#: Bytes of one file: an enrolment is about 100.
LARGEST = 20 << 20

#: Bytes of everything around the file.
_AROUND = 32 << 10


class Upload(NamedTuple):
    """A form with a file."""

    fields: dict[str, str]
    body: bytes

    def text(self, name: str) -> str:
        """A field, empty when it is missing."""
        return self.fields.get(name, "").strip()


async def read_upload(request: AnyRequest, name: str) -> Upload:
    """The form of somebody who is signed in, with the file in the field ``name``.

    :raises RequestError: ``sign_in``, ``foreign_form``, ``form_expired``, ``file_too_large`` or ``invalid_request``
    """
    check_origin(request)
    if await asyncio.to_thread(session_viewer, request) is None:
        raise sign_in_needed()
    body = await read_bytes(request, LARGEST + _AROUND)
    upload = await asyncio.to_thread(_parse, request.headers.get("content-type", ""), body, name)
    if not is_form_token(upload.text(FIELD), session_token(request)):
        raise RequestError("form_expired", say("trouble.form_expired"), 403)
    return upload


async def read_bytes(request: AnyRequest, most: int = LARGEST) -> bytes:
    """The body, as far as it is not too large: what is beyond that is not read.

    :raises RequestError: ``file_too_large``
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise RequestError("file_too_large", say("trouble.file_too_large", most=LARGEST >> 20), 413)
    return bytes(body)


def _parse(content_type: str, body: bytes, name: str) -> Upload:
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise RequestError("unsupported_media_type", "Send the file as multipart/form-data.", 415)
    fields, found = dict[str, str](), b""
    parser = MultipartParser(
        io.BytesIO(body),
        options["boundary"],
        part_limit=20,
        memory_limit=len(body) + 1,
        spool_limit=len(body) + 1,
        disk_limit=0,
    )
    try:
        for part in parser:
            if part.name == name:
                found = part.raw
            else:
                fields[part.name] = part.value[:1000]
    except (MultipartError, UnicodeDecodeError):
        raise RequestError("invalid_request", "The form cannot be read.", 400) from None
    refuse_nul(fields.items())
    return Upload(fields, found)
