"""The first administrator of an empty installation: a link that works once, for the person who started the server."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from coursepulse.web.identity.set_up import SetUp
from tests.identity.harness import PASSWORD, IdentityHarness
from tests.support.browsing import token_of, visit


@pytest.fixture
def empty(server: IdentityHarness, monkeypatch: pytest.MonkeyPatch) -> IdentityHarness:
    """A server that has just started and has no account."""
    monkeypatch.setattr(server.identity, "set_up", SetUp(server.identity.accounts))
    return server


def send(
    http: httpx.Client, server: IdentityHarness, name: str = "ada", password: str = PASSWORD
) -> httpx.Response:
    path = server.identity.set_up.path
    shown = http.get(path)
    if shown.status_code != 200:
        return shown
    token = path.partition("=")[2]
    form = {"form_token": token_of(shown.text), "token": token, "login_name": name, "password": password}
    return http.post("/set-up", data=form)


def test_the_link_makes_an_administrator_who_is_signed_in_and_told_what_comes_next(
    empty: IdentityHarness,
) -> None:
    with visit(empty.url) as http:
        assert "set-up link" in http.get("/sign-in").text
        made = send(http, empty)
        assert (made.status_code, made.headers["location"]) == (303, "/first-steps")
        steps = http.get("/first-steps").text
        assert all(f'id="step-{slug}"' in steps for slug in ("events", "roster", "people"))
        commands = re.findall(r"<pre[^>]*><code>(.*?)</code>", steps)
        sets = [number for number, command in enumerate(commands) if command.startswith("KEY=&#39;")]
        uses = [number for number, command in enumerate(commands) if "$KEY" in command]
        assert sets == [0]
        assert uses
        # Copied one after the other, they end in an instructor who sees the class of the event.
        person = re.findall(r"--person ([\w-]+)", steps)[0]
        assert any("/v1/roster/courses" in command and person in command for command in commands)
        assert "set-up link" not in http.get("/sign-in").text
    added = [entry for entry in empty.trail.entries if entry.tag == "identity:account:add"]
    assert [entry.actor for entry in added] == ["set-up"]


def test_the_link_works_once(empty: IdentityHarness) -> None:
    with visit(empty.url) as http, visit(empty.url) as other:
        assert send(http, empty).status_code == 303
        late = send(other, empty, "eve")
        assert (late.status_code, "coursepulse users add" in late.text) == (410, True)
    assert [account.login_name for account in empty.identity.accounts.everyone()] == ["ada"]


def test_of_two_who_open_the_link_at_once_one_becomes_administrator(empty: IdentityHarness) -> None:
    with visit(empty.url) as one, visit(empty.url) as two:
        path = empty.identity.set_up.path
        tokens = [token_of(http.get(path).text) for http in (one, two)]

        def post(http: httpx.Client, name: str, form_token: str) -> int:
            form = {"form_token": form_token, "token": path.partition("=")[2], "login_name": name}
            return http.post("/set-up", data=form | {"password": PASSWORD}).status_code

        with ThreadPoolExecutor() as pool:
            answers = list(pool.map(post, (one, two), ("ada", "eve"), tokens))
    assert sorted(answers) == [303, 410]


@pytest.mark.parametrize("token", ["", "wrong", "ä", "x" * 5000])
def test_another_token_opens_nothing(empty: IdentityHarness, token: str) -> None:
    with visit(empty.url) as http:
        assert http.get("/set-up", params={"token": token}).status_code == 410


def test_a_weak_password_is_explained_and_the_link_still_works(empty: IdentityHarness) -> None:
    with visit(empty.url) as http:
        assert send(http, empty, password="short").status_code == 400
        assert send(http, empty, password="").status_code == 400
        assert send(http, empty).status_code == 303


def test_first_steps_are_for_administrators(server: IdentityHarness) -> None:
    server.add("ada", "admin")
    server.add("sam")
    with server.signed_in("sam") as http:
        assert http.get("/first-steps").status_code == 403
    with server.signed_in("ada") as http:
        assert http.get("/first-steps").status_code == 200


def test_an_installation_with_accounts_has_no_link(empty: IdentityHarness) -> None:
    empty.add("ada", "admin")
    with visit(empty.url) as http:
        assert http.get(empty.identity.set_up.path).status_code == 410
