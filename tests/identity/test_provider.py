"""Signing in with a real OpenID Connect provider, and what happens when something does not fit."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import which
from typing import Any

import httpx
import pytest

from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings
from coursepulse.store.postgres.connect import Pool
from coursepulse.web.identity import provider as provider_room
from coursepulse.web.identity.provider_settings import check_public_url, open_provider
from tests.identity.harness import IdentityHarness, identity_harness
from tests.support.browsing import visit
from tests.support.server import wait_until

ROOT = Path(__file__).resolve().parents[2]


class Elsewhere:
    """The provider, and the server that trusts it."""

    def __init__(self, server: IdentityHarness, issuer: str) -> None:
        self.server, self.issuer = server, issuer

    def misbehave(self, **faults: bool) -> None:
        """From now on."""
        httpx.post(f"{self.issuer}/faults", json=faults).raise_for_status()

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """A visitor of our server."""
        with closing(visit(self.server.url)) as http:
            yield http

    def come_back(self, http: httpx.Client, who: str, then: str = "") -> str:
        """Go to the provider, sign in there as ``who``, and return the address that it sends the browser to."""
        place = http.get("/sign-in/provider", params={"next": then}).headers["location"]
        with httpx.Client(cookies={"who": who}) as there:
            while place.startswith(("/", self.issuer)):
                place = there.get(httpx.URL(self.issuer).join(place)).headers["location"]
        return place

    def enter(self, http: httpx.Client, who: str, then: str = "") -> httpx.Response:
        """The answer to the person who comes back."""
        return http.get(self.come_back(http, who, then))


@pytest.fixture(scope="module")
def elsewhere(the_pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    node = which("node")
    assert node, "the tests need Node.js"
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    settings: dict[str, Any] = {
        "oidc_issuer": issuer,
        "oidc_client_id": "coursepulse",
        "oidc_client_secret": "a secret between two",
        "oidc_label": "the university",
        "oidc_role_claim": "realm_access.roles",
        "oidc_roles": "teaching=instructor,it=admin",
        "oidc_organisation_claim": "org",
        "oidc_student_claim": "person",
    }
    with identity_harness(the_pool, tmp_path_factory.mktemp("elsewhere"), **settings) as server:
        script = str(ROOT / "tests/web/oidc_provider.mjs")
        process = subprocess.Popen(
            [node, "--no-warnings", script, str(port), f"{server.url}/sign-in/provider/callback"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: answers(issuer), 30)
            yield Elsewhere(server, issuer)
        finally:
            process.kill()
            process.wait()


@pytest.fixture(autouse=True)
def behaving(elsewhere: Elsewhere) -> None:
    elsewhere.server.reset()
    elsewhere.misbehave()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def answers(issuer: str) -> bool:
    try:
        return httpx.get(f"{issuer}/.well-known/openid-configuration").is_success
    except httpx.TransportError:
        return False


def test_the_first_sign_in_makes_an_account_with_the_rights_of_the_claims(elsewhere: Elsewhere) -> None:
    server = elsewhere.server
    with elsewhere.browser() as http:
        answer = elsewhere.enter(http, "ada", "/definitions")
        assert (answer.status_code, answer.headers["location"]) == (303, "/definitions")
        assert "ada" in http.get("/definitions").text
    (account,) = server.identity.accounts.everyone()
    assert (account.login_name, account.role, account.organisation_id) == ("ada", "instructor", "uni")
    assert account.student_id == server.identity.person("t-ada")
    assert account.provided
    with elsewhere.browser() as http:
        elsewhere.enter(http, "ada")
    assert len(server.identity.accounts.everyone()) == 1
    # Getting rights is in the trail, no matter who gives them; having them already is no second entry.
    entries = [entry for entry in server.trail.entries if entry.tag != "identity:account:sign_in"]
    assert [(entry.tag, entry.subject, entry.detail) for entry in entries] == [
        ("identity:account:add", account.subject, "role instructor")
    ]
    assert entries[0].actor.startswith("provider:http")


def test_a_role_that_the_provider_changes_stands_in_the_trail(elsewhere: Elsewhere) -> None:
    server = elsewhere.server
    with elsewhere.browser() as http:
        elsewhere.enter(http, "ada")
        change = {"role": "auditor", "reason": "The contract has ended."}
        server.api("PATCH", "/v1/accounts/ada", change).raise_for_status()
        elsewhere.enter(http, "ada")
    entry = server.trail.entries[-2]
    assert (entry.tag, entry.detail) == ("identity:account:role", "role instructor")
    assert entry.actor.startswith("provider:http")


@pytest.mark.parametrize(("claim", "stays"), [("gone", False), ("", True)])
def test_what_the_provider_no_longer_says_no_longer_holds(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, claim: str, stays: bool
) -> None:
    """But what it is not asked for is decided here."""
    server = elsewhere.server
    with elsewhere.browser() as http:
        elsewhere.enter(http, "ada")
        rules = server.identity.provider.rules._replace(organisation_claim=claim, student_claim=claim)
        monkeypatch.setattr(server.identity.provider, "rules", rules)
        server.trail.entries.clear()
        elsewhere.enter(http, "ada")
    (account,) = server.identity.accounts.everyone()
    assert (account.organisation_id == "uni", account.student_id is not None) == (stays, stays)
    told = [entry.detail for entry in server.trail.entries if entry.tag == "identity:account:change"]
    assert told == ([] if stays else ["person or organisation"])


def test_the_strongest_role_holds(elsewhere: Elsewhere) -> None:
    with elsewhere.browser() as http:
        elsewhere.enter(http, "root")
        assert http.get("/admin/users").status_code == 200


def test_a_name_that_somebody_has_gives_no_rights(elsewhere: Elsewhere) -> None:
    elsewhere.server.add("ada", "admin")
    with elsewhere.browser() as http:
        assert elsewhere.enter(http, "ada").status_code == 303
        assert http.get("/admin/users").status_code == 403
    names = [account.login_name for account in elsewhere.server.identity.accounts.everyone()]
    assert names[0] == "ada"
    assert names[1].startswith("ada#")


def test_nobody_without_a_role_gets_in(elsewhere: Elsewhere) -> None:
    with elsewhere.browser() as http:
        answer = elsewhere.enter(http, "nobody")
        assert answer.status_code == 403
        assert "but you have no role here" in answer.text
    assert elsewhere.server.identity.accounts.everyone() == []
    assert elsewhere.server.trail.entries[-1].detail == "no role"


def test_a_disabled_account_stays_out(elsewhere: Elsewhere) -> None:
    with elsewhere.browser() as http:
        elsewhere.enter(http, "ada")
        elsewhere.server.api("PATCH", "/v1/accounts/ada", {"disabled": True}).raise_for_status()
        assert elsewhere.enter(http, "ada").status_code == 401
        assert http.get("/definitions").status_code == 303


def test_no_password_opens_an_account_of_the_provider(elsewhere: Elsewhere) -> None:
    with elsewhere.browser() as http:
        elsewhere.enter(http, "ada")
    assert elsewhere.server.answer("ada", "").status_code == 401
    assert (
        elsewhere.server.api("PATCH", "/v1/accounts/ada", {"password": ""}).json()["code"]
        == "provided_account"
    )


def test_another_state_is_refused(elsewhere: Elsewhere) -> None:
    with elsewhere.browser() as http:
        back = httpx.URL(elsewhere.come_back(http, "ada")).copy_set_param("state", "another")
        refused(http.get(back))


def test_an_answer_to_another_browser_is_refused(elsewhere: Elsewhere) -> None:
    with elsewhere.browser() as http, elsewhere.browser() as victim:
        refused(victim.get(elsewhere.come_back(http, "root")))
        assert victim.get("/admin/users").status_code == 303


def test_another_nonce_is_refused(elsewhere: Elsewhere) -> None:
    elsewhere.misbehave(nonce=True)
    with elsewhere.browser() as http:
        refused(elsewhere.enter(http, "ada"))


def test_another_issuer_is_refused(elsewhere: Elsewhere) -> None:
    with elsewhere.browser() as http:
        back = httpx.URL(elsewhere.come_back(http, "ada")).copy_set_param("iss", "https://evil.example")
        refused(http.get(back))


def test_a_code_works_once(elsewhere: Elsewhere) -> None:
    with elsewhere.browser() as http:
        back = elsewhere.come_back(http, "ada")
        pending = http.cookies["coursepulse-pending"]
        assert http.get(back).status_code == 303
        http.cookies.set("coursepulse-pending", pending, domain="127.0.0.1")
        refused(http.get(back))


def test_a_token_signed_with_an_unknown_key_is_refused(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere.misbehave(keys=True)
    monkeypatch.setattr(elsewhere.server.identity.provider, "_keys", None)
    with elsewhere.browser() as http:
        refused(elsewhere.enter(http, "ada"))
    elsewhere.misbehave()
    monkeypatch.setattr(provider_room, "_KEYS_REST", 0.0)
    with elsewhere.browser() as http:  # a provider that changed its keys is asked for the new ones
        assert elsewhere.enter(http, "ada").status_code == 303


def test_a_provider_that_is_down_is_one_sentence(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = open_provider(
        Settings(
            oidc_issuer=f"http://127.0.0.1:{free_port()}", oidc_client_id="x", oidc_label="the university"
        )
    )
    monkeypatch.setattr(elsewhere.server.identity, "provider", away)
    begin = time.monotonic()
    with elsewhere.browser() as http:
        answer = http.get("/sign-in/provider")
    assert answer.status_code == 503
    assert "the university is not responding. Try again in a moment." in answer.text
    assert time.monotonic() - begin < 5
    assert away
    away.close()


def refused(answer: httpx.Response) -> None:
    assert answer.status_code == 401
    assert "Your sign-in could not be confirmed. Please start again." in answer.text
    assert not [
        cookie for cookie in answer.headers.get_list("set-cookie") if cookie.startswith("coursepulse=")
    ]


@pytest.mark.parametrize(
    ("chosen", "word"),
    [
        ({"oidc_client_id": ""}, "OIDC_CLIENT_ID"),
        ({"oidc_roles": "teaching"}, "OIDC_ROLES"),
        ({"oidc_roles": "teaching=king"}, "OIDC_ROLES"),
        ({"oidc_default_role": "king"}, "OIDC_DEFAULT_ROLE"),
    ],
)
def test_settings_that_do_not_fit_are_named(chosen: dict[str, str], word: str) -> None:
    settings = {"oidc_issuer": "https://id.example.edu", "oidc_client_id": "x"} | chosen
    with pytest.raises(SettingError, match=word):
        open_provider(Settings(**settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["a.example.edu", "ftp://a.example.edu", "https://a.example.edu/sub"])
def test_a_public_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(SettingError, match="COURSEPULSE_PUBLIC_URL"):
        check_public_url(url)
