"""Dashboards in frames of an e-learning platform: whose, where, and for how long."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from coursepulse.kit.clock import HOUR, SECOND
from coursepulse.kit.errors import RequestError, SettingError
from coursepulse.kit.ids import to_text
from coursepulse.web.identity.embed_tokens import EmbedTokens, parse_origins
from tests.identity.harness import IdentityHarness

ORIGIN = "https://lms.example.edu"
ORIGINS = frozenset({ORIGIN})
ANN = bytes(range(16))
KEY = b"k" * 32


def ask(server: IdentityHarness, **body: Any) -> httpx.Response:
    return server.api("POST", "/v1/embed-tokens", {"student_id": "ann"} | body)


def test_a_token_names_one_student_for_one_origin() -> None:
    tokens = EmbedTokens(KEY)
    token = tokens.sign(ANN, ORIGIN, 60, 3 * SECOND)
    assert tokens.read(token, ORIGINS, 59 * SECOND) == (ANN, ORIGIN, 3 * SECOND)


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "https://evil.example"},
        {"aud": [ORIGIN]},
        {"iss": "x"},
        {"sub": "ann"},
        {"exp": 0},
        {"exp": None},
        {"iat": None},
    ],
)
def test_a_token_that_says_something_else_is_refused(change: dict[str, Any]) -> None:
    claims = {"iss": "coursepulse embed", "aud": ORIGIN, "sub": to_text(ANN), "iat": 0, "exp": 60} | change
    forged = jwt.encode(
        {"alg": "HS256"}, {k: v for k, v in claims.items() if v is not None}, OctKey.import_key(KEY)
    )
    with pytest.raises(RequestError, match="has expired"):
        EmbedTokens(KEY).read(forged, ORIGINS, SECOND)


def test_expired_forged_and_foreign_tokens_are_refused() -> None:
    token = EmbedTokens(KEY).sign(ANN, ORIGIN, 10_000, 0)
    for tokens, text, origins, now in [
        (EmbedTokens(KEY), token, ORIGINS, 601 * SECOND),
        (EmbedTokens(b"x" * 32), token, ORIGINS, 0),
        (EmbedTokens(KEY), token, frozenset[str](), 0),
        (EmbedTokens(KEY), token[:-2], ORIGINS, 0),
        (EmbedTokens(KEY), "", ORIGINS, 0),
    ]:
        with pytest.raises(RequestError, match="has expired"):
            tokens.read(text, origins, now)


def test_the_token_does_not_carry_the_id_of_the_platform(server: IdentityHarness) -> None:
    made = ask(server).json()
    claims = jwt.decode(made["token"], OctKey.import_key(server.identity.embed._key.raw_value)).claims
    assert claims["sub"] == to_text(server.identity.person("ann"))
    assert "ann" not in str(claims)
    assert made["url"].startswith(f"{server.url}/embed?token=")
    assert server.trail.tags() == ["identity:embed:issue"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"origin": "https://evil.example"}, "embed_origin"),
        ({"seconds": 601}, "invalid_request"),
        ({"student_id": ""}, "invalid_request"),
        ({"role": "admin"}, "invalid_request"),
    ],
)
def test_a_token_that_is_not_given(server: IdentityHarness, body: dict[str, Any], code: str) -> None:
    answer = ask(server, **body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_only_keys_with_the_scope_make_tokens(server: IdentityHarness) -> None:
    secret = server.api("POST", "/v1/keys", {"name": "bi", "scopes": ["read"]}).json()["secret"]
    assert server.api("POST", "/v1/embed-tokens", {"student_id": "a"}, key=secret).status_code == 403


def test_the_session_of_a_frame_opens_cards_and_nothing_else(server: IdentityHarness) -> None:
    token = server.identity.sessions.begin_embedded(ANN, HOUR)
    for path in ("/definitions", "/", "/v1/metrics", "/admin/users"):
        for carried in ({"X-Embed-Session": token}, {"Cookie": f"coursepulse={token}"}):
            assert httpx.get(server.url + path, headers=carried).status_code == 401, path


def test_frames_are_forbidden_everywhere_else(server: IdentityHarness) -> None:
    for path in ("/sign-in", "/embed?token=x"):
        answer = httpx.get(server.url + path, headers={"Accept": "text/html"})
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "text", ["lms", "https://", "ftp://a", "https://a/b", "https://a?b", "https://a b", "https://*.a"]
)
def test_an_origin_that_is_none_is_named(text: str) -> None:
    with pytest.raises(SettingError, match="COURSEPULSE_EMBED_ORIGINS"):
        parse_origins(f"{ORIGIN}, {text}")
    assert parse_origins(f" {ORIGIN}/ ,") == ORIGINS
