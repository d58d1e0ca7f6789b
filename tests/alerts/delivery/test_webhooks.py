from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from coursepulse.alerts.delivery import posting, webhook
from coursepulse.alerts.delivery.addresses import AddressRefused, parse_networks
from coursepulse.alerts.delivery.signature import is_signed, make_secret
from coursepulse.alerts.delivery.webhook import NotTaken, Sending, WebhookClient, check_url
from coursepulse.alerts.delivery.webhooks import WebhookKind
from coursepulse.kit.clock import HOUR, MINUTE, SECOND
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_bytes, to_text
from tests.alerts.delivery.harness import (
    BASE,
    KEY,
    NOW,
    DeliveryHarness,
    account_id,
    course_alert,
    learner_alert,
    platform_alert,
)
from tests.support.campus_world import pseudonym
from tests.support.certificates import make_certificate, serving_context
from tests.support.mail_server import free_port
from tests.support.receiver import Receiver, receiver
from tests.support.server import wait_until

LOOPBACK = parse_networks("127.0.0.0/8")


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def post(url: str, networks: str = "127.0.0.0/8", deadline: float = 5) -> None:
    client = WebhookClient(parse_networks(networks), deadline)
    asyncio.run(client.send(Sending(url, {"webhook-id": "m"}, b"{}")))


def states(server: DeliveryHarness) -> list[tuple[str, int]]:
    return server.rows("SELECT state, attempts FROM webhook_messages ORDER BY created_at, message_id")


def post_until(server: DeliveryHarness, end: int, step: int) -> None:
    while server.now < end:
        server.now = min(end, server.now + step)
        server.posting.run()


# One message.


def test_a_private_address_is_not_even_connected_to(hook: Receiver) -> None:
    for url in (
        hook.url,
        hook.url.replace("127.0.0.1", "localhost"),
        hook.url.replace("127.0.0.1", "2130706433"),
    ):
        with pytest.raises(AddressRefused):
            post(url, networks="")
    assert hook.requests == []


def test_the_name_is_resolved_once_and_that_address_is_connected_to(
    hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    port = int(hook.url.split(":")[2].split("/")[0])

    def resolve(host: Any, *_: object, **__: object) -> list[Any]:
        # The second answer would lead elsewhere: DNS rebinding.
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    post(f"http://hooks.example.edu:{port}/x")
    assert asked == ["hooks.example.edu"]
    (request,) = hook.requests
    assert request.headers["host"] == f"hooks.example.edu:{port}"


def test_a_name_that_leads_to_private_networks_as_well_is_refused(
    hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in ("8.8.8.8", "169.254.169.254")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    with pytest.raises(AddressRefused):
        post("https://hooks.example.edu/x", networks="")


def test_a_redirect_is_not_followed(hook: Receiver) -> None:
    with receiver() as inside:
        hook.statuses, hook.location = [302, 307], inside.url
        for status in (302, 307):
            with pytest.raises(NotTaken, match=f"answered {status}. Redirects are not followed"):
                post(hook.url)
        assert inside.requests == []


def test_a_slow_receiver_is_left_at_the_deadline(hook: Receiver) -> None:
    hook.seconds = 2.0
    began = time.monotonic()
    with pytest.raises(NotTaken, match=r"No answer within 0\.5 seconds"):
        post(hook.url, deadline=0.5)
    assert time.monotonic() - began < 1.9


@contextmanager
def _dripping() -> Iterator[str]:
    """A receiver that sends a byte of its headers now and then, and never ends."""

    def drip() -> None:
        line, _ = listener.accept()
        with closing(line):
            for byte in b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100:
                if done.wait(0.05):
                    return
                line.send(bytes([byte]))

    done = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=drip)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        done.set()
        thread.join()


def test_a_receiver_that_drips_is_left_at_the_deadline_too() -> None:
    with _dripping() as url, pytest.raises(NotTaken, match=r"No answer within 0\.5 seconds"):
        post(url, deadline=0.5)


def test_nobody_listens() -> None:
    with pytest.raises(NotTaken, match="cannot be reached"):
        post(f"http://127.0.0.1:{free_port()}/")


@pytest.mark.parametrize("name", ["localhost", "elsewhere.example.edu"])
def test_the_certificate_must_be_that_of_the_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    webhook._context.cache_clear()
    with _over_tls(certificate) as port:
        rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
        if name == "localhost":
            post(f"https://{name}:{port}/")
        else:
            with pytest.raises(NotTaken, match="cannot be reached: ConnectError"):
                post(f"https://{name}:{port}/")
    webhook._context.cache_clear()


@contextmanager
def _over_tls(certificate: Path) -> Iterator[int]:
    with receiver(serving_context(certificate)) as found:
        yield int(found.url.split(":")[2].split("/")[0])


def test_addresses_of_webhooks() -> None:
    assert check_url("https://hooks.example.edu/a?b=c#d", ()) == "https://hooks.example.edu/a?b=c"
    assert check_url("http://10.0.0.1/", parse_networks("10.0.0.0/8")) == "http://10.0.0.1/"
    for text in (
        "http://hooks.example.edu/",
        "ftp://x/",
        "https://",
        "https://u:p@x/",
        "x",
        "https://x/" + "y" * 2000,
        "https://x:99999/",
        "https://x:0/",
        "https://xn--zzzzzz/",
    ):
        with pytest.raises(RequestError, match="begins with https"):
            check_url(text, ())


def test_without_tls_only_the_networks_of_the_setting_are_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: rows)
    with pytest.raises(AddressRefused, match="needs https"):
        post("http://hooks.example.edu/")


