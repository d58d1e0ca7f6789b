"""Sessions: how they end, and which forms they let through."""

from __future__ import annotations

import httpx
import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler

from coursepulse.kit.clock import HOUR, MINUTE
from coursepulse.store.postgres.connect import Pool
from coursepulse.web.routes import ROUTES
from tests.identity.harness import PASSWORD, IdentityHarness
from tests.support.browsing import token_of, try_sign_in, visit

#: A mail program presses these for somebody who is signed in nowhere (RFC 8058): the link itself proves who it is.
BY_LINK = ("/unsubscribe/{token:str}", "/reports/stop/{token:str}")

#: Forms with a file travel another way.
WITH_FILE = "/admin/reconciliation"

#: Every other address of a page that changes something.
CHANGING = sorted(
    path
    for route in ROUTES
    if isinstance(route, HTTPRouteHandler)
    for path in route.paths
    if not path.startswith("/v1/") and route.http_methods & {"POST", "PUT", "PATCH", "DELETE"}
    if path not in BY_LINK
)


def lives(http: httpx.Client) -> bool:
    return http.get("/definitions").status_code == 200


def test_signing_out_ends_this_session_only(server: IdentityHarness) -> None:
    server.add("ann")
    with server.signed_in("ann") as here, server.signed_in("ann") as there:
        token = token_of(here.get("/definitions").text)
        answer = here.post("/sign-out", data={"form_token": token})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert (lives(here), lives(there)) == (False, True)


def test_signing_out_everywhere_ends_them_all(server: IdentityHarness) -> None:
    server.add("ann")
    server.add("bob")
    with server.signed_in("ann") as here, server.signed_in("ann") as there, server.signed_in("bob") as other:
        token = token_of(here.get("/definitions").text)
        here.post("/sign-out", data={"form_token": token, "everywhere": "yes"})
        assert (lives(here), lives(there), lives(other)) == (False, False, True)


def test_a_token_that_was_stolen_is_worth_nothing_after_signing_out(server: IdentityHarness) -> None:
    server.add("ann")
    with server.signed_in("ann") as http:
        stolen = dict(http.cookies)
        http.post("/sign-out", data={"form_token": token_of(http.get("/definitions").text)})
    with httpx.Client(base_url=server.url, cookies=stolen) as thief:
        assert thief.get("/definitions").status_code == 401


def test_signing_in_makes_another_token(server: IdentityHarness) -> None:
    server.add("ann")
    with server.signed_in("ann") as http:
        old = http.cookies["coursepulse"]
        try_sign_in(http, "ann", PASSWORD)
        assert http.cookies["coursepulse"] != old
        with httpx.Client(base_url=server.url, cookies={"coursepulse": old}) as stale:
            assert not lives(stale)


def test_a_new_password_ends_every_session(server: IdentityHarness) -> None:
    server.add("ann")
    with server.signed_in("ann") as http:
        made = server.api("PATCH", "/v1/accounts/ann", {"password": ""}).json()["password"]
        assert not lives(http)
    assert server.answer("ann", PASSWORD).status_code == 401
    assert server.answer("ann", made).status_code == 303


def test_a_session_ends_when_nobody_uses_it(server: IdentityHarness) -> None:
    server.add("ann")
    with server.signed_in("ann") as http:
        for _ in range(3):
            server.skipped += 50 * MINUTE
            assert lives(http)
        server.skipped += 61 * MINUTE
        assert not lives(http)


def test_a_session_ends_after_a_day_of_work(server: IdentityHarness) -> None:
    server.add("ann")
    with server.signed_in("ann") as http:
        for _ in range(14):
            server.skipped += 50 * MINUTE
            assert lives(http)
        server.skipped += 30 * MINUTE
        assert not lives(http)


def test_expired_sessions_are_dropped(server: IdentityHarness, the_pool: Pool) -> None:
    server.add("ann")
    with server.signed_in("ann"):
        server.skipped += 13 * HOUR
        server.identity.sessions.purge()
    with the_pool.connection() as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (0,)


def test_only_a_hash_of_the_token_is_kept(server: IdentityHarness, the_pool: Pool) -> None:
    server.add("ann")
    with server.signed_in("ann") as http, the_pool.connection() as connection:
        rows = connection.execute("SELECT sessions::text FROM sessions").fetchall()
        assert http.cookies["coursepulse"] not in repr(rows)
        assert http.cookies["coursepulse"].encode().hex() not in repr(rows)


#: Headers of a form, whether it has the token of a page, and the code of what it is refused with.
FOREIGN: list[tuple[dict[str, str], bool, str]] = [
    ({"Origin": "https://evil.example"}, True, "foreign_form"),
    ({"Origin": "null"}, True, "foreign_form"),
    ({"Sec-Fetch-Site": "cross-site"}, True, "foreign_form"),
    ({"Sec-Fetch-Site": "same-site"}, True, "foreign_form"),
    ({"Origin": ""}, True, "foreign_form"),
    ({}, False, "form_expired"),
]


