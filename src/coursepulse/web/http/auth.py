"""Who asks: a key in the ``Authorization`` header, or a session in a cookie."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec
from litestar.handlers import BaseRouteHandler
from litestar.types import Guard

from coursepulse.access.accounts import Account
from coursepulse.access.viewer import EVERYONE, Role, Viewer
from coursepulse.collect.keys import ADMIN, Key
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.privacy.addresses import truncate
from coursepulse.web import reach
from coursepulse.web.http.errors import SIGN_IN
from coursepulse.web.http.request import Connection

if TYPE_CHECKING:
    pass

#: Carries the session of an embedded page: browsers withhold cookies from frames of other sites.
EMBED_HEADER = "X-Embed-Session"

#: What an embedded page may ask for, beside itself.
_EMBEDDED_PATHS = ("/cards/student_", "/live/")

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class PageViewer(Viewer, frozen=True, kw_only=True):
    """A viewer with a face: what pages need to know of them beside their rights.

    :param name: the login name, for the account menu
    :param form_token: proves that a form is ours; every form that changes something carries it
    :param language: the one they have chosen; empty until they do
    :param embedded: looks at a page in a frame, whose session opens no other page
    """

    name: str = ""
    form_token: str = ""
    language: str = ""
    embedded: bool = False


def bearer(connection: Connection) -> str | None:
    """The secret of an ``Authorization: Bearer …`` header (RFC 6750 section 2.1), or None."""
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    return secret.strip() or None if scheme.lower() == "bearer" else None


def require(connection: Connection, scope: str) -> Key:
    """The key that asks, if it has ``scope``.

    :raises RequestError: 401, 403 or 429
    """
    collector, known = reach.http(connection).collector, connection.scope["state"]
    key = collector.keys.require(bearer(connection), scope)
    # A guard asks, and the handler behind it again: one request all the same.
    if "admitted" not in known:
        known["admitted"] = True
        collector.admit(key)
        _note_writer(connection, f"key:{key.name}")
    return key


def sender_of(key: Key) -> str | None:
    """Whose dead letters there are for a key: those that it sent, or all of them (None) for the machine's own key."""
    return None if ADMIN in key.scopes else key.name


def needs(scope: str) -> Guard:
    """A guard that lets only keys with ``scope`` pass."""

    def guard(connection: Connection, _: BaseRouteHandler) -> None:
        require(connection, scope)

    return guard


def brings(scope: str) -> Guard:
    """A guard that lets nobody pass but a key with ``scope`` and somebody who is signed in.

    Guards come before the body: a stranger's is not read.
    """

    async def guard(connection: Connection, _: BaseRouteHandler) -> None:
        await asyncio.to_thread(api_viewer, connection, scope)

    return guard


def key_viewer(connection: Connection, scope: str) -> Viewer:
    """The key that asks, as a viewer.

    :raises RequestError: 401 or 403
    """
    key = require(connection, scope)
    return Viewer(
        role=Role.SERVICE,
        subject=f"key:{key.name}",
        scopes=key.scopes,
        request_id=request_id(connection),
        address=network(connection),
    )


def api_viewer(connection: Connection, scope: str) -> Viewer:
    """Who asks the API: a key with ``scope``, or somebody who is signed in. Reads the store: not for the loop.

    :raises RequestError: 401 or 403
    """
    viewer = None if bearer(connection) else session_viewer(connection)
    if viewer is None:
        return key_viewer(connection, scope)
    if connection.scope.get("method") not in _SAFE:
        check_origin(connection)
    return viewer


def session_viewer(connection: Connection) -> PageViewer | None:
    """Who is signed in, with the rights they have now; None for nobody. Reads the store: not for the loop."""
    known: dict[str, Any] = connection.scope["state"]
    if "viewer" not in known:
        known["viewer"] = found = _find_viewer(connection)
        if found is not None:
            _note_writer(connection, found.subject)
    viewer: PageViewer | None = known["viewer"]
    return viewer


def _note_writer(connection: Connection, subject: str) -> None:
    """Who changes something looks soon whether it shows: no number of before may be shown to them."""
    if connection.scope.get("method") not in _SAFE:
        reach.http(connection).metrics.wrote(subject)


def _find_viewer(connection: Connection) -> PageViewer | None:
    identity = reach.http(connection).identity
    embedded = _embed_token(connection)
    token = embedded or session_token(connection)
    session = identity.sessions.find(token) if identity and token else None
    if session is None:
        return None
    if session.account is None:
        return embedded_viewer(connection, session.embedded or b"") if embedded else None
    return None if embedded else account_viewer(connection, session.account, token)


