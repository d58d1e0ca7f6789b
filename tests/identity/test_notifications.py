"""Who chooses which mails, and who manages which webhooks: on the pages and over the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from coursepulse.access.basis import AccessKind
from coursepulse.access.grants import AccessGrant
from coursepulse.alerts.delivery.choices import Pace
from coursepulse.alerts.delivery.signature import make_secret
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.kit.ids import to_bytes
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.connect import Pool
from tests.alerts.delivery.harness import course_alert
from tests.identity.harness import SECRET, IdentityHarness
from tests.support.browsing import post_form, visit

HOOK = "https://hooks.example.edu/a-secret-path"


@pytest.fixture(autouse=True)
def campus(server: IdentityHarness, the_pool: Pool) -> Iterator[None]:
    """Two courses; ``emmy`` teaches one of them."""
    emmy = UUID(bytes=Pseudonyms(SECRET).of("t-1"))
    with the_pool.connection() as connection:
        connection.execute("TRUNCATE courses, people CASCADE")
        connection.execute(
            "INSERT INTO courses (course_id, title) VALUES ('algebra', 'Algebra'), ('logic', '')"
        )
        connection.execute(
            "INSERT INTO people (student_id, external_id, email, time_zone)"
            " VALUES (%s, 't-1', 'emmy@example.edu', 'Europe/Berlin')",
            (emmy,),
        )
        connection.execute("INSERT INTO teaching VALUES ('algebra', %s)", (emmy,))
    server.add("emmy", "instructor", "t-1")
    server.add("root", "admin")
    server.trail.entries.clear()
    yield
    with the_pool.connection() as connection:
        connection.execute("TRUNCATE courses, people CASCADE")


def choice(server: IdentityHarness, login: str = "emmy") -> dict[str, Any]:
    answer: dict[str, Any] = (
        server.api("GET", f"/v1/accounts/{login}/notifications").raise_for_status().json()
    )
    return answer


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_somebody_chooses_on_the_page_and_it_is_written_down(server: IdentityHarness) -> None:
    before = choice(server)
    assert (before["pace"], before["hour"], before["chosen"]) == ("daily", 8, False)
    assert before["address"] == "emmy@example.edu"
    wish = {"pace": "hourly", "hour": "7", "quiet_from": "20", "quiet_until": "6", "time_zone": "Asia/Tokyo"}
    with server.signed_in("emmy") as http:
        server.trail.entries.clear()
        answer = post_form(http, "/notifications", **wish)
    assert "Saved." in answer.text
    assert re.search(r'value="hourly" checked', answer.text)
    assert "emmy@example.edu" in answer.text
    after = choice(server)
    assert (after["pace"], after["quiet_from"], after["quiet_until"]) == ("hourly", 20, 6)
    assert (after["time_zone"], after["chosen"]) == ("Asia/Tokyo", True)
    (entry,) = [each for each in server.trail.entries if each.tag == "notifications:account:change"]
    assert entry.detail == "pace=hourly hour=7 quiet=20..6 zone=Asia/Tokyo language="


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"pace": "yearly"}, "unknown"),
        ({"quiet_from": "20"}, "quiet hours need"),
        ({"quiet_from": "20", "quiet_until": "20"}, "quiet hours need"),
        ({"hour": "24"}, "from 0 to 23"),
        ({"hour": "٣"}, "from 0 to 23"),
        ({"time_zone": "Mars/Olympus"}, "time zone does not exist"),
        ({"time_zone": "../etc/passwd"}, "time zone does not exist"),
        ({"language": "tlh"}, "language is not available"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_in_words(
    server: IdentityHarness, wish: dict[str, str], said: str
) -> None:
    with server.signed_in("emmy") as http:
        answer = post_form(http, "/notifications", **({"pace": "daily", "hour": "8"} | wish))
    assert answer.status_code == 400
    assert said in answer.text or said == "unknown"
    assert not choice(server)["chosen"]


def test_the_api_refuses_the_same(server: IdentityHarness) -> None:
    path = "/v1/accounts/emmy/notifications"
    for wish in (
        {"pace": "daily", "quiet_from": 3},
        {"pace": "daily", "time_zone": "Mars"},
        {"pace": "x"},
        {},
    ):
        assert server.api("PUT", path, wish).status_code == 400
    done = server.api("PUT", path, {"pace": "off"})
    assert (done.status_code, done.json()["pace"]) == (200, "off")


def test_nobody_sees_or_changes_the_choice_of_another(server: IdentityHarness) -> None:
    with server.signed_in("emmy") as http:
        own = http.get("/v1/accounts/emmy/notifications")
        others = [http.get("/v1/accounts/root/notifications"), http.get("/v1/accounts/nobody/notifications")]
        changed = http.put("/v1/accounts/root/notifications", json={"pace": "off"})
    assert own.json()["address"] == "emmy@example.edu"
    assert [code(each) for each in [*others, changed]] == [(404, "unknown_account")] * 3
    with server.signed_in("root") as http:
        assert http.put("/v1/accounts/emmy/notifications", json={"pace": "off"}).status_code == 200


@pytest.mark.parametrize("path", ["/notifications", "/webhooks"])
def test_students_and_auditors_have_no_such_pages(server: IdentityHarness, path: str) -> None:
    server.add("ada", "student")
    server.add("otto", "auditor")
    for name in ("ada", "otto"):
        with server.signed_in(name) as http:
            assert http.get(path).status_code == 403
            assert http.get("/v1/webhooks").status_code == 403


@pytest.mark.parametrize("role", ["student", "auditor"])
def test_who_gets_no_mails_has_nothing_to_choose(server: IdentityHarness, role: str) -> None:
    server.add("ada", role)
    refused = server.api("PUT", "/v1/accounts/ada/notifications", {"pace": "at_once"})
    assert code(refused) == (409, "gets_no_mails")
    assert server.api("GET", "/v1/accounts/ada/notifications").json()["chosen"] is False


def unsubscribe_link(server: IdentityHarness, login: str = "emmy") -> str:
    notifications = server.services.notifications
    found = server.identity.accounts.find(login)
    assert notifications
    return "/unsubscribe/" + notifications.tokens.sign(found.account.account_id)


def test_one_click_unsubscribes_without_signing_in(server: IdentityHarness) -> None:
    link = unsubscribe_link(server)
    # As the servers of mail providers do: no cookie, no origin (RFC 8058 section 3.1).
    answer = httpx.post(server.url + link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert choice(server)["pace"] == Pace.OFF
    (entry,) = server.trail.entries
    assert (entry.tag, entry.address) == ("notifications:account:unsubscribe", "127.0.0.0/24")


def test_following_the_link_alone_stops_nothing(server: IdentityHarness) -> None:
    link = unsubscribe_link(server)
    with visit(server.url) as http:
        answer = http.get(link)
        assert "Do you want to stop all e-mail to the account emmy?" in answer.text
        assert choice(server)["pace"] == Pace.DAILY
        assert "The account emmy gets no more e-mail." in http.post(link).text
    assert choice(server)["pace"] == Pace.OFF


def test_a_link_that_nobody_here_made_stops_nothing(server: IdentityHarness) -> None:
    link = unsubscribe_link(server)
    with visit(server.url) as http:
        for wrong in (link[:-3] + "abc", "/unsubscribe/x", "/unsubscribe/%00"):
            assert http.post(wrong).status_code in (400, 404)
    assert choice(server)["pace"] == Pace.DAILY


def test_an_unsubscribed_account_keeps_its_other_wishes(server: IdentityHarness) -> None:
    path = "/v1/accounts/emmy/notifications"
    server.api("PUT", path, {"pace": "hourly", "hour": 5, "time_zone": "Asia/Tokyo"})
    httpx.post(server.url + unsubscribe_link(server))
    assert (choice(server)["hour"], choice(server)["time_zone"]) == (5, "Asia/Tokyo")


def make(server: IdentityHarness, **row: str) -> httpx.Response:
    return server.api("POST", "/v1/webhooks", {"name": "ours", "url": HOOK} | row)


def test_the_secret_is_shown_once_and_the_address_never_again(
    server: IdentityHarness, the_pool: Pool
) -> None:
    made = make(server).json()
    with the_pool.connection() as connection:
        ((salt,),) = connection.execute("SELECT salt FROM webhooks").fetchall()
    assert made["secret"] == make_secret(SECRET, to_bytes(made["webhook_id"], "webhook"), salt)
    (listed,) = server.api("GET", "/v1/webhooks").json()
    assert listed["secret"] is None
    assert listed["host"] == "hooks.example.edu"
    assert "a-secret-path" not in str(listed)
    with server.signed_in("root") as http:
        page = http.get("/webhooks").text
    assert "hooks.example.edu" in page
    assert "a-secret-path" not in page
    assert "a-secret-path" not in str(server.trail.entries)


def keys_to_look_into(server: IdentityHarness) -> list[AccessGrant]:
    return [each for each in server.services.break_glass.find(None) if each.kind == AccessKind.KEY]


def test_a_webhook_of_the_installation_is_listed_for_administrators_like_a_key(
    server: IdentityHarness,
) -> None:
    make(server)
    (grant,) = keys_to_look_into(server)
    assert grant.about.endswith(" ours")
    assert "notifications:webhook:add" in server.trail.tags()


def test_instructors_manage_webhooks_of_the_courses_that_they_teach(server: IdentityHarness) -> None:
    of_admin = make(server, course_id="algebra").json()["webhook_id"]
    with server.signed_in("emmy") as http:
        row = {"name": "mine", "url": HOOK}
        for course in ({}, {"course_id": "logic"}, {"course_id": "nowhere"}):
            assert code(http.post("/v1/webhooks", json=row | course)) == (403, "not_your_course")
        mine = http.post("/v1/webhooks", json=row | {"course_id": "algebra"}).json()
        assert [each["name"] for each in http.get("/v1/webhooks").json()] == ["mine"]
        assert http.delete(f"/v1/webhooks/{of_admin}").status_code == 404
    assert len(keys_to_look_into(server)) == 1
    assert len(server.api("GET", "/v1/webhooks").json()) == 2
    assert server.api("DELETE", f"/v1/webhooks/{mine['webhook_id']}").json() == {
        "webhook_id": mine["webhook_id"]
    }
    assert server.api("DELETE", f"/v1/webhooks/{mine['webhook_id']}").status_code == 404


def test_managers_manage_webhooks_of_their_teams(server: IdentityHarness) -> None:
    make(server)
    server.add("mo", "manager", "mo")
    with server.signed_in("mo") as http:
        row = {"name": "mine", "url": HOOK}
        refused = http.post("/v1/webhooks", json=row | {"course_id": "algebra"})
        assert code(refused) == (403, "not_your_course")
        mine = http.post("/v1/webhooks", json=row).json()
        assert mine["course_id"] is None
        assert [each["name"] for each in http.get("/v1/webhooks").json()] == ["mine"]
        page = http.get("/webhooks").text
        assert "The teams of its owner" in page
        assert "members of your teams" in page
        assert 'name="course_id"' not in page
        assert (
            "has been added"
            in post_form(http, "/webhooks", do="add", name="two", kind="slack", url=HOOK).text
        )
        assert 'href="/webhooks"' in page
    # It shows no more than its owner may see, so nobody has to look into it.
    assert len(keys_to_look_into(server)) == 1
    with server.signed_in("root") as http:
        page = http.get("/webhooks").text
        assert (page.count("The teams of its owner"), page.count("Every course and the platform")) == (2, 1)


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ({"url": "http://hooks.example.edu/"}, (400, "invalid_webhook")),
        ({"url": "https://user:password@hooks.example.edu/"}, (400, "invalid_webhook")),
        ({"url": "file:///etc/passwd"}, (400, "invalid_webhook")),
        ({"name": " "}, (400, "invalid_webhook")),
        ({"course_id": "nowhere"}, (404, "unknown_course")),
        ({"kind": "pager"}, (400, "invalid_request")),
    ],
)
def test_a_webhook_that_cannot_be_is_refused(
    server: IdentityHarness, row: dict[str, str], wanted: tuple[int, str]
) -> None:
    assert code(make(server, **row)) == wanted
    assert server.api("GET", "/v1/webhooks").json() == []


def test_webhooks_on_the_page(server: IdentityHarness) -> None:
    row = {"name": "chat", "url": HOOK, "kind": "slack", "course_id": "algebra"}
    with server.signed_in("emmy") as http:
        made = post_form(http, "/webhooks", do="add", **row)
        assert "whsec_" in made.text
        assert '<option value="algebra">Algebra</option>' in made.text
        assert "logic" not in made.text
        assert "whsec_" not in http.get("/webhooks").text
        found = re.search(r'name="webhook" value="([\w-]+)"', made.text)
        assert found
        assert "has been removed" in post_form(http, "/webhooks", do="remove", webhook=found[1]).text
        wrong = post_form(http, "/webhooks", do="add", **(row | {"course_id": "logic"}))
        assert (wrong.status_code, "that you teach" in wrong.text) == (403, True)
        assert post_form(http, "/webhooks", do="remove", webhook="x").status_code == 400


def give_up(pool: Pool, webhook_id: str) -> str:
    """A message that nobody took."""
    alert, message = course_alert(), UUID(int=UUID(webhook_id).int ^ 1)
    PostgresAlerts(pool, pool).put([alert])
    with pool.connection() as connection:
        connection.execute(
            "INSERT INTO webhook_messages (message_id, webhook_id, alert_id, turn, happened, state, attempts, try_at,"
            " trouble, created_at, done_at) VALUES (%s, %s, %s, 1, 'raised', 'dead', 8, now(), 'It answered 500.',"
            " now(), now())",
            (message, webhook_id, UUID(bytes=alert.alert_id)),
        )
    return str(message)


def test_messages_that_were_given_up_are_listed_and_sent_again(
    server: IdentityHarness, the_pool: Pool
) -> None:
    with server.signed_in("emmy") as http:
        mine = http.post("/v1/webhooks", json={"name": "mine", "url": HOOK, "course_id": "algebra"}).json()
        ours = make(server).json()
        first, second = (give_up(the_pool, each["webhook_id"]) for each in (mine, ours))
        letters = http.get("/v1/webhooks/dead-letters").json()
        assert [(each["message_id"], each["trouble"]) for each in letters] == [(first, "It answered 500.")]
        wish = {"messages": [second]}
        assert http.post("/v1/webhooks/dead-letters/replay", json=wish).json() == {"replayed": 0}
        assert "It answered 500." in http.get("/webhooks").text
        assert "being sent again" in post_form(http, "/webhooks", do="replay").text
    (left,) = server.api("GET", "/v1/webhooks/dead-letters").json()
    assert left["message_id"] == second
    assert server.api("POST", "/v1/webhooks/dead-letters/replay", {}).json() == {"replayed": 1}


def test_a_form_of_another_site_changes_nothing(server: IdentityHarness) -> None:
    with server.signed_in("emmy") as http:
        for path in ("/notifications", "/webhooks"):
            answer = http.post(path, data={"pace": "off"}, headers={"Origin": "https://elsewhere.example"})
            assert answer.status_code == 403
        put = http.put(
            "/v1/accounts/emmy/notifications",
            json={"pace": "off"},
            headers={"Origin": "https://elsewhere.example"},
        )
        assert put.status_code == 403
    assert choice(server)["pace"] == "daily"