@pytest.mark.parametrize("path", CHANGING)
def test_no_page_takes_a_form_from_elsewhere(server: IdentityHarness, path: str) -> None:
    # Those who teach write to students.
    server.add("ann", "instructor" if path.startswith("/messages") else "admin")
    with server.signed_in("ann") as http:
        shown = "/sign-in" if path in ("/sign-in", "/set-up") else "/notifications"
        for headers, with_token, code in FOREIGN:
            token = token_of(http.get(shown).text) if with_token else "0" * 64
            told = {"Accept": "*/*"} | headers
            if path == WITH_FILE:
                answer = http.post(path, files={"form_token": (None, token)}, headers=told)
            else:
                answer = http.post(path, data={"form_token": token}, headers=told)
            assert (answer.status_code, answer.json()["code"]) == (403, code), told
            assert lives(http)


def test_there_are_forms_to_protect() -> None:
    assert [
        *("/admin/keys", "/admin/models", "/admin/reconciliation", "/admin/users", "/alerts", "/break-glass"),
        *("/courses/{course_id:str}/alert-thresholds", "/courses/{course_id:str}/leaderboard"),
        "/courses/{course_id:str}/predictions",
        "/courses/{course_id:str}/risk-thresholds",
        *("/goals", "/language", "/messages", "/messages/templates", "/notifications"),
        *("/privacy/consents", "/privacy/erasures", "/privacy/exports", "/privacy/leaderboards"),
        *("/reports", "/set-up", "/sign-in", "/sign-out", "/webhooks"),
    ] == CHANGING


def test_a_token_of_another_session_is_refused(server: IdentityHarness) -> None:
    server.add("ann", "admin")
    server.add("eve", "admin")
    with server.signed_in("ann") as ann, server.signed_in("eve") as eve:
        token = token_of(eve.get("/admin/users").text)
        form = {"form_token": token, "do": "add", "login_name": "mallory", "role": "admin"}
        assert ann.post("/admin/users", data=form).status_code == 403
        assert server.identity.accounts.find("mallory") is None


def test_whoever_is_not_signed_in_gets_pages_elsewhere_and_json_as_401(server: IdentityHarness) -> None:
    with visit(server.url) as http:
        page = http.get("/courses/c?days=7")
        assert (page.status_code, page.headers["location"]) == (
            303,
            "/sign-in?next=%2Fcourses%2Fc%3Fdays%3D7",
        )
        for path in ("/cards/course_lessons.json", "/live/changes", "/v1/metrics"):
            answer = http.get(path, headers={"Accept": "application/json"})
            assert answer.status_code == 401, path
        seen = {"HX-Request": "true", "HX-Current-URL": f"{server.url}/courses/c", "Accept": "*/*"}
        part = http.get("/cards/course_lessons", headers=seen)
        assert (part.status_code, part.headers["hx-redirect"]) == (401, "/sign-in?next=%2Fcourses%2Fc")


def test_the_metrics_can_be_read_with_a_session(server: IdentityHarness) -> None:
    server.add("ann", "instructor")
    with server.signed_in("ann") as http:
        assert http.get("/v1/metrics").status_code == 200
        assert http.get("/v1/accounts").status_code == 401


@pytest.mark.parametrize("role", ["student", "instructor", "manager", "auditor"])
def test_only_administrators_manage_accounts_and_keys(server: IdentityHarness, role: str) -> None:
    server.add("ann", role)
    with server.signed_in("ann") as http:
        assert [http.get(path).status_code for path in ("/admin/users", "/admin/keys")] == [403, 403]
        token = token_of(http.get("/definitions").text)
        form = {"form_token": token, "do": "role", "login_name": "ann", "role": "admin"}
        assert http.post("/admin/users", data=form).status_code == 403
        assert server.identity.accounts.find("ann").account.role == role


def test_behind_https_the_cookie_is_bound_to_the_host(
    server: IdentityHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add("ann")
    public = msgspec.structs.replace(server.services.settings, public_url="https://a.example.edu")
    monkeypatch.setattr(server.services, "settings", public)
    with httpx.Client(base_url=server.url, headers={"Origin": "https://a.example.edu"}) as http:
        shown = http.get("/sign-in")
        visit_cookie = shown.headers["set-cookie"].partition(";")[0]
        form = {"form_token": token_of(shown.text), "login_name": "ann", "password": PASSWORD}
        answer = http.post("/sign-in", data=form, headers={"Cookie": visit_cookie})
    parts = answer.headers["set-cookie"].split("; ")
    assert parts[0].startswith("__Host-coursepulse=")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(parts)
    assert not any(part.startswith("Domain") for part in parts)


def test_no_password_travels_where_everybody_can_read_it(
    server: IdentityHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add("ann")
    public = msgspec.structs.replace(server.services.settings, public_url="http://a.example.edu")
    monkeypatch.setattr(server.services, "settings", public)
    with visit(server.url) as http:
        http.headers["Origin"] = "http://a.example.edu"
        answer = try_sign_in(http, "ann", PASSWORD)
    assert answer.status_code == 403
    assert "only accepted over HTTPS" in answer.text


def test_a_session_of_a_disabled_account_opens_nothing(server: IdentityHarness) -> None:
    server.add("ann")
    with server.signed_in("ann") as http:
        server.identity.accounts.change("ann", disabled=True)  # its sessions are still there
        assert not lives(http)
