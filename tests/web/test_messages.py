"""Messages to students of a list: in their language, from a template, each with what it says to one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import unquote

import httpx
import pytest

from tests.support.browsing import post_form, sign_in, token_of
from tests.support.pages import LEARNER, PASSWORD, TEACHER, Pages, pseudonym_of

COURSE = "letters-101"
ANN = "letters-ann"
TEMPLATES = "/messages/templates"


@pytest.fixture(scope="module")
def teacher(pages: Pages) -> Iterator[httpx.Client]:
    sender = pages.sender
    due = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    course = {
        "course_id": COURSE,
        "title": "Letters",
        "instructors": [TEACHER],
        "assessments": [
            {"assessment_id": "essay", "title": "The essay", "kind": "assignment", "due_at": due}
        ],
    }
    sender.http.put("/v1/roster/courses", json=[course]).raise_for_status()
    person = {"external_id": ANN, "name": "Ann Letter", "email": "ann@letters.example"}
    sender.http.put("/v1/roster/people", json=[person]).raise_for_status()
    rows = [{"external_id": who, "course_id": COURSE, "status": "active"} for who in (ANN, LEARNER)]
    sender.http.put("/v1/roster/enrolments", json=rows).raise_for_status()
    sender.agree(ANN)
    sender.settle()
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http:
        yield http


@pytest.fixture(scope="module")
def admin(pages: Pages) -> Iterator[httpx.Client]:
    with closing(sign_in(pages.url, "admin", PASSWORD)) as http:
        yield http


def write(pages: Pages, teacher: httpx.Client, *students: str, **more: str) -> str:
    """The page of a draft."""
    chosen = [f"{pseudonym_of(pages.sender, who)} {COURSE}" for who in students]
    form = {"form_token": token_of(teacher.get("/").text), "student": chosen} | more
    return unescape(teacher.post("/messages", data=form).raise_for_status().text)


def preview(html: str) -> str:
    """What stands in the preview."""
    shown = html.partition('id="draft-preview"')[2].partition("</div>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", shown.partition(">")[2]).split())


def keep(http: httpx.Client, **fields: str) -> str:
    return unescape(post_form(http, TEMPLATES, do="keep", **fields).text)


def key_of(html: str, name: str) -> str:
    found = re.search(rf'\?template=([0-9a-f-]{{36}})">{name}<', html)
    assert found, name
    return found[1]


def test_a_draft_says_what_each_student_is_to_know(pages: Pages, teacher: httpx.Client) -> None:
    typed = {
        "subject-en": "{course}, {first_name}",
        "text-en": "Hello {first_name},\n{next_work} is due on {next_due}.\nYours",
        "with": "text",
        "shown": pseudonym_of(pages.sender, ANN),
    }
    html = write(pages, teacher, ANN, LEARNER, **typed)
    told = preview(html)
    assert told.startswith("Letters, Ann Hello Ann, The essay is due on ")
    # Each message is different, so nobody is in a blind copy.
    assert "mailto:?bcc" not in html
    opened = unquote(re.findall(r'href="(mailto:ann[^"]+)"', html)[0])
    assert opened.startswith(
        "mailto:ann@letters.example?subject=Letters, Ann&body=Hello Ann,\nThe essay is due"
    )
    assert "These placeholders do not exist" not in html
    assert "do not exist: frist_name" in write(pages, teacher, ANN, **typed | {"text-en": "{frist_name}"})


def test_everybody_reads_it_in_their_own_language(pages: Pages, teacher: httpx.Client) -> None:
    with closing(sign_in(pages.url, "student", PASSWORD)) as student:
        try:
            post_form(student, "/language", language="de", back="/")
            html = write(pages, teacher, ANN, LEARNER, shown=pseudonym_of(pages.sender, LEARNER))
        finally:
            post_form(student, "/language", language="en", back="/")
    assert preview(html).startswith("Wie läuft es in Letters? Guten Tag,")
    assert preview(write(pages, teacher, ANN, LEARNER)).startswith("How is it going in Letters? Hello,")


def test_templates_are_kept_changed_and_taken_away(pages: Pages, teacher: httpx.Client) -> None:
    html = keep(teacher, name="Essay", **{"subject-en": "The essay", "text-en": "Dear {first_name}"})
    assert "The template “Essay” is saved." in html
    key = key_of(html, "Essay")
    assert preview(write(pages, teacher, ANN, use=key, **{"with": "template"})) == "The essay Dear Ann"
    # What is typed stands until a template is chosen again.
    typed = {"use": key, "subject-en": "Essay", "text-en": "Hi {first_name}", "with": "text"}
    assert preview(write(pages, teacher, ANN, **typed)) == "Essay Hi Ann"
    assert preview(write(pages, teacher, ANN, **typed | {"with": "template"})) == "The essay Dear Ann"

    changed = {"template": key, "name": "Long essay", "subject-en": "E", "text-en": "Dear {name}"}
    assert key_of(keep(teacher, **changed), "Long essay") == key
    assert preview(write(pages, teacher, ANN, use=key)) == "E Dear Ann Letter"
    html = unescape(post_form(teacher, TEMPLATES, do="remove", template=key).text)
    assert "The template “Long essay” is deleted." in html
    assert preview(write(pages, teacher, ANN, use=key)).startswith("How is it going")
    tags = ("messages:template:kept", "messages:template:removed")
    entries = [pages.sender.http.get("/v1/audit", params={"tag": tag}).json()["entries"] for tag in tags]
    assert [each[0]["detail"] for each in entries] == ["en", "en"]
    assert "essay" not in str(entries)


@pytest.mark.parametrize(
    ("fields", "trouble"),
    [
        ({"name": "", "subject-en": "S", "text-en": "T"}, "A template needs a name"),
        ({"name": "Half", "subject-en": "", "text-en": "T"}, "A template needs a name"),
        ({"name": "Typo", "subject-en": "S", "text-en": "{frist_name}"}, "do not exist: {frist_name}"),
    ],
)
def test_a_template_that_says_nothing_is_refused(
    teacher: httpx.Client, fields: dict[str, str], trouble: str
) -> None:
    html = keep(teacher, **fields)
    assert trouble in html
    # Nothing that was typed is lost.
    assert f">{fields['text-en']}</textarea>" in html


def test_the_organisations_templates_are_changed_by_administrators_alone(
    pages: Pages, teacher: httpx.Client, admin: httpx.Client
) -> None:
    fields = {"subject-en": "Ours", "text-en": "To {first_name}"}
    shared = key_of(keep(admin, name="Shared", **fields), "Shared")
    own = key_of(keep(teacher, name="Shared", **fields), "Shared")
    try:
        assert preview(write(pages, teacher, ANN, use=shared)) == "Ours To Ann"
        assert "There is already a template of this name." in keep(teacher, name="Shared", **fields)
        for http, other in ((teacher, shared), (admin, own)):
            for do in ("keep", "remove"):
                answer = post_form(http, TEMPLATES, do=do, template=other, name="Mine", **fields)
                assert answer.status_code == 404
        assert own not in admin.get(TEMPLATES).text
        assert key_of(admin.get(TEMPLATES).text, "Shared") == shared
    finally:
        post_form(admin, TEMPLATES, do="remove", template=shared)
        post_form(teacher, TEMPLATES, do="remove", template=own)


@pytest.mark.parametrize("role", ["student", "manager", "auditor"])
def test_nobody_else_keeps_templates(pages: Pages, role: str) -> None:
    with closing(sign_in(pages.url, role, PASSWORD)) as http:
        assert http.get(TEMPLATES).status_code == 403


def test_a_list_of_hundreds_can_be_chosen(pages: Pages, teacher: httpx.Client) -> None:
    others = [f"nobody-{number}" for number in range(400)]
    assert "1 student" in write(pages, teacher, ANN, *others)


def test_nobody_is_chosen_before_the_teacher_chooses(teacher: httpx.Client) -> None:
    assert "checked" not in teacher.get("/cards/people_to_reach").raise_for_status().text


def test_those_behind_a_number_can_be_written_to(pages: Pages, teacher: httpx.Client) -> None:
    asked = {"course": COURSE, "column": "not_started", "assessment_id": "essay"}
    html = teacher.get("/evidence/course_work", params=asked, headers={"Accept": "text/html"}).text
    assert f'value="{pseudonym_of(pages.sender, ANN)} {COURSE}"' in html
    assert 'action="/messages"' in html
    seen = pages.get("/evidence/course_work?" + "&".join(f"{key}={text}" for key, text in asked.items()))
    assert 'action="/messages"' not in seen.text


def test_a_list_is_divided_by_lot_unless_the_teacher_writes_to_everybody(
    pages: Pages, teacher: httpx.Client
) -> None:
    sender, course = pages.sender, "lots-101"
    people = [f"lots-{n:02}" for n in range(12)]
    names = [f"Lot {n:02}" for n in range(12)]
    sender.http.put(
        "/v1/roster/courses", json=[{"course_id": course, "title": "Lots", "instructors": [TEACHER]}]
    ).raise_for_status()
    rows = [{"external_id": who, "name": name} for who, name in zip(people, names, strict=True)]
    sender.http.put("/v1/roster/people", json=rows).raise_for_status()
    enrolled = [{"external_id": who, "course_id": course, "status": "active"} for who in people]
    sender.http.put("/v1/roster/enrolments", json=enrolled).raise_for_status()
    at = datetime.now(UTC).isoformat()
    agreed = [{"external_id": who, "purpose": "research", "granted": True, "at": at} for who in people]
    sender.http.put("/v1/consents", json=agreed[:11]).raise_for_status()
    chosen = [f"{pseudonym_of(sender, who)} {course}" for who in people]

    def drafted(**more: str) -> tuple[set[str], set[str]]:
        form = {"form_token": token_of(teacher.get("/").text), "student": chosen} | more
        html = unescape(teacher.post("/messages", data=form).raise_for_status().text)
        shown = html.partition('id="draft-shown"')[2].partition("</select>")[0]
        waits = html.partition("Drawn by lot to wait: ")[2].partition(". Write to them")[0]
        assert [each in html for each in chosen] == [True] * 12, "the form carries everybody on"
        return {name for name in names if name in shown}, {name for name in names if name in waits}

    now, later = drafted()
    assert len(later) in (5, 6)
    assert now == set(names) - later
    assert names[11] in now, "who does not agree to research does not wait"
    assert drafted() == (now, later)
    assert drafted(everybody="yes") == (set(names), set())
    entries = sender.http.get("/v1/audit", params={"tag": "messages:list:drawn"}).json()
    (entry,) = entries["entries"] if isinstance(entries, dict) else entries
    assert entry["detail"].startswith(f"{course} 11 ")
