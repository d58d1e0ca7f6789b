"""Who looked at a record, as its student sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar.testing import TestClient

from coursepulse.access.accounts import Account, Provided
from coursepulse.access.basis import read_basis, tell_purpose
from coursepulse.access.viewer import Role, Viewer
from coursepulse.aggregates.profiles import Profiles
from coursepulse.audit.accesses import group
from coursepulse.audit.chain import Link
from coursepulse.audit.entry import AuditEntry
from coursepulse.audit.port import Search
from coursepulse.dashboards.text import say
from coursepulse.kit.clock import MINUTE, SECOND
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.kit.settings import Settings
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.metric import Scope
from coursepulse.metrics.query import Query
from coursepulse.store.postgres.accounts import AccountStore
from coursepulse.web.audit import api as audit_api
from coursepulse.web.audit import pages
from coursepulse.web.http.app import build
from coursepulse.web.http.auth import PageViewer
from tests.metrics.small_course import ANN, BEN, COURSE
from tests.metrics.test_queries_course import world
from tests.support.campus_world import World
from tests.support.services import wire

__all__ = ["world"]

TEACHER = Viewer(
    role=Role.INSTRUCTOR,
    subject="account:tom",
    course_ids=frozenset({COURSE}),
    purpose="Tutoring",
    request_id="r1",
    address="192.0.2.0/24",
)
KEY = Viewer(role=Role.SERVICE, subject="key:lms", scopes=frozenset({"read"}))
STUDENT = Viewer(role=Role.STUDENT, subject=f"account:{uuid4()}", student_id=ANN)


def confirm(world: World, viewer: Viewer) -> Viewer:
    """The same, with an account of which an identity provider says whose it is."""
    account = Account(
        account_id=viewer.subject.removeprefix("account:"),
        login_name=viewer.subject,
        role=Role.STUDENT,
        student_id=viewer.student_id,
    )
    AccountStore(world.pool).add(account, world.now, provided=Provided("https://id.example", viewer.subject))
    return viewer


@pytest.fixture(scope="module")
def looked(world: World) -> World:
    """Tom looks at Ann, at her class, and is refused Ben's whole record; Ann looks at herself."""
    confirm(world, STUDENT)
    Profiles(lambda: world.clickhouse, world.pool, lambda: world.now).refresh([ANN, BEN], 1)
    for metric in ("student_summary", "student_videos"):
        world.metrics.run(Query(metric=metric, student=ANN, course=COURSE), TEACHER)
    table = msgspec.structs.replace(TEACHER, request_id="r2")
    world.metrics.run(Query(metric="course_students", course=COURSE), table, export=True)
    world.metrics.run(Query(metric="course_daily", course=COURSE), table)
    world.metrics.run(Query(metric="student_summary", student=ANN), STUDENT)
    with pytest.raises(RequestError):
        world.metrics.run(Query(metric="student_summary", student=BEN), TEACHER)
    return world


