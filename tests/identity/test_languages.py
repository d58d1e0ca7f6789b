"""Somebody chooses a language: it is kept on the account, before the sign-in in the browser, and pages follow it."""

from __future__ import annotations

import httpx
import pytest

from tests.identity.harness import IdentityHarness
from tests.support.browsing import token_of, visit

PAGE = {"Accept": "text/html"}


def html_of(http: httpx.Client, path: str = "/sign-in", **headers: str) -> str:
    answer = http.get(path, headers=PAGE | headers)
    return answer.text.partition("<html ")[2].partition(">")[0]


def choose(http: httpx.Client, language: str, path: str = "/definitions") -> httpx.Response:
    data = {"language": language, "form_token": token_of(http.get(path).text)}
    return http.post("/language", data=data, headers={"Referer": f"{http.base_url}{path}?a=b"})


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", 'lang="de" dir="ltr"'),
        ("fr, ar;q=0.5, de;q=0.4", 'lang="ar" dir="rtl"'),
        ("fr", 'lang="en" dir="ltr"'),
        ("de;q=0, en", 'lang="en" dir="ltr"'),
        ("de;q=x,,;;q", 'lang="en" dir="ltr"'),
    ],
)
def test_a_browser_is_answered_in_what_it_asks_for(server: IdentityHarness, asked: str, spoken: str) -> None:
    with visit(server.url) as http:
        assert html_of(http, **{"Accept-Language": asked}) == spoken


def test_a_choice_before_the_sign_in_is_kept_in_the_browser(server: IdentityHarness) -> None:
    with visit(server.url) as http:
        answer = http.post("/language", data={"language": "ar"}, headers={"Referer": f"{server.url}/sign-in"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert html_of(http, **{"Accept-Language": "de"}) == 'lang="ar" dir="rtl"'
    with visit(server.url) as other:
        assert html_of(other) == 'lang="en" dir="ltr"'


def test_a_choice_goes_with_the_account_and_wins_over_the_browsers(server: IdentityHarness) -> None:
    server.add("ann")
    with server.signed_in("ann") as here, server.signed_in("ann") as there:
        there.cookies.set("language", "ar")
        answer = choose(here, "de")
        assert (answer.status_code, answer.headers["location"]) == (303, "/definitions?a=b")
        assert html_of(here, "/definitions") == html_of(there, "/definitions") == 'lang="de" dir="ltr"'
    with visit(server.url) as http:
        assert html_of(http) == 'lang="en" dir="ltr"'


def test_a_language_that_there_is_not_is_refused(server: IdentityHarness) -> None:
    server.add("ann")
    with server.signed_in("ann") as http:
        assert choose(http, "tlh").status_code == 400
        assert html_of(http, "/definitions") == 'lang="en" dir="ltr"'


def test_no_choice_leads_to_another_server(server: IdentityHarness) -> None:
    with visit(server.url) as http:
        foreign = {"Referer": "https://elsewhere.example//evil.example/x"}
        assert http.post("/language", data={"language": "de"}, headers=foreign).headers["location"] == "/"


def test_programs_are_answered_in_english(server: IdentityHarness) -> None:
    headers = {"Accept-Language": "de", "Cookie": "language=ar", "Authorization": f"Bearer {server.local}"}
    answer = httpx.patch(f"{server.url}/v1/accounts/nobody", json={"disabled": True}, headers=headers)
    assert answer.json()["sentence"] == "There is no such account."


def test_an_error_page_has_the_menu_and_the_language_of_its_reader(server: IdentityHarness) -> None:
    server.add("ann", "admin")
    with server.signed_in("ann") as http:
        choose(http, "de")
        lost = http.get("/no/such/page", headers=PAGE)
        refused = http.get("/privacy", headers=PAGE)
    assert (lost.status_code, "ann" in lost.text, 'id="sign-out"' in lost.text) == (404, True, True)
    assert "Unter dieser Adresse gibt es nichts." in lost.text
    assert 'href="/admin/users"' in refused.text
    assert 'lang="de"' in refused.text
    with visit(server.url) as http:
        stranger = http.get("/no/such/page", headers=PAGE | {"Accept-Language": "ar"})
    assert (stranger.status_code, 'id="sign-out"' in stranger.text) == (404, False)
    assert 'dir="rtl"' in stranger.text


def test_a_form_says_what_is_wrong_in_the_language_of_its_reader(server: IdentityHarness) -> None:
    server.add("ann", "admin")
    with server.signed_in("ann") as http:
        choose(http, "de")
        form = {"do": "add", "login_name": "not a name", "role": "admin"}
        form["form_token"] = token_of(http.get("/admin/users").text)
        answer = http.post("/admin/users", data=form, headers=PAGE)
    assert (answer.status_code, "Ein Anmeldename hat bis zu 128" in answer.text) == (400, True)
