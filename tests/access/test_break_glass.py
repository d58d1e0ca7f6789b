"""Break-glass over HTTP: who may open a record, what is remembered, and who gets to see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import httpx
import pytest
from litestar.testing import TestClient

from coursepulse.access.basis import read_opening
from coursepulse.access.viewer import Role, Viewer
from coursepulse.audit.entry import Entry
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.kit.ids import to_text
from coursepulse.kit.settings import Settings
from coursepulse.web import break_glass_api
from coursepulse.web.app import build
from coursepulse.web.services import Services
from tests.access.faculty import Faculty
from tests.metrics.small_course import ANN, BEN

REASON = "a parent is worried"


class Notebook:
    """A trail in memory; it may be full."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.full = False

    def write(self, entry: Entry) -> None:
        if self.full:
            raise StoreUnavailable("The trail cannot be written")
        self.entries.append(entry)


class Desk:
    """The endpoints, used by whoever sits down."""

    def __init__(self, http: httpx.Client, trail: Notebook, sit: Callable[[Viewer], None]) -> None:
        self.http, self.trail, self._sit = http, trail, sit

    def sit(self, role: Role, account: str = "account:tom") -> None:
        self._sit(
            Viewer(role=role, subject=account, student_id=ANN, request_id="r-1", address="192.0.2.0/24")
        )

    def open(self, student: str = "ben", reason: str = REASON) -> httpx.Response:
        return self.http.post("/v1/break-glass", json={"student": student, "reason": reason})

    def list(self) -> Any:
        return self.http.get("/v1/break-glass").raise_for_status().json()


@pytest.fixture
def desk(faculty: Faculty, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    seated: list[Viewer] = []
    # Signing in is another matter: these tests say who sits there.
    monkeypatch.setattr(break_glass_api, "_viewer", lambda _: seated[-1])
    trail, world = Notebook(), faculty.world
    services = Services(
        Settings(),
        lambda: world.now,
        cast(Any, None),
        world.metrics,
        faculty.roster,
        trail=trail,
        break_glass=faculty.break_glass,
    )
    with TestClient(build(services, break_glass_api.routes)) as http:
        yield Desk(http, trail, seated.append)


@pytest.mark.parametrize("role", Role)
def test_instructors_and_admins_may_open(desk: Desk, role: Role) -> None:
    desk.sit(role)
    answer = desk.open()
    if role in (Role.INSTRUCTOR, Role.ADMIN):
        assert answer.status_code == 201
        return
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert desk.trail.entries == []


def test_an_opened_record_can_be_read(desk: Desk, faculty: Faculty) -> None:
    desk.sit(Role.INSTRUCTOR)
    assert not faculty.sees(BEN, course="")
    opened = desk.open(to_text(BEN), f"  {REASON}\n").json()
    assert faculty.sees(BEN, course="")
    assert (opened["student_id"], opened["reason"], opened["flagged"]) == (to_text(BEN), REASON, True)
    assert opened["opened_at"] == "2026-03-09T12:00:00Z"
    assert opened["expires_at"] == "2026-03-09T13:00:00Z"


def test_it_stands_in_the_trail(desk: Desk) -> None:
    desk.sit(Role.INSTRUCTOR)
    desk.open()
    (entry,) = desk.trail.entries
    assert entry.tag == "break_glass:student:open"
    assert (entry.actor, entry.role, entry.subject) == ("account:tom", "instructor", to_text(BEN))
    assert (entry.request_id, entry.address) == ("r-1", "192.0.2.0/24")
    # The reason itself stands where it can be erased with the student.
    assert REASON not in str(entry)
    assert read_opening(entry.purpose) == desk.list()[0]["id"]


def test_what_cannot_stand_in_the_trail_does_not_happen(desk: Desk, faculty: Faculty) -> None:
    desk.sit(Role.ADMIN)
    desk.trail.full = True
    assert desk.open().status_code == 503
    assert not faculty.sees(BEN, Role.ADMIN, "")
    assert desk.list() == []


@pytest.mark.parametrize("reason", ["", "too short", " " * 40, "a\x00b is no reason", "a \t\n b \t\n c \t\n"])
def test_a_reason_must_say_something(desk: Desk, reason: str) -> None:
    desk.sit(Role.ADMIN)
    answer = desk.open(reason=reason)
    assert (answer.status_code, answer.json()["code"]) == (400, "reason_too_short")
    assert desk.list() == []


def test_a_stranger_and_a_student_get_the_same_answer(desk: Desk) -> None:
    desk.sit(Role.ADMIN)
    known, unknown = desk.open("ben"), desk.open("nobody-at-all")
    assert known.status_code == unknown.status_code == 201
    assert known.json().keys() == unknown.json().keys()


def test_everybody_sees_their_own_and_admins_see_all(desk: Desk) -> None:
    for account in ("account:tom", "account:eve"):
        desk.sit(Role.INSTRUCTOR, account)
        desk.open()
        assert [row["account"] for row in desk.list()] == [account]
    desk.sit(Role.STUDENT, "account:ann")
    assert desk.list() == []
    for role in (Role.ADMIN, Role.AUDITOR):
        desk.sit(role, "account:root")
        assert [row["account"] for row in desk.list()] == ["account:eve", "account:tom"]


def test_it_is_flagged_until_an_admin_acknowledges_it(desk: Desk) -> None:
    desk.sit(Role.INSTRUCTOR)
    number = desk.open().json()["id"]
    path = f"/v1/break-glass/{number}/acknowledge"
    assert desk.http.post(path).status_code == 403
    for account in ("account:root", "account:late"):
        desk.sit(Role.ADMIN, account)
        seen = desk.http.post(path).raise_for_status().json()
        assert (seen["flagged"], seen["acknowledged_by"]) == (False, "account:root")
    assert desk.trail.entries[-1].tag == "break_glass:opening:acknowledge"
    assert [row["flagged"] for row in desk.list()] == [False]


def test_what_is_flagged_comes_first(desk: Desk) -> None:
    desk.sit(Role.ADMIN)
    first, second = (desk.open(student).json()["id"] for student in ("ben", "ann"))
    desk.http.post(f"/v1/break-glass/{second}/acknowledge").raise_for_status()
    assert [row["id"] for row in desk.list()] == [first, second]


def test_an_opening_that_is_not_there(desk: Desk) -> None:
    desk.sit(Role.ADMIN)
    answer = desk.http.post("/v1/break-glass/123456/acknowledge")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_opening")
