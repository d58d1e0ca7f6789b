"""Sign-in with an identity provider: OpenID Connect, authorization code with PKCE.

OpenID Connect Core 1.0 section 3.1, Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (issuer in the answer).
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import httpx
import msgspec
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from coursepulse.access.account_claims import ClaimRules
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.web.identity.pkce import challenge_of

#: Signatures with a public key only: anybody who knows a shared secret could make tokens.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]

#: Seconds that the provider's description is believed, and that its keys are before a new one is looked for.
_DESCRIBED, _KEYS_REST = 3600.0, 5.0

#: Seconds by which the clocks of two machines may differ.
_SKEW = 60

_log = structlog.get_logger(__name__)


class ProviderMetadata(msgspec.Struct, frozen=True):
    """What a provider says about itself; fields that we do not use are left out."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class ProviderClient(NamedTuple):
    """How the provider knows us."""

    issuer: str
    client_id: str
    client_secret: str
    scopes: str


class PendingSignIn(msgspec.Struct, frozen=True):
    """A sign-in under way. It waits in a cookie of the browser that began it, and in no other place."""

    state: str
    nonce: str
    verifier: str
    next: str


class Provider:
    """One identity provider. Every method may wait for the network: not for the loop.

    :param label: what people call it
    """

    def __init__(self, client: ProviderClient, rules: ClaimRules, label: str, http: httpx.Client) -> None:
        self.rules, self.label = rules, label or urlsplit(client.issuer).hostname or client.issuer
        self.issuer = client.issuer
        self._client, self._http = client, http
        self._lock = threading.Lock()
        self._described: tuple[float, ProviderMetadata] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def begin(self, redirect_uri: str, then: str) -> tuple[str, PendingSignIn]:
        """The address to send the browser to, and what to remember until it comes back."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        pending = PendingSignIn(state, nonce, verifier, then)
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": redirect_uri,
            "scope": self._client.scopes,
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": challenge_of(pending.verifier),
            "code_challenge_method": "S256",
        }
        endpoint = self._describe().authorization_endpoint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", pending

    def finish(self, answer: Mapping[str, str], pending: PendingSignIn, redirect_uri: str) -> dict[str, Any]:
        """Who came back, in the provider's claims.

        :param answer: the query with which the browser came back
        :raises RequestError: ``provider_refused`` when anything does not fit, ``provider_down``
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), pending.state.encode()):
            raise _refusal("another state")
        if answer.get("iss", self._client.issuer) != self._client.issuer:
            raise _refusal("another issuer")
        if "code" not in answer:
            raise _refusal(f"the provider said {answer.get('error', 'nothing')[:64]!r}")
        tokens = self._redeem(answer["code"], pending, redirect_uri)
        claims = self._read_token(str(tokens.get("id_token", "")), pending.nonce)
        if self.rules.is_answered(claims) or not tokens.get("access_token"):
            return claims
        return self._ask_more(str(tokens["access_token"]), claims["sub"]) | claims

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _redeem(self, code: str, pending: PendingSignIn, redirect_uri: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": pending.verifier,
            "client_id": self._client.client_id,
        }
        about, auth = self._describe(), None
        if self._client.client_secret:
            if "client_secret_basic" in about.token_endpoint_auth_methods_supported:
                auth = httpx.BasicAuth(self._client.client_id, self._client.client_secret)
            else:
                form["client_secret"] = self._client.client_secret
        return self._fetch("POST", about.token_endpoint, data=form, auth=auth)

    def _read_token(self, token: str, nonce: str) -> dict[str, Any]:
        """The claims of an ID token (Core section 3.1.3.7)."""
        about = self._describe()
        try:
            claims = self._verify(token)
            jwt.JWTClaimsRegistry(
                now=int(time.time()),
                leeway=_SKEW,
                iss={"essential": True, "value": about.issuer},
                aud={"essential": True, "value": self._client.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _refusal(f"ID token: {error}") from None
        if claims.get("azp", self._client.client_id) != self._client.client_id:
            raise _refusal("ID token: meant for somebody else")
        return claims

    def _verify(self, token: str) -> dict[str, Any]:
        try:
            return jwt.decode(token, self._key_set(_DESCRIBED), _ALGORITHMS).claims
        except (JoseError, ValueError):
            # Providers change their keys; an unknown one is looked for once, and not again for some seconds.
            return jwt.decode(token, self._key_set(_KEYS_REST), _ALGORITHMS).claims

    def _ask_more(self, access_token: str, subject: str) -> dict[str, Any]:
        """Claims that the provider keeps out of the ID token (Core section 5.3)."""
        endpoint = self._describe().userinfo_endpoint
        if not endpoint:
            return {}
        more = self._fetch("GET", endpoint, headers={"Authorization": f"Bearer {access_token}"})
        if more.get("sub") != subject:
            raise _refusal("userinfo: about somebody else")
        return more

    def _describe(self) -> ProviderMetadata:
        with self._lock:
            if self._described is None or time.monotonic() - self._described[0] > _DESCRIBED:
                place = f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration"
                found = self._fetch("GET", place)
                try:
                    about = msgspec.convert(found, ProviderMetadata)
                except msgspec.ValidationError as error:
                    raise _refusal(f"discovery: {error}") from None
                if about.issuer != self._client.issuer:
                    raise _refusal(f"discovery: the issuer calls itself {about.issuer!r}")
                self._described = time.monotonic(), about
            return self._described[1]

    def _key_set(self, newest: float) -> KeySet:
        """The provider's keys, not older than ``newest`` seconds."""
        place = self._describe().jwks_uri
        with self._lock:
            if self._keys is None or time.monotonic() - self._keys[0] > newest:
                self._keys = time.monotonic(), KeySet.import_key_set(self._fetch("GET", place))  # type: ignore[arg-type]
            return self._keys[1]

    def _fetch(self, method: str, url: str, **what: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, url, **what)
            found = answer.json() if answer.content else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            _log.warning("provider_down", url=url, error=str(error))
            raise RequestError(
                "provider_down", say("sign_in.provider_down", provider=self.label), 503, 30
            ) from None
        if answer.status_code >= 500:
            _log.warning("provider_down", url=url, status=answer.status_code)
            raise RequestError("provider_down", say("sign_in.provider_down", provider=self.label), 503, 30)
        if answer.is_error or not isinstance(found, dict):
            raise _refusal(f"{urlsplit(url).path} answered {answer.status_code}")
        return found


def _refusal(why: str) -> RequestError:
    """One sentence for the person who signs in; the details go to the log."""
    _log.warning("provider_refused", why=why)
    return RequestError("provider_refused", say("sign_in.provider_refused"), 401)
