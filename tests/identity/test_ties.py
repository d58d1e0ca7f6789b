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
from tests.identity.house import PASSWORD, House
from tests.support.browsing import post_form

WHY = "Ann forgot who she is at the provider."


@pytest.fixture
def ann(home: House) -> str:
    """The pseudonym of Ann."""
    return to_text(home.identity.person("ann"))


def flags(home: House) -> list[tuple[str, str, str, str]]:
    return [
        (each.kind, str(each.student_id or ""), each.about, each.reason)
        for each in home.services.break_glass.find(None)
    ]


def ties(home: House) -> list[tuple[str, str, str]]:
    found = [entry for entry in home.trail.entries if entry.tag == "identity:student:tie"]
    return [(entry.actor, entry.subject, entry.detail) for entry in found]


def add(home: House, **body: Any) -> dict[str, Any]:
    made = {"login_name": "eve", "role": "student", "person": "ann", "password": PASSWORD} | body
    answer: dict[str, Any] = home.api("POST", "/v1/accounts", made).json()
    return answer


@pytest.mark.parametrize("reason", ["", "because", "   too    short "])
def test_nobody_is_tied_to_a_student_without_a_reason(home: House, reason: str) -> None:
    assert add(home, reason=reason)["code"] == "reason_too_short"
    home.add("eve", "instructor", "ann")
    home.add("bob", "student")
    before = flags(home), ties(home)
    for name, change in [("eve", {"role": "student"}), ("bob", {"person": "ann"})]:
        answer = home.api("PATCH", f"/v1/accounts/{name}", change | {"reason": reason})
        assert answer.json()["code"] == "reason_too_short"
    assert (flags(home), ties(home)) == before
    assert ties(home) == []
    assert not home.identity.accounts.find("bob").account.student_id


def test_a_tied_account_stands_in_the_trail_about_the_student_and_is_flagged(home: House, ann: str) -> None:
    account = f"account:{add(home, reason=WHY)['account_id']}"
    assert ties(home) == [("key:local", ann, account)]
    assert flags(home) == [("account", ann, account, WHY)]
    [opened] = home.api("GET", "/v1/break-glass").raise_for_status().json()
    assert (opened["kind"], opened["about"], opened["flagged"]) == ("account", account, True)


@pytest.mark.parametrize("change", [{"role": "student"}, {"role": "student", "person": "ann"}])
def test_every_way_to_tie_is_one(home: House, ann: str, change: dict[str, str]) -> None:
    account = home.add("eve", "instructor", "ann")
    before = flags(home)
    home.api("PATCH", "/v1/accounts/eve", change | {"reason": WHY}).raise_for_status()
    assert flags(home) == [("account", ann, account.subject, WHY), *before]
    home.api("PATCH", "/v1/accounts/eve", {"organisation_id": ""}).raise_for_status()
    home.api("PATCH", "/v1/accounts/eve", {"role": "student", "person": "ann"}).raise_for_status()
    assert len(ties(home)) == 1, "what was so before is nothing new"


def test_the_pages_ask_for_the_reason_too(home: House, ann: str) -> None:
    home.add("root", "admin")
    home.add("eve", "instructor", "ann")
    with home.signed_in("root") as http:
        new = {"do": "add", "login_name": "mal", "role": "student", "person": "ann"}
        assert post_form(http, "/admin/users", **new).status_code == 400
        assert post_form(http, "/admin/users", **new, reason=WHY).status_code == 200
        role = {"do": "role", "login_name": "eve", "role": "student"}
        assert post_form(http, "/admin/users", **role).status_code == 400
        assert post_form(http, "/admin/users", **role, reason=WHY).status_code == 200
        shown = http.get("/break-glass").text
    assert [flag[:2] for flag in flags(home) if flag[3] == WHY] == [("account", ann)] * 2
    assert shown.count("An account was tied to this person") == 3
    assert "mal" in shown


def test_what_is_tied_opens_nothing_to_whoever_tied_it(home: House) -> None:
    root = home.add("root", "admin")
    with home.signed_in("root") as http:
        post_form(http, "/admin/users", do="add", login_name="mal", role="student", person="ann", reason=WHY)
    assert home.services.break_glass.find(root.subject)[0].kind == "account"
    assert not home.services.relations.tie(Viewer(role=Role.ADMIN, subject=root.subject), None).opened


@pytest.mark.parametrize("reason", ["", "because"])
def test_nobody_gets_a_new_password_to_a_record_without_a_reason(home: House, reason: str) -> None:
    home.add("eve", "student", "ann")
    before = flags(home), ties(home)
    answer = home.api("PATCH", "/v1/accounts/eve", {"password": "", "reason": reason})
    assert answer.json()["code"] == "reason_too_short"
    assert home.answer("eve", PASSWORD).status_code == 303
    assert (flags(home), ties(home)) == before