@pytest.fixture
def as_viewer(looked: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A browser and a program of somebody who is signed in."""
    services = wire(
        settings=Settings(),
        clock=lambda: looked.now,
        metrics=looked.metrics,
        trail=looked.trail,
        identity=SimpleNamespace(accounts=AccountStore(looked.pool)),
    )

    def sign_in(viewer: Viewer) -> None:
        shown = PageViewer(**msgspec.structs.asdict(viewer), name="somebody")
        monkeypatch.setattr(pages, "page_viewer", lambda _: shown)
        monkeypatch.setattr(audit_api, "api_viewer", lambda *_: viewer)

    with TestClient(build(services, [*audit_api.routes, *pages.routes])) as client:

        def get(path: str, viewer: Viewer) -> httpx.Response:
            sign_in(viewer)
            return client.get(path)

        yield get


def test_a_student_sees_who_when_why_and_what(as_viewer: Any) -> None:
    accesses = as_viewer("/v1/students/me/accesses", STUDENT).json()["accesses"]
    assert [(a["role"], a["name"], a["purpose"], a["action"], a["what"]) for a in accesses] == [
        ("instructor", "tom", "Tutoring", "export", ["Students of a course"]),
        ("instructor", "tom", "Tutoring", "read", ["Student at a glance", "Videos of a student"]),
    ]
    assert {*accesses[0]} == {"at", "until", "role", "name", "purpose", "action", "what"}


@pytest.mark.parametrize("metric", [slug for slug, metric in METRICS.items() if metric.named])
def test_a_list_of_a_class_or_team_whose_id_is_a_uuid_is_a_look_too(
    as_viewer: Any, looked: World, metric: str
) -> None:
    student, course, team = uuid4(), str(uuid4()), str(uuid4()).upper()
    looked.team(team, "acme")
    with looked.pool.connection() as connection:
        connection.execute("INSERT INTO course_members VALUES (%s, %s)", [student, course])
        connection.execute("INSERT INTO team_people VALUES (%s, %s, false)", [team, student])
    teacher = msgspec.structs.replace(TEACHER, course_ids=frozenset({course}))
    of_team = METRICS[metric].scope is Scope.TEAM
    about = Query(metric=metric, team=team) if of_team else Query(metric=metric, course=course)
    looked.metrics.run(about, KEY if about.team else teacher)
    looked.metrics.run(msgspec.structs.replace(about, course=str(uuid4()), team=str(uuid4())), KEY)
    viewer = confirm(
        looked, Viewer(role=Role.STUDENT, subject=f"account:{uuid4()}", student_id=student.bytes)
    )
    looks = as_viewer("/v1/students/me/accesses", viewer).json()["accesses"]
    assert [look["what"] for look in looks] == [[METRICS[metric].title]]
    assert as_viewer("/privacy/accesses", viewer).text.count(METRICS[metric].title) == 1


def test_what_was_written_down_is_told_in_words(as_viewer: Any, looked: World) -> None:
    """What an entry says of itself, such as how many rows there were, is nothing to the student."""
    student = uuid4()
    tags = ("consent:student:changed", "roster:people:read", "privacy:student:export")
    for tag in tags:
        entry = AuditEntry(
            at=looked.now, actor="key:lms", role="service", tag=tag, subject=str(student), detail="rows=5"
        )
        looked.trail.write(entry)
    viewer = confirm(
        looked, Viewer(role=Role.STUDENT, subject=f"account:{uuid4()}", student_id=student.bytes)
    )
    [look] = as_viewer("/v1/students/me/accesses", viewer).json()["accesses"]
    assert look["name"] == "lms"
    assert look["what"] == [say(f"accesses.what.{tag}") for tag in tags]


def test_a_student_sees_only_the_own_record(as_viewer: Any, looked: World) -> None:
    ben = confirm(looked, Viewer(role=Role.STUDENT, subject=f"account:{uuid4()}", student_id=BEN))
    actions = [a["action"] for a in as_viewer("/v1/students/me/accesses", ben).json()["accesses"]]
    assert actions == ["refused", "export"]


def test_a_student_sees_who_looks_in_their_name(as_viewer: Any, looked: World) -> None:
    """An account that somebody here tied to a student, and one that the provider says is another student's."""
    cleo, dora = uuid4(), uuid4()
    made = Account(account_id=str(uuid4()), login_name="made", role=Role.STUDENT, student_id=cleo.bytes)
    AccountStore(looked.pool).add(made, looked.now)
    embedded = f"embed:{cleo}"
    moved = confirm(looked, Viewer(role=Role.STUDENT, subject=f"account:{uuid4()}", student_id=dora.bytes))
    own = confirm(looked, Viewer(role=Role.STUDENT, subject=f"account:{uuid4()}", student_id=cleo.bytes))
    for actor in (made.subject, embedded, moved.subject, own.subject):
        looked.trail.write(
            AuditEntry(
                at=looked.now, actor=actor, role="student", tag="metrics:student:read", subject=str(cleo)
            )
        )
    names = [a["name"] for a in as_viewer("/v1/students/me/accesses", own).json()["accesses"]]
    assert names == [moved.subject, say("accesses.embedded"), "made"]
    AccountStore(looked.pool).change(own.subject, student_id=cleo.bytes)
    assert as_viewer("/v1/students/me/accesses", own).json()["accesses"][0]["name"] == own.subject, (
        "an administrator tied it again"
    )


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.STUDENT])
def test_nobody_else_has_such_a_page(as_viewer: Any, role: Role) -> None:
    somebody = Viewer(role=role, subject="account:x", student_id=ANN)
    for path in ("/v1/students/me/accesses", "/privacy/accesses", "/privacy/accesses/card"):
        assert as_viewer(path, somebody).status_code == 403


@pytest.mark.parametrize("path", ["/privacy/accesses", "/privacy/accesses/card"])
def test_the_page_says_the_same(as_viewer: Any, path: str) -> None:
    page = as_viewer(path, STUDENT)
    assert page.status_code == 200
    assert all(word in page.text for word in ("instructor", "tom", "Tutoring", "Student at a glance"))
    assert "192.0.2" not in page.text