# From an alert to a receiver.


def test_a_message_is_signed_and_names_nobody(server: DeliveryHarness, hook: Receiver) -> None:
    made = server.webhook(hook.url)
    server.raise_alerts(learner_alert("ada", item="quiz-3", values={"times": 3.0, "note": "Ada"}))
    server.posting.run()
    (request,) = hook.requests
    secret = make_secret(KEY, to_bytes(made, "webhook"), b"salt")
    assert is_signed(secret, request.headers, request.body, NOW)
    body = json.loads(request.body)
    assert body["type"] == "alert.raised"
    assert body["data"]["student_id"] == to_text(pseudonym("ada"))
    assert body["data"]["values"] == {"times": 3.0}
    assert body["data"]["url"] == f"{BASE}/alerts?course=algebra"
    assert b"ada" not in request.body.lower()
    assert states(server) == [("sent", 1)]
    (entry,) = server.trail.entries
    assert (entry.tag, entry.subject) == ("alerts:student:webhook", to_text(pseudonym("ada")))


def test_an_alert_is_told_when_it_is_raised_when_it_is_over_and_when_it_comes_back(
    server: DeliveryHarness, hook: Receiver
) -> None:
    server.webhook(hook.url)
    for change in ({}, {"values": {"times": 4.0}}, {"cleared_at": NOW}, {"values": {"times": 5.0}}):
        server.raise_alerts(course_alert(**change))
        server.posting.run()
    kinds = [json.loads(request.body)["type"] for request in hook.requests]
    assert kinds == ["alert.raised", "alert.cleared", "alert.raised"]
    assert len(set(hook.ids)) == 3


@pytest.mark.parametrize("kind", [WebhookKind.SLACK, WebhookKind.TEAMS])
def test_chats_get_what_they_read_and_no_markup_of_others(
    server: DeliveryHarness, hook: Receiver, kind: WebhookKind
) -> None:
    server.webhook(hook.url, kind=kind)
    server.execute("UPDATE courses SET title = '<!channel> [x](http://evil)'")
    server.raise_alerts(course_alert())
    server.posting.run()
    body = json.loads(hook.requests[0].body)
    line = "<!channel> [x](http://evil): halted"
    if kind is WebhookKind.SLACK:
        assert body["text"] == "&lt;!channel&gt; [x](http://evil): halted"
        assert body["blocks"][0] == {"type": "section", "text": {"type": "plain_text", "text": line}}
        assert body["blocks"][1]["elements"][0]["url"] == f"{BASE}/alerts?course=algebra"
    else:
        card = body["attachments"][0]
        assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
        assert card["content"]["body"][0]["inlines"] == [{"type": "TextRun", "text": line}]
        assert card["content"]["actions"][0]["url"] == f"{BASE}/alerts?course=algebra"


