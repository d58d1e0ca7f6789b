"""What is read of a form: as much as ours are long, and nothing before it is known who sends it."""

from __future__ import annotations

import socket

import httpx
import pytest

from tests.identity.harness import PASSWORD, IdentityHarness
from tests.support.browsing import token_of, visit

#: A body that no form of ours is as long as.
FIELDS = "&".join(f"f{number}=x" for number in range(500_000)).encode()
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("body", "media", "status", "code"),
    [
        (FIELDS, FORM, 413, "form_too_large"),
        (b"&" * 500 + b"=&" * 101, FORM, 413, "form_too_large"),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--',
            {},
            415,
            "unsupported_media_type",
        ),
    ],
)
def test_a_form_that_none_of_ours_can_be_is_not_parsed(
    server: IdentityHarness, body: bytes, media: dict[str, str], status: int, code: str
) -> None:
    with visit(server.url) as http:
        http.get("/sign-in")
        kind = media or {"Content-Type": "multipart/form-data; boundary=x"}
        answer = http.post("/sign-in", content=body, headers={"Accept": "*/*"} | kind)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("path", "cookie", "code"),
    [
        ("/sign-in", "", "form_expired"),
        ("/privacy/erasures", "coursepulse=made-up", "sign_in"),
        ("/admin/users", "coursepulse=made-up", "sign_in"),
        ("/break-glass", "coursepulse=made-up", "sign_in"),
        ("/sign-out", "coursepulse=made-up", "sign_in"),
        ("/v1/break-glass", "coursepulse=made-up", "key_missing"),
        ("/v1/dead-letters/replay", "coursepulse=made-up", "key_missing"),
    ],
)
def test_nothing_is_read_of_what_a_stranger_sends(
    server: IdentityHarness, path: str, cookie: str, code: str
) -> None:
    """A body that does not come at all: a server that waits for it does not answer."""
    to = httpx.URL(server.url)
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {to.host}:{to.port}",
        f"Origin: {server.url}",
        f"Cookie: {cookie}",
    ]
    lines += ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 1000", "", ""]
    with socket.create_connection((to.host, to.port), timeout=10) as line:
        line.sendall("\r\n".join(lines).encode())
        received = b""
        while f'"code":"{code}"'.encode() not in received:
            more = line.recv(65536)
            assert more, received
            received += more


def test_the_sign_in_form_still_works(server: IdentityHarness) -> None:
    server.add("zoe", "student")
    with visit(server.url) as http:
        form = {"form_token": token_of(http.get("/sign-in").text), "login_name": "zoe", "password": PASSWORD}
        assert http.post("/sign-in", data=form).status_code == 303
