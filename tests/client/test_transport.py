"""When a request is tried again, after how long, and when not."""

from __future__ import annotations

import httpx
import pytest

from coursepulse.client.transport import SERVER_AWAY, Transport
from coursepulse.kit.errors import RequestError


class Server:
    """Gives prepared answers; the last one for ever. ``paused`` notes the seconds between attempts."""

    def __init__(self, *answers: httpx.Response | httpx.TransportError) -> None:
        self.answers = list(answers)
        self.paused: list[float] = []
        self.seen: list[httpx.Request] = []

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer

    def transport(self, patience: float = 1000.0, jitter: float = 1.0) -> Transport:
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        return Transport(
            "http://server/",
            "key",
            patience=patience,
            http=http,
            pause=self.paused.append,
            jitter=lambda: jitter,
        )


def later(status: int, after: str = "") -> httpx.Response:
    return httpx.Response(status, json={"code": "busy", "sentence": "Later."}, headers={"Retry-After": after})


FINE = httpx.Response(202, content=b"fine")


def test_an_answer_is_handed_back_and_the_key_is_sent() -> None:
    server = Server(FINE)
    assert server.transport().ask("POST", "/v1/events", b"body", {"X-Extra": "1"}) == b"fine"
    request = server.seen[0]
    assert (request.method, str(request.url), request.content) == ("POST", "http://server/v1/events", b"body")
    assert (request.headers["Authorization"], request.headers["X-Extra"]) == ("Bearer key", "1")


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_later_means_later(status: int) -> None:
    server = Server(later(status), later(status), FINE)
    assert server.transport().ask("GET", "/") == b"fine"
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), httpx.WriteError("gone")]
)
def test_a_lost_connection_is_tried_again(error: httpx.TransportError) -> None:
    server = Server(error, FINE)
    assert server.transport().ask("GET", "/") == b"fine"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 415, 422, 500])
def test_a_refusal_is_final(status: int) -> None:
    server = Server(httpx.Response(status, json={"code": "no", "sentence": "Never."}), FINE)
    with pytest.raises(RequestError, match="Never") as caught:
        server.transport().ask("GET", "/")
    assert (caught.value.code, caught.value.status) == ("no", status)
    assert server.paused == []


def test_a_refusal_in_no_form_of_ours_is_named_by_its_status() -> None:
    with pytest.raises(RequestError, match="answered 404"):
        Server(httpx.Response(404, content=b"<html>")).transport().ask("GET", "/")


def test_pauses_double_up_to_half_a_minute() -> None:
    server = Server(*[later(503)] * 10, FINE)
    server.transport().ask("GET", "/")
    assert server.paused == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_pauses_are_jittered_down_to_nothing() -> None:
    server = Server(later(503), later(503), FINE)
    server.transport(jitter=0.0).ask("GET", "/")
    assert server.paused == [0, 0]


@pytest.mark.parametrize(
    ("after", "least"), [("7", 7), ("0", 0), ("", 0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)]
)
def test_retry_after_is_honoured(after: str, least: float) -> None:
    server = Server(later(429, after), FINE)
    server.transport(jitter=0.0).ask("GET", "/")
    assert server.paused == [least]


def test_patience_ends() -> None:
    server = Server(later(503, "30"))
    with pytest.raises(RequestError, match=r"Gave up: Later\.") as caught:
        server.transport(patience=20).ask("GET", "/")
    assert caught.value.code == SERVER_AWAY
    assert len(server.seen) == 1