def test_a_webhook_of_a_course_hears_of_that_course_under_the_rights_of_its_owner(
    server: DeliveryHarness, hook: Receiver
) -> None:
    server.course("logic", "emmy")
    server.webhook(hook.url, course_id="algebra", owner_id=account_id("emmy"))
    server.raise_alerts(learner_alert("ada"), course_alert("logic"), platform_alert())
    server.posting.run()
    assert [json.loads(each.body)["data"]["rule"] for each in hook.requests] == ["stuck"]
    server.raise_alerts(learner_alert("ben"), course_alert())
    server.execute("DELETE FROM teaching")
    server.posting.run()
    assert len(hook.requests) == 1
    assert sorted(states(server)) == [("dropped", 1), ("dropped", 1), ("sent", 1)]


def test_a_webhook_of_a_manager_hears_of_members_who_share_and_of_nothing_else(
    server: DeliveryHarness, hook: Receiver
) -> None:
    server.team("rosa", "ada", "ben", sharing=("ben",))
    server.team("nils", "cleo", sharing=("cleo",))
    server.webhook(hook.url, owner_id=account_id("rosa"))
    alerts = [
        learner_alert("ada"),
        learner_alert("ben"),
        learner_alert("cleo"),
        course_alert(),
        platform_alert(),
    ]
    server.raise_alerts(*alerts)
    server.posting.run()
    (told,) = (json.loads(each.body)["data"] for each in hook.requests)
    assert told["student_id"] == to_text(pseudonym("ben"))
    # What cannot be about a team is not even planned; what the member did not agree to is dropped.
    assert sorted(states(server)) == [("dropped", 1), ("sent", 1)]
    server.execute("UPDATE team_people SET manages = false")
    server.raise_alerts(learner_alert("ben", cleared_at=NOW + 1))
    server.posting.run()
    assert len(hook.requests) == 1


@pytest.mark.parametrize(
    "change", ["UPDATE accounts SET disabled = true", "UPDATE accounts SET role = 'student'"]
)
def test_a_webhook_falls_silent_with_its_owner(server: DeliveryHarness, hook: Receiver, change: str) -> None:
    server.webhook(hook.url, course_id="algebra", owner_id=account_id("emmy"))
    server.raise_alerts(course_alert())
    server.execute(change)
    server.posting.run()
    assert hook.requests == []


def test_a_receiver_that_answers_500_is_tried_again_with_pauses_under_one_id(
    server: DeliveryHarness, hook: Receiver
) -> None:
    server.webhook(hook.url)
    hook.statuses = [500, 503]
    server.raise_alerts(course_alert())
    server.posting.run()
    post_until(server, NOW + 59 * SECOND, SECOND)
    assert len(hook.requests) == 1
    post_until(server, NOW + 61 * SECOND, SECOND)
    assert len(hook.requests) == 2
    post_until(server, NOW + 5 * MINUTE, MINUTE)
    assert len(hook.requests) == 2
    post_until(server, NOW + 7 * MINUTE, MINUTE)
    assert len(set(hook.ids)) == 1
    assert states(server) == [("sent", 3)]
    times = [request.headers["webhook-timestamp"] for request in hook.requests]
    assert len(set(times)) == 3


