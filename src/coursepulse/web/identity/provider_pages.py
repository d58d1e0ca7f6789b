"""Signing in with an identity provider: there, and back again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from litestar import Response, get
from litestar.datastructures import Cookie
from litestar.response import Redirect

from coursepulse.dashboards.text import say
from coursepulse.kit.clock import SECOND
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.http.auth import cookie_name, is_secure, own_origin
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.identity.components import Identity, derive
from coursepulse.web.identity.provider import PendingSignIn, Provider
from coursepulse.web.identity.service import identity_of
from coursepulse.web.identity.sign_in import meet_provided
from coursepulse.web.identity.sign_in_pages import check_transport, local_path, open_session, show_form

if TYPE_CHECKING:
    pass


CALLBACK = "/sign-in/provider/callback"

#: Remembers a sign-in under way, for as long as people take to type a password.
_PENDING, _SECONDS = "-pending", 900

_ALGORITHM = "HS256"


@get("/sign-in/provider", include_in_schema=False)
async def go_to_provider(request: AnyRequest) -> Response[Any]:
    """Send the browser to the provider."""
    identity = identity_of(reach.identity(request))
    then = local_path(request.query_params.get("next", ""))
    try:
        check_transport(request)
        provider = _provider(identity)
        url, pending = await asyncio.to_thread(provider.begin, own_origin(request) + CALLBACK, then)
    except RequestError as error:
        return await asyncio.to_thread(show_form, request, then, error=error)
    answer = Redirect(url, status_code=303)
    answer.set_cookie(_cookie(request, _seal(identity, pending, _now(request)), _SECONDS))
    return answer


@get(CALLBACK, include_in_schema=False)
async def come_back(request: AnyRequest) -> Response[Any]:
    """Take what the provider says, and begin a session."""
    identity = identity_of(reach.identity(request))
    then = "/"
    try:
        provider = _provider(identity)
        pending = _unseal(identity, request.cookies.get(cookie_name(request, _PENDING), ""), _now(request))
        then = pending.next
        query = dict(request.query_params.items())
        claims = await asyncio.to_thread(provider.finish, query, pending, own_origin(request) + CALLBACK)
        account = await asyncio.to_thread(meet_provided, request, provider, claims)
        answer = await open_session(request, account, then)
    except RequestError as error:
        answer = await asyncio.to_thread(show_form, request, then, error=error)
    answer.set_cookie(_cookie(request, "", 0))
    return answer


def _provider(identity: Identity) -> Provider:
    if identity.provider is None:
        raise RequestError("unknown_address", say("trouble.unknown"), 404)
    return identity.provider


def _seal(identity: Identity, pending: PendingSignIn, now: int) -> str:
    claims = msgspec.structs.asdict(pending) | {"exp": now + _SECONDS}
    return jwt.encode({"alg": _ALGORITHM}, claims, _key(identity), [_ALGORITHM])


def _unseal(identity: Identity, sealed: str, now: int) -> PendingSignIn:
    try:
        claims = jwt.decode(sealed, _key(identity), [_ALGORITHM]).claims
        jwt.JWTClaimsRegistry(now=now, exp={"essential": True}).validate(claims)
        return msgspec.convert(claims, PendingSignIn)
    except (JoseError, ValueError, msgspec.ValidationError):
        raise RequestError("provider_refused", say("sign_in.provider_refused"), 401) from None


def _key(identity: Identity) -> OctKey:
    return OctKey.import_key(derive(identity.secret, "pending sign-in"))


def _now(request: AnyRequest) -> int:
    services = reach.identity(request)
    return services.clock() // SECOND


def _cookie(request: AnyRequest, value: str, seconds: int) -> Cookie:
    return Cookie(
        key=cookie_name(request, _PENDING),
        value=value,
        max_age=seconds,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="lax",  # strict would withhold it on the way back from the provider
    )


routes = [go_to_provider, come_back]
