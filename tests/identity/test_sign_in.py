"""Signing in with a password: who gets in, who does not, and what those learn who do not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from statistics import median
from time import perf_counter

import pytest

from coursepulse.access.account_pause import FOR_ADDRESS
from coursepulse.kit.clock import HOUR, MINUTE
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.store.postgres.connect import Pool
from coursepulse.web.identity.passwords import Passwords
from tests.identity.harness import PASSWORD, IdentityHarness
from tests.support.browsing import post_form, token_of, try_sign_in, visit


@pytest.fixture
def still(server: IdentityHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time passes only when a test says so: pauses of two seconds are short for a busy machine."""
    now = server.services.clock()
    monkeypatch.setattr(server.services, "clock", lambda: now + server.skipped)


def disable(server: IdentityHarness, name: str) -> None:
    server.api("PATCH", f"/v1/accounts/{name}", {"disabled": True}).raise_for_status()


def test_whoever_knows_the_password_gets_in_and_comes_back_to_where_they_were(
    server: IdentityHarness,
) -> None:
    server.add("ann", "admin")
    with visit(server.url) as http:
        asked = http.get("/admin/users?x=1")
        assert (asked.status_code, asked.headers["location"]) == (
            303,
            "/sign-in?next=%2Fadmin%2Fusers%3Fx%3D1",
        )
        answer = try_sign_in(http, " ANN ", PASSWORD, "/admin/users?x=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/admin/users?x=1")
        assert "ann" in http.get("/admin/users").text
    assert server.trail.tags()[-2:] == ["identity:account:sign_in", "identity:account:read"]


@pytest.mark.parametrize(
    "there", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "/\t/evil", ""]
)
def test_nobody_is_sent_to_another_site(server: IdentityHarness, there: str) -> None:
    server.add("ann")
    with visit(server.url) as http:
        assert try_sign_in(http, "ann", PASSWORD, there).headers["location"] == "/"


def test_failures_tell_nothing(server: IdentityHarness) -> None:
    for name in ("ann", "bob"):
        server.add(name)
    disable(server, "bob")
    answers = [
        server.answer("ann", "wrong"),
        server.answer("nobody", "wrong"),
        server.answer("bob", PASSWORD),
    ]
    texts = set()
    for answer, name in zip(answers, ("ann", "nobody", "bob"), strict=True):
        text = answer.text.replace(token_of(answer.text), "").replace(f'value="{name}"', "")
        texts.add((answer.status_code, text))
    assert len(texts) == 1
    assert answers[0].status_code == 401
    refused = [entry for entry in server.trail.entries if entry.tag == "identity:account:refuse"]
    assert [entry.detail for entry in refused] == ["wrong password", "unknown name", "disabled"]
    assert all(entry.actor == "anonymous" and entry.address == "127.0.0.0/24" for entry in refused)


def test_failures_take_the_same_time(server: IdentityHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server.identity, "passwords", Passwords())
    server.add("ann")
    taken: dict[str, list[float]] = {"ann": [], "nobody": []}
    with visit(server.url) as http:
        for _ in range(4):
            for name, times in taken.items():
                begin = perf_counter()
                assert try_sign_in(http, name, "wrong").status_code == 401
                times.append(perf_counter() - begin)
    slow, fast = median(taken["ann"]), median(taken["nobody"])
    # An unknown name that skipped the hash would be answered in a fifth of the time.
    assert 0.5 < slow / fast < 2.0


def test_guessing_becomes_slower_for_known_and_unknown_names_alike(
    server: IdentityHarness, still: None
) -> None:
    server.add("ann")
    for name in ("ann", "nobody"):
        statuses = [server.answer(name, "wrong").status_code for _ in range(6)]
        assert statuses == [401, 401, 401, 401, 401, 429], name
    paused = server.answer("ann", PASSWORD)
    assert paused.status_code == 429
    assert 1 <= int(paused.headers["retry-after"]) <= 2
    server.skipped += MINUTE
    assert server.answer("ann", PASSWORD).status_code == 303
    assert server.answer("ann", "wrong").status_code == 401


def test_attempts_side_by_side_count_one_by_one(server: IdentityHarness, still: None) -> None:
    server.add("ann")
    with ThreadPoolExecutor(12) as threads:
        statuses = sorted(threads.map(lambda _: server.answer("ann", "wrong").status_code, range(12)))
    assert statuses == [401] * 5 + [429] * 7


def test_an_address_that_tries_many_names_has_to_wait(server: IdentityHarness, still: None) -> None:
    server.add("ann")
    place = server.identity.hide("address 127.0.0.1")
    for _ in range(31):  # counted by the store itself: 31 hashes would take seconds
        server.identity.accounts.begin_attempt(place, FOR_ADDRESS, server.services.clock())
    assert server.answer("ann", PASSWORD).status_code == 429
    server.skipped += HOUR
    assert server.answer("ann", PASSWORD).status_code == 303


def test_a_customer_of_ipv6_has_many_addresses_and_waits_all_the_same(
    server: IdentityHarness, still: None
) -> None:
    server.add("ann")
    place = server.identity.hide("address 2001:db8:7:7::/64")
    for _ in range(31):
        server.identity.accounts.begin_attempt(place, FOR_ADDRESS, server.services.clock())
    statuses = []
    for come_from in ("2001:db8:7:7::1", "2001:db8:7:7:ffff::2", "2001:db8:7:8::1"):
        with visit(server.url) as http:
            http.headers["X-Forwarded-For"] = come_from
            statuses.append(try_sign_in(http, "ann", PASSWORD).status_code)
    assert statuses == [429, 429, 303]


def test_no_session_without_an_entry_in_the_trail(
    server: IdentityHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add("ann")

    def fail(_: object) -> None:
        raise StoreUnavailable("no trail")

    monkeypatch.setattr(server.trail, "write", fail)
    answer = server.answer("ann", PASSWORD)
    assert answer.status_code == 503
    assert "set-cookie" not in answer.headers


def test_what_was_typed_and_where_from_is_not_kept(server: IdentityHarness, the_pool: Pool) -> None:
    server.answer("my-secret-in-the-wrong-field", "wrong")
    with the_pool.connection() as connection:
        rows = connection.execute("SELECT whom FROM sign_in_failures").fetchall()
    assert len(rows) == 2
    assert all(len(row[0]) == 32 for row in rows)
    assert "my-secret" not in repr(server.trail.entries)


def test_the_cookie_is_out_of_reach(server: IdentityHarness) -> None:
    server.add("ann")
    cookie = server.answer("ann", PASSWORD).headers["set-cookie"]
    assert cookie.startswith("coursepulse=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie  # plain http, on this machine only


def test_a_role_that_was_taken_away_is_gone_at_the_next_click(server: IdentityHarness) -> None:
    server.add("ann", "admin")
    with server.signed_in("ann") as http:
        assert http.get("/admin/users").status_code == 200
        server.api("PATCH", "/v1/accounts/ann", {"role": "student"}).raise_for_status()
        assert http.get("/admin/users").status_code == 403
        disable(server, "ann")
        assert http.get("/admin/users").status_code == 303


def test_nobody_locks_themselves_out(server: IdentityHarness) -> None:
    server.add("ann", "admin")
    with server.signed_in("ann") as http:
        answer = post_form(http, "/admin/users", do="disable", login_name="ann")
        assert answer.status_code == 409
        assert "Ask another administrator" in answer.text
