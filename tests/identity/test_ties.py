"""Accounts that show a student's record, and keys that read: made with a reason, and seen by those they concern."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.kit.ids import to_text
from tests.identity.harness import PASSWORD, IdentityHarness
from tests.support.browsing import post_form

WHY = "Ann forgot who she is at the provider."


@pytest.fixture
def ann(server: IdentityHarness) -> str:
    """The pseudonym of Ann."""
    return to_text(server.identity.person("ann"))


def flags(server: IdentityHarness) -> list[tuple[str, str, str, str]]:
    return [
        (each.kind, str(each.student_id or ""), each.about, each.reason)
        for each in server.services.break_glass.find(None)
    ]


def ties(server: IdentityHarness) -> list[tuple[str, str, str]]:
    found = [entry for entry in server.trail.entries if entry.tag == "identity:student:tie"]
    return [(entry.actor, entry.subject, entry.detail) for entry in found]


def add(server: IdentityHarness, **body: Any) -> dict[str, Any]:
    made = {"login_name": "eve", "role": "student", "person": "ann", "password": PASSWORD} | body
    answer: dict[str, Any] = server.api("POST", "/v1/accounts", made).json()
    return answer


@pytest.mark.parametrize("reason", ["", "because", "   too    short "])
def test_nobody_is_tied_to_a_student_without_a_reason(server: IdentityHarness, reason: str) -> None:
    assert add(server, reason=reason)["code"] == "reason_too_short"
    server.add("eve", "instructor", "ann")
    server.add("bob", "student")
    before = flags(server), ties(server)
    for name, change in [("eve", {"role": "student"}), ("bob", {"person": "ann"})]:
        answer = server.api("PATCH", f"/v1/accounts/{name}", change | {"reason": reason})
        assert answer.json()["code"] == "reason_too_short"
    assert (flags(server), ties(server)) == before
    assert ties(server) == []
    assert not server.identity.accounts.find("bob").account.student_id


def test_a_tied_account_stands_in_the_trail_about_the_student_and_is_flagged(
    server: IdentityHarness, ann: str
) -> None:
    account = f"account:{add(server, reason=WHY)['account_id']}"
    assert ties(server) == [("key:local", ann, account)]
    assert flags(server) == [("account", ann, account, WHY)]
    [opened] = server.api("GET", "/v1/break-glass").raise_for_status().json()
    assert (opened["kind"], opened["about"], opened["flagged"]) == ("account", account, True)


@pytest.mark.parametrize("change", [{"role": "student"}, {"role": "student", "person": "ann"}])
def test_every_way_to_tie_is_one(server: IdentityHarness, ann: str, change: dict[str, str]) -> None:
    account = server.add("eve", "instructor", "ann")
    before = flags(server)
    server.api("PATCH", "/v1/accounts/eve", change | {"reason": WHY}).raise_for_status()
    assert flags(server) == [("account", ann, account.subject, WHY), *before]
    server.api("PATCH", "/v1/accounts/eve", {"organisation_id": ""}).raise_for_status()
    server.api("PATCH", "/v1/accounts/eve", {"role": "student", "person": "ann"}).raise_for_status()
    assert len(ties(server)) == 1, "what was so before is nothing new"


def test_the_pages_ask_for_the_reason_too(server: IdentityHarness, ann: str) -> None:
    server.add("root", "admin")
    server.add("eve", "instructor", "ann")
    with server.signed_in("root") as http:
        new = {"do": "add", "login_name": "mal", "role": "student", "person": "ann"}
        assert post_form(http, "/admin/users", **new).status_code == 400
        assert post_form(http, "/admin/users", **new, reason=WHY).status_code == 200
        role = {"do": "role", "login_name": "eve", "role": "student"}
        assert post_form(http, "/admin/users", **role).status_code == 400
        assert post_form(http, "/admin/users", **role, reason=WHY).status_code == 200
        shown = http.get("/break-glass").text
    assert [flag[:2] for flag in flags(server) if flag[3] == WHY] == [("account", ann)] * 2
    assert shown.count("An account was tied to this person") == 3
    assert "mal" in shown


def test_what_is_tied_opens_nothing_to_whoever_tied_it(server: IdentityHarness) -> None:
    root = server.add("root", "admin")
    with server.signed_in("root") as http:
        post_form(http, "/admin/users", do="add", login_name="mal", role="student", person="ann", reason=WHY)
    assert server.services.break_glass.find(root.subject)[0].kind == "account"
    assert not server.services.relations.tie(Viewer(role=Role.ADMIN, subject=root.subject), None).opened


@pytest.mark.parametrize("reason", ["", "because"])
def test_nobody_gets_a_new_password_to_a_record_without_a_reason(
    server: IdentityHarness, reason: str
) -> None:
    server.add("eve", "student", "ann")
    before = flags(server), ties(server)
    answer = server.api("PATCH", "/v1/accounts/eve", {"password": "", "reason": reason})
    assert answer.json()["code"] == "reason_too_short"
    assert server.answer("eve", PASSWORD).status_code == 303
    assert (flags(server), ties(server)) == before


def test_a_new_password_to_a_record_is_flagged_as_the_tie_is(server: IdentityHarness, ann: str) -> None:
    account = server.add("eve", "student", "ann")
    server.api("PATCH", "/v1/accounts/eve", {"password": "", "reason": WHY}).raise_for_status()
    assert ("account", ann, account.subject, WHY) in flags(server)
    assert ties(server)[1:] == [("key:local", ann, account.subject)]
    server.add("root", "admin")
    with server.signed_in("root") as http:
        new = {"do": "password", "login_name": "eve"}
        assert post_form(http, "/admin/users", **new).status_code == 400
        assert post_form(http, "/admin/users", **new, reason=WHY).status_code == 200
    assert len(flags(server)) == len(ties(server)) == 3


OTHERS = ["instructor", "manager", "admin", "auditor"]


def rights(server: IdentityHarness) -> list[tuple[str, str, str, str]]:
    found = [each for each in server.trail.entries if each.tag == "identity:person:tie"]
    return [(each.actor, each.subject, each.detail, each.purpose) for each in found]


@pytest.mark.parametrize("reason", ["", "because"])
@pytest.mark.parametrize("role", OTHERS)
def test_nobody_gets_the_rights_of_a_person_without_a_reason(
    server: IdentityHarness, role: str, reason: str
) -> None:
    assert add(server, role=role, reason=reason)["code"] == "reason_too_short"
    server.add("bob", role)
    answer = server.api("PATCH", "/v1/accounts/bob", {"person": "ann", "reason": reason})
    assert answer.json()["code"] == "reason_too_short"
    assert (flags(server), rights(server)) == ([], [])
    assert not server.identity.accounts.find("bob").account.student_id


@pytest.mark.parametrize("role", OTHERS)
def test_whose_rights_an_account_has_is_an_entry_about_them_and_flagged(
    server: IdentityHarness, ann: str, role: str
) -> None:
    account = f"account:{add(server, role=role, reason=WHY)['account_id']}"
    again = {"person": "bob", "reason": "Bob has her classes now."}
    server.api("PATCH", "/v1/accounts/eve", again).raise_for_status()
    server.api("PATCH", "/v1/accounts/eve", {"password": "", "reason": WHY}).raise_for_status()
    bob = to_text(server.identity.person("bob"))
    assert [entry[:3] for entry in rights(server)] == [
        ("key:local", ann, account),
        ("key:local", bob, account),
        ("key:local", bob, account),
    ]
    assert all(re.fullmatch(r"Opened record \d+\.", entry[3]) for entry in rights(server))
    assert flags(server) == [
        ("account", bob, account, WHY),
        ("account", bob, account, "Bob has her classes now."),
        ("account", ann, account, WHY),
    ]
    opened = server.api("GET", "/v1/break-glass").raise_for_status().json()
    assert [each["flagged"] for each in opened] == [True] * 3


def test_every_administrator_is_told_of_a_new_teacher(server: IdentityHarness, ann: str) -> None:
    for name in ("root", "other"):
        server.add(name, "admin")
    with server.signed_in("root") as http:
        new = {"do": "add", "login_name": "mal", "role": "instructor", "person": "ann"}
        assert post_form(http, "/admin/users", **new).status_code == 400
        assert post_form(http, "/admin/users", **new, reason=WHY).status_code == 200
    with server.signed_in("other") as http:
        shown = http.get("/break-glass").text
    assert "An account was tied to this person: mal" in shown
    assert WHY in shown


def test_a_program_that_lists_openings_leaves_an_entry_about_each_person(
    server: IdentityHarness, ann: str
) -> None:
    server.add("eve", "student", "ann")
    server.add("tom", "instructor", "bob")
    server.trail.entries.clear()
    server.api("GET", "/v1/break-glass").raise_for_status()
    told = [(entry.subject, entry.detail) for entry in server.trail.entries]
    assert told == [(each, "rows=2") for each in sorted([ann, to_text(server.identity.person("bob"))])]


def test_two_changes_at_once_are_judged_one_after_the_other(
    server: IdentityHarness, ann: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.add("eve", "instructor")
    find, both = server.identity.accounts.find, threading.Barrier(2)

    def find_together(name: str) -> Any:
        found = find(name)
        with suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        return found

    monkeypatch.setattr(server.identity.accounts, "find", find_together)
    with ThreadPoolExecutor() as pool:
        list(
            pool.map(
                lambda change: server.api("PATCH", "/v1/accounts/eve", change),
                [{"role": "student"}, {"person": "ann"}],
            )
        )
    eve = find("eve").account
    assert (eve.role, eve.student_id) != (Role.STUDENT, server.identity.person("ann")), (
        "and no reason was given"
    )


def test_a_key_that_shows_records_is_flagged_and_others_are_not(server: IdentityHarness) -> None:
    keys = {"reads": ["read", "ingest"], "frames": ["embed"], "exports": ["privacy"], "sends": ["ingest"]}
    for name, scopes in keys.items():
        server.api("POST", "/v1/keys", {"name": name, "scopes": scopes}).raise_for_status()
    shown = {("key", "", "key:reads"), ("key", "", "key:frames"), ("key", "", "key:exports")}
    assert {flag[:3] for flag in flags(server)} == shown
    server.add("root", "admin")
    with server.signed_in("root") as http:
        assert "A key that shows any record: reads" in http.get("/break-glass").text
    opened = server.api("GET", "/v1/break-glass").raise_for_status().json()
    assert [(each["kind"], each["student"]) for each in opened] == [("key", "")] * 3
