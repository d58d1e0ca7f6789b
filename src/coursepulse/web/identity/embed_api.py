"""``POST /v1/embed-tokens``: a platform's back end asks for a token to show a student's own dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import msgspec
from litestar import post
from litestar.params import JSONBody
from msgspec import Meta

from coursepulse.collect.keys import EMBED
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.web import reach
from coursepulse.web.audit.writing import note
from coursepulse.web.http.auth import key_viewer, needs, own_origin
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.identity.embed_tokens import LONGEST, parse_origins
from coursepulse.web.identity.service import identity_of

if TYPE_CHECKING:
    pass


class EmbedRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose dashboard, and where it is to be shown.

    :param student_id: the platform's own id
    :param origin: one of the setting ``embed_origins``; may be left out where there is only one
    """

    student_id: Annotated[str, Meta(min_length=1, max_length=128)]
    origin: Annotated[str, Meta(max_length=300)] = ""
    seconds: Annotated[int, Meta(ge=1, le=LONGEST)] = 120


class EmbedToken(msgspec.Struct, frozen=True):
    """A token, and the address to put into the frame."""

    token: str
    url: str
    expires_in: int


@post("/v1/embed-tokens", guards=[needs(EMBED)], tags=["embed"], sync_to_thread=True)
def make_token(request: AnyRequest, data: JSONBody[EmbedRequest]) -> EmbedToken:
    """Make a token. It shows one student their own numbers, in frames of one origin, and nothing else."""
    services = reach.identity(request)
    identity, origins = identity_of(services), parse_origins(services.settings.embed_origins)
    origin = data.origin.rstrip("/").lower() or (next(iter(origins)) if len(origins) == 1 else "")
    if origin not in origins:
        raise RequestError(
            "embed_origin", "`origin` must be one of the origins in the setting `embed_origins`."
        )
    student_id = identity.person(data.student_id)
    viewer = key_viewer(request, EMBED)
    note(services, viewer, "identity:embed:issue", to_text(student_id), origin)
    token = identity.embed.sign(student_id, origin, data.seconds, services.clock())
    return EmbedToken(token, f"{own_origin(request)}/embed?token={quote(token)}", data.seconds)


routes = [make_token]