ALLOWED = {Role.ADMIN, Role.AUDITOR}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("path", ["/v1/audit", "/v1/audit/verify", "/v1/audit/export", "/admin/audit"])
def test_who_may_search_the_trail(as_viewer: Any, looked: World, role: Role, path: str) -> None:
    somebody = Viewer(role=role, subject=f"account:{role}", student_id=ANN, course_ids=frozenset({COURSE}))
    assert as_viewer(path, somebody).status_code == (200 if role in ALLOWED else 403)
    newest = next(looked.trail.stream(search_for(somebody)))
    assert newest.entry.tag.startswith("audit:trail:")
    assert (newest.entry.tag == "audit:trail:refused") == (role not in ALLOWED)


def search_for(viewer: Viewer) -> Any:
    return Search(actor=viewer.subject)


def test_asking_who_looked_is_an_entry(as_viewer: Any, looked: World) -> None:
    as_viewer("/v1/students/me/accesses", STUDENT)
    found = looked.trail.find(Search(tag="audit:student:read", subject=to_text(ANN)), 1)
    assert found[0].entry.actor == STUDENT.subject


def test_a_look_ends_with_a_pause() -> None:
    def link(number: int, **fields: Any) -> Link:
        values: dict[str, Any] = {"at": number * MINUTE, "actor": "a", "role": "admin", "tag": "m:s:read"}
        return Link(number, AuditEntry(**values | {"detail": f"d{number}"} | fields), b"")

    links = [
        link(19, detail="d18"),
        link(18, tag="m:s:export"),
        link(17, actor="b"),
        link(16),
        link(15, tag="m:s:refused"),
        link(14),
        link(8),
        link(7, purpose="why"),
        link(3),
        link(2, subject="other"),
    ]
    found = [
        (look.actor, look.actions, tuple({done.detail: 0 for done in look.things}), look.at, look.until)
        for look in group(links)
    ]
    assert found == [
        ("a", ("read", "export"), ("d14", "d16", "d18"), 14 * MINUTE, 19 * MINUTE),
        ("b", ("read",), ("d17",), 17 * MINUTE, 17 * MINUTE),
        ("a", ("refused",), ("d15",), 15 * MINUTE, 15 * MINUTE),
        ("a", ("read",), ("d3", "d8"), 3 * MINUTE, 8 * MINUTE),
        ("a", ("read",), ("d7",), 7 * MINUTE, 7 * MINUTE),
        ("a", ("read",), ("d2",), 2 * MINUTE, 2 * MINUTE),
    ]


def test_a_screen_that_stays_open_is_one_look(as_viewer: Any, looked: World) -> None:
    """Its entries, and those of somebody beside it, are many times what is read at once."""
    student = uuid4()
    for second in range(600):
        for actor in ("account:eve", "account:tom") if second % 100 == 0 else ("account:eve",):
            metric = ("student_activity", "student_summary")[second % 2]
            entry = AuditEntry(
                at=looked.now + second * SECOND,
                actor=actor,
                role="instructor",
                tag="metrics:student:read",
                subject=str(student),
                detail=f"{metric} days=2026-03-01..2026-03-{2 + second // 300:02}",
            )
            last = looked.trail.submit(entry)
    last.result()
    viewer = confirm(
        looked, Viewer(role=Role.STUDENT, subject=f"account:{uuid4()}", student_id=student.bytes)
    )
    answer = as_viewer("/v1/students/me/accesses", viewer).json()
    assert answer["next"] is None
    eve, tom = answer["accesses"]
    assert (eve["name"], eve["what"]) == ("eve", ["When a student learns", "Student at a glance"])
    assert (tom["name"], tom["what"]) == ("tom", ["When a student learns"])
    began, ended = (datetime.fromisoformat(eve[name]) for name in ("at", "until"))
    assert (ended - began).total_seconds() == 599
    assert f'to <time datetime="{ended.isoformat()}">' in as_viewer("/privacy/accesses", viewer).text


def test_an_account_has_the_name_it_signs_in_with(looked: World, as_viewer: Any) -> None:
    account = Account(account_id=str(uuid4()), login_name="tess@school.example", role=Role.INSTRUCTOR)
    AccountStore(looked.pool).add(account, looked.now)
    tess = msgspec.structs.replace(TEACHER, subject=account.subject, request_id="r3")
    looked.metrics.run(Query(metric="student_activity", student=ANN, course=COURSE), tess)
    accesses = as_viewer("/v1/students/me/accesses", STUDENT).json()["accesses"]
    assert [a["name"] for a in accesses] == ["tess@school.example", "tom", "tom"]


@pytest.mark.parametrize("role", Role)
def test_the_right_by_which_somebody_looked_is_said_in_the_readers_language(role: Role) -> None:
    told = tell_purpose(Viewer(role=role, subject="x"), None)
    assert read_basis(told) is role
    assert say(f"accesses.basis.{role.value}") == told
    assert read_basis("Asked for by the student.") is None