def account_viewer(connection: Connection, account: Account, token: str) -> PageViewer:
    """Somebody with an account, and what ties them to others at this moment."""
    services = reach.http(connection)
    viewer = PageViewer(
        role=account.role,
        subject=account.subject,
        student_id=account.student_id,
        organisation_id=account.organisation_id,
        request_id=request_id(connection),
        address=network(connection),
        name=account.login_name,
        form_token=form_token(token),
        language=account.language,
    )
    tied = services.relations.tie(viewer, account.student_id)
    if services.settings.demo and account.role is Role.ADMIN:
        return msgspec.structs.replace(tied, opened=EVERYONE, purpose="The students are simulated.")
    return tied


def embedded_viewer(connection: Connection, student_id: bytes) -> PageViewer:
    """The student of an embedded page, who sees their own record and nothing else."""
    return PageViewer(
        role=Role.STUDENT,
        subject=f"embed:{to_text(student_id)}",
        student_id=student_id,
        embedded=True,
        request_id=request_id(connection),
        address=network(connection),
    )


def sign_in_needed() -> RequestError:
    """What is said to somebody who is not signed in."""
    return RequestError(SIGN_IN, say("trouble.sign_in"), 401)


def request_id(connection: Connection) -> str:
    """Ties together what is written down about one request."""
    known: dict[str, Any] = connection.scope["state"]
    name: str = known.setdefault("request_id", secrets.token_hex(8))
    return name


def address(connection: Connection) -> str:
    """Where a request comes from. Only for counting in passing: nothing may keep it."""
    return connection.client.host if connection.client else ""


def network(connection: Connection) -> str:
    """Where a request comes from, as far as it may be written down."""
    return truncate(address(connection))


def own_origin(connection: Connection) -> str:
    """The origin at which browsers reach this server."""
    public = reach.http(connection).settings.public_url
    parts = urlsplit(public) if public else connection.base_url
    return f"{parts.scheme}://{parts.netloc}"


def is_secure(connection: Connection) -> bool:
    """Whether browsers reach this server over https."""
    return own_origin(connection).startswith("https://")


def is_loopback(connection: Connection) -> bool:
    """Whether browsers reach this server without any network."""
    return urlsplit(own_origin(connection)).hostname in _LOOPBACK


def cookie_name(connection: Connection, what: str = "") -> str:
    """The name of a cookie. ``__Host-`` binds it to this host and to https (RFC 6265bis section 4.1.3.2)."""
    return ("__Host-" if is_secure(connection) else "") + "coursepulse" + what


def session_token(connection: Connection) -> str:
    """The session in the cookie, empty without one."""
    return str(connection.cookies.get(cookie_name(connection), ""))


def session_in_use(connection: Connection) -> str:
    """The session by which a request was let in, of a page in a frame or of a browser."""
    return _embed_token(connection) or session_token(connection)


def form_token(secret: str) -> str:
    """What a form carries to prove that it is ours: follows from a cookie that no other site can read.

    Another one each time, so that the length of a compressed page tells nothing about it (https://www.breachattack.com).
    """
    return _salted(secrets.token_hex(8), secret)


def is_form_token(text: str, secret: str) -> bool:
    """Whether :func:`form_token` made ``text`` of this secret."""
    return bool(secret) and hmac.compare_digest(
        text.encode("utf-8", "surrogatepass"), _salted(text[:16], secret).encode()
    )


def _salted(salt: str, secret: str) -> str:
    return salt + hashlib.sha256(f"form {salt} {secret}".encode("utf-8", "surrogatepass")).hexdigest()


def check_origin(connection: Connection) -> None:
    """Let only requests of our own pages pass.

    The browser says where a request comes from, and scripts cannot change that (W3C Fetch Metadata; RFC 6454
    section 7). A request that says neither is refused.

    :raises RequestError: ``foreign_form``
    """
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    ours = site in ("same-origin", "none") if site else origin == own_origin(connection)
    if not ours:
        raise RequestError("foreign_form", say("trouble.foreign_form"), 403)


def _embed_token(connection: Connection) -> str:
    path = connection.url.path
    if not path.startswith(_EMBEDDED_PATHS):
        return ""
    # The stream of live numbers cannot carry a header: EventSource has no way to set one.
    shown = connection.query_params.get("embed", "") if path.startswith("/live/") else ""
    return connection.headers.get(EMBED_HEADER, "") or str(shown)


def find_living(connection: Connection, sessions: Collection[str]) -> Collection[str]:
    """Those of some sessions that have not ended.

    :raises StoreUnavailable:
    """
    identity = reach.http(connection).identity
    return identity.sessions.alive(sessions) if identity and sessions else ()


def is_in_force(connection: Connection, key: str, scope: str) -> bool:
    """Whether a key still allows something."""
    return reach.http(connection).collector.keys.allows(key, scope)