def test_a_new_password_to_a_record_is_flagged_as_the_tie_is(home: House, ann: str) -> None:
    account = home.add("eve", "student", "ann")
    home.api("PATCH", "/v1/accounts/eve", {"password": "", "reason": WHY}).raise_for_status()
    assert ("account", ann, account.subject, WHY) in flags(home)
    assert ties(home)[1:] == [("key:local", ann, account.subject)]
    home.add("root", "admin")
    with home.signed_in("root") as http:
        new = {"do": "password", "login_name": "eve"}
        assert post_form(http, "/admin/users", **new).status_code == 400
        assert post_form(http, "/admin/users", **new, reason=WHY).status_code == 200
    assert len(flags(home)) == len(ties(home)) == 3


OTHERS = ["instructor", "manager", "admin", "auditor"]


def rights(home: House) -> list[tuple[str, str, str, str]]:
    found = [each for each in home.trail.entries if each.tag == "identity:person:tie"]
    return [(each.actor, each.subject, each.detail, each.purpose) for each in found]


@pytest.mark.parametrize("reason", ["", "because"])
@pytest.mark.parametrize("role", OTHERS)
def test_nobody_gets_the_rights_of_a_person_without_a_reason(home: House, role: str, reason: str) -> None:
    assert add(home, role=role, reason=reason)["code"] == "reason_too_short"
    home.add("bob", role)
    answer = home.api("PATCH", "/v1/accounts/bob", {"person": "ann", "reason": reason})
    assert answer.json()["code"] == "reason_too_short"
    assert (flags(home), rights(home)) == ([], [])
    assert not home.identity.accounts.find("bob").account.student_id


@pytest.mark.parametrize("role", OTHERS)
def test_whose_rights_an_account_has_is_an_entry_about_them_and_flagged(
    home: House, ann: str, role: str
) -> None:
    account = f"account:{add(home, role=role, reason=WHY)['account_id']}"
    again = {"person": "bob", "reason": "Bob has her classes now."}
    home.api("PATCH", "/v1/accounts/eve", again).raise_for_status()
    home.api("PATCH", "/v1/accounts/eve", {"password": "", "reason": WHY}).raise_for_status()
    bob = to_text(home.identity.person("bob"))
    assert [entry[:3] for entry in rights(home)] == [
        ("key:local", ann, account),
        ("key:local", bob, account),
        ("key:local", bob, account),
    ]
    assert all(re.fullmatch(r"Opened record \d+\.", entry[3]) for entry in rights(home))
    assert flags(home) == [
        ("account", bob, account, WHY),
        ("account", bob, account, "Bob has her classes now."),
        ("account", ann, account, WHY),
    ]
    opened = home.api("GET", "/v1/break-glass").raise_for_status().json()
    assert [each["flagged"] for each in opened] == [True] * 3


def test_every_administrator_is_told_of_a_new_teacher(home: House, ann: str) -> None:
    for name in ("root", "other"):
        home.add(name, "admin")
    with home.signed_in("root") as http:
        new = {"do": "add", "login_name": "mal", "role": "instructor", "person": "ann"}
        assert post_form(http, "/admin/users", **new).status_code == 400
        assert post_form(http, "/admin/users", **new, reason=WHY).status_code == 200
    with home.signed_in("other") as http:
        shown = http.get("/break-glass").text
    assert "An account was tied to this person: mal" in shown
    assert WHY in shown


def test_a_program_that_lists_openings_leaves_an_entry_about_each_person(home: House, ann: str) -> None:
    home.add("eve", "student", "ann")
    home.add("tom", "instructor", "bob")
    home.trail.entries.clear()
    home.api("GET", "/v1/break-glass").raise_for_status()
    told = [(entry.subject, entry.detail) for entry in home.trail.entries]
    assert told == [(each, "rows=2") for each in sorted([ann, to_text(home.identity.person("bob"))])]


def test_two_changes_at_once_are_judged_one_after_the_other(
    home: House, ann: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.add("eve", "instructor")
    find, both = home.identity.accounts.find, threading.Barrier(2)

    def find_together(name: str) -> Any:
        found = find(name)
        with suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        return found

    monkeypatch.setattr(home.identity.accounts, "find", find_together)
    with ThreadPoolExecutor() as pool:
        list(
            pool.map(
                lambda change: home.api("PATCH", "/v1/accounts/eve", change),
                [{"role": "student"}, {"person": "ann"}],
            )
        )
    eve = find("eve").account
    assert (eve.role, eve.student_id) != (Role.STUDENT, home.identity.person("ann")), (
        "and no reason was given"
    )


def test_a_key_that_shows_records_is_flagged_and_others_are_not(home: House) -> None:
    keys = {"reads": ["read", "ingest"], "frames": ["embed"], "exports": ["privacy"], "sends": ["ingest"]}
    for name, scopes in keys.items():
        home.api("POST", "/v1/keys", {"name": name, "scopes": scopes}).raise_for_status()
    shown = {("key", "", "key:reads"), ("key", "", "key:frames"), ("key", "", "key:exports")}
    assert {flag[:3] for flag in flags(home)} == shown
    home.add("root", "admin")
    with home.signed_in("root") as http:
        assert "A key that shows any record: reads" in http.get("/break-glass").text
    opened = home.api("GET", "/v1/break-glass").raise_for_status().json()
    assert [(each["kind"], each["student"]) for each in opened] == [("key", "")] * 3