def test_what_nobody_takes_becomes_a_dead_letter_and_can_be_sent_again(
    server: DeliveryHarness, hook: Receiver
) -> None:
    server.webhook(hook.url)
    hook.statuses = [500] * 8
    server.raise_alerts(course_alert())
    post_until(server, NOW + 33 * HOUR, HOUR // 2)
    assert states(server) == [("dead", 8)]
    (letter,) = server.webhooks.dead(10)
    assert (letter.webhook, letter.trouble) == ("ours", "The receiver answered 500.")
    assert server.webhooks.replay([letter.message_id], server.now) == 1
    server.posting.alarm.ring()
    server.posting.run()
    assert states(server) == [("sent", 1)]
    assert len(set(hook.ids)) == 1
    assert server.webhooks.dead(10) == []


def test_a_redirect_to_a_private_address_reaches_nobody(server: DeliveryHarness, hook: Receiver) -> None:
    with receiver() as inside:
        server.webhook(hook.url)
        hook.statuses, hook.location = [302], inside.url
        server.raise_alerts(course_alert())
        server.posting.run()
        assert inside.requests == []
    assert states(server) == [("waiting", 1)]


def test_an_address_that_may_not_be_reached_is_a_dead_letter_at_once(
    server: DeliveryHarness, hook: Receiver
) -> None:
    server.networks = ""
    server.restart()
    server.webhook(hook.url)
    server.raise_alerts(course_alert())
    server.posting.run()
    assert hook.requests == []
    (letter,) = server.webhooks.dead(10)
    assert "private network" in letter.trouble


def test_a_slow_receiver_keeps_nobody_else_waiting_for_long(server: DeliveryHarness, hook: Receiver) -> None:
    with receiver() as slow:
        slow.seconds = 3.0
        server.webhook(slow.url)
        server.webhook(hook.url)
        server.raise_alerts(*(course_alert(item=f"lesson-{number}") for number in range(12)))
        began = time.monotonic()
        server.posting.run()
        assert len(hook.requests) == 12
        assert len(slow.requests) <= 3
        assert time.monotonic() - began < 9
    # Only what was tried counts.
    assert max(attempts for state, attempts in states(server) if state == "waiting") == 1


def test_an_address_that_nobody_can_have_costs_no_other_receiver_anything(
    server: DeliveryHarness, hook: Receiver
) -> None:
    server.webhook("https://127.0.0.1:99999/")
    server.webhook(hook.url)
    server.raise_alerts(course_alert())
    assert server.posting.run() == "1 sent"
    assert len(hook.requests) == 1
    assert sorted(states(server)) == [("sent", 1), ("waiting", 1)]


def test_who_is_answered_slowly_waits_alone(server: DeliveryHarness, hook: Receiver) -> None:
    server.patience = 60.0
    server.restart()
    with receiver() as slow, ThreadPoolExecutor(1) as job:
        slow.answering.clear()
        server.webhook(slow.url)
        server.webhook(hook.url)
        server.raise_alerts(course_alert(item="lesson-1"), course_alert(item="lesson-2"))
        turn = job.submit(server.posting.run)
        try:
            wait_until(lambda: len(slow.requests) == 1 and len(hook.requests) == 2)
            server.raise_alerts(course_alert(item="lesson-3"))
            wait_until(lambda: len(hook.requests) == 3)
        finally:
            slow.answering.set()
        turn.result()
        server.posting.run()
        assert len(slow.requests) == len(hook.requests) == 3


def test_a_receiver_that_takes_its_time_gets_one_message_a_turn(
    server: DeliveryHarness, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "_SLOW", 0.0)
    server.webhook(hook.url)
    server.raise_alerts(*(course_alert(item=f"lesson-{number}") for number in range(3)))
    assert [server.posting.run() for _ in range(4)] == ["1 sent", "1 sent", "1 sent", ""]
    # Those that were given back have not been tried.
    assert states(server) == [("sent", 1)] * 3


def test_a_server_killed_while_it_sends_sends_again_under_the_same_id(
    server: DeliveryHarness, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    server.webhook(hook.url)
    server.raise_alerts(course_alert())
    with monkeypatch.context() as patch:
        patch.setattr(server.webhooks, "finish", die)
        with pytest.raises(Killed):
            server.posting.run()
    server.restart()
    post_until(server, NOW + HOUR, MINUTE)
    assert len(hook.requests) == 2
    assert len(set(hook.ids)) == 1


def test_a_webhook_that_is_taken_away_hears_nothing_more(server: DeliveryHarness, hook: Receiver) -> None:
    made = server.webhook(hook.url)
    server.raise_alerts(course_alert())
    assert not server.webhooks.remove(made, owner=account_id("emmy"))
    assert server.webhooks.remove(made)
    server.posting.run()
    assert hook.requests == []
    assert states(server) == []


# Alerts that are no more.


def forget(server: DeliveryHarness, student: str) -> None:
    server.alerts.forget([pseudonym(student)])
    server.planner.alarm.ring()
    server.planner.run()
    server.posting.run()


def told(hook: Receiver) -> list[tuple[str, dict[str, Any]]]:
    bodies = [json.loads(request.body) for request in hook.requests]
    return [(body["type"], body["data"]) for body in bodies]


def test_who_has_heard_of_an_alert_hears_that_its_student_is_erased(
    server: DeliveryHarness, hook: Receiver
) -> None:
    server.webhook(hook.url)
    alert, other = learner_alert("ada"), learner_alert("bob")
    server.raise_alerts(alert, other)
    server.posting.run()
    forget(server, "ada")
    assert told(hook)[2:] == [("alert.removed", {"alert_id": to_text(alert.alert_id)})]
    assert to_text(pseudonym("ada")) not in hook.requests[-1].body.decode()
    assert is_signed(
        make_secret(KEY, to_bytes(server.webhooks.all()[0].webhook.webhook_id, "webhook"), b"salt"),
        hook.requests[-1].headers,
        hook.requests[-1].body,
        server.now,
    )
    # Of the erased one nothing is left, and the other's message stays.
    assert server.rows("SELECT alert_id FROM webhook_messages") == [(UUID(bytes=other.alert_id),)]


def test_who_has_not_heard_of_an_alert_hears_nothing_of_its_end(
    server: DeliveryHarness, hook: Receiver
) -> None:
    server.webhook(hook.url)
    server.raise_alerts(learner_alert("ada"))
    forget(server, "ada")
    assert hook.requests == []


def test_a_chat_is_not_told_what_it_cannot_take_back(server: DeliveryHarness, hook: Receiver) -> None:
    server.webhook(hook.url, kind=WebhookKind.SLACK)
    server.raise_alerts(learner_alert("ada"))
    server.posting.run()
    forget(server, "ada")
    assert len(hook.requests) == 1


def test_an_alert_that_was_taken_back_and_raised_again_is_a_new_message(
    server: DeliveryHarness, hook: Receiver
) -> None:
    server.webhook(hook.url)
    alert = learner_alert("ada")
    server.raise_alerts(alert)
    server.posting.run()
    server.alerts.withdraw([alert.alert_id], server.now)
    server.planner.alarm.ring()
    server.planner.run()
    server.posting.run()
    server.raise_alerts(alert)
    server.posting.run()
    assert [kind for kind, _ in told(hook)] == ["alert.raised", "alert.removed", "alert.raised"]
    assert len({request.headers["webhook-id"] for request in hook.requests}) == 3


def test_the_news_of_an_erasure_is_tried_again_until_it_is_taken(
    server: DeliveryHarness, hook: Receiver
) -> None:
    server.webhook(hook.url)
    server.raise_alerts(learner_alert("ada"))
    server.posting.run()
    hook.statuses = [500, 200]
    forget(server, "ada")
    post_until(server, server.now + 10 * MINUTE, MINUTE)
    assert [kind for kind, _ in told(hook)] == ["alert.raised", "alert.removed", "alert.removed"]
    assert len({request.headers["webhook-id"] for request in hook.requests[1:]}) == 1
    assert states(server) == []
