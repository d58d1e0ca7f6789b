from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from coursepulse.alerts.delivery import smtp
from coursepulse.alerts.delivery.message import MailHeaders, MailText, is_address, read_sender, write_message
from coursepulse.alerts.delivery.smtp import (
    MailConnection,
    MailPutOff,
    MailRefused,
    MailServer,
    MailServerDown,
    MailUncertain,
    parse_server,
)
from coursepulse.kit.errors import SettingError
from tests.support.certificates import make_certificate, serving_context
from tests.support.mail_server import Mailbox, free_port, mail_server

ME, YOU = "pulse@example.edu", "emmy@example.edu"
LINK = "https://analytics.example.edu/unsubscribe/" + "x" * 200


def message(**changes: str) -> EmailMessage:
    given = {"sender": ME, "recipient": YOU, "message_id": "one", "unsubscribe": LINK} | changes
    words = MailText("Grüße\r\nBcc: everybody@example.edu", "Ünïcode " * 300, "<p>Ünïcode</p>")
    return write_message(MailHeaders(**given, at=datetime(2026, 11, 10, tzinfo=UTC)), words)


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    smtp._context.cache_clear()
    yield certificate
    smtp._context.cache_clear()


def deliver(server: MailServer, mail: EmailMessage | None = None) -> None:
    connection = MailConnection(server)
    try:
        connection.send(mail or message(), ME, YOU)
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("smtps://mail.example.edu", MailServer("mail.example.edu", 465, encrypted=True)),
        ("smtp://mail.example.edu", MailServer("mail.example.edu", 587, encrypted=False)),
        ("smtps://us%40er:p%3Ass@m:99", MailServer("m", 99, encrypted=True, user="us@er", password="p:ss")),
    ],
)
def test_the_address_of_a_server(url: str, wanted: MailServer) -> None:
    assert parse_server(url) == wanted


@pytest.mark.parametrize(
    "url", ["mail.example.edu:25", "http://m", "smtp://", "smtp://m:x", "smtp://m/path?q"]
)
def test_a_wrong_address_is_not_repeated_because_it_may_hold_a_password(url: str) -> None:
    with pytest.raises(SettingError, match=r"^COURSEPULSE_SMTP must look like smtps://user:password@mail"):
        parse_server(url)


def test_a_mail_arrives_whole() -> None:
    mailbox, port = Mailbox(), free_port()
    with mail_server(mailbox, port):
        deliver(parse_server(f"smtp://127.0.0.1:{port}"))
    (mail,) = mailbox.mails
    assert mail["Subject"] == "Grüße Bcc: everybody@example.edu"
    assert mail["Bcc"] is None
    assert mail["List-Unsubscribe"] == f"<{LINK}>"
    assert mail["Message-ID"] == "<one@example.edu>"
    body = mail.get_body(("plain",))
    assert body
    assert body.get_content().split() == ["Ünïcode"] * 300


def test_long_headers_stand_in_one_line_for_readers_that_do_not_fold() -> None:
    assert f"List-Unsubscribe: <{LINK}>\r\n".encode() in message().as_bytes()


def test_tls_from_the_first_byte(trusted: Path) -> None:
    mailbox, port = Mailbox(), free_port()
    with mail_server(mailbox, port, tls=serving_context(trusted)):
        deliver(parse_server(f"smtps://127.0.0.1:{port}"))
    assert len(mailbox.mails) == 1


def test_starttls_is_used_where_it_is_offered(trusted: Path) -> None:
    mailbox, port = Mailbox(), free_port()
    with mail_server(mailbox, port, start_tls=serving_context(trusted)):
        connection = MailConnection(parse_server(f"smtp://127.0.0.1:{port}"))
        assert connection._client.sock.version().startswith("TLS")  # type: ignore[union-attr]
        connection.send(message(), ME, YOU)
        connection.close()
    assert len(mailbox.mails) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    mailbox, port = Mailbox(), free_port()
    context = serving_context(make_certificate(tmp_path))
    with (
        mail_server(mailbox, port, start_tls=context),
        pytest.raises(MailServerDown, match="cannot be used"),
    ):
        deliver(parse_server(f"smtp://127.0.0.1:{port}"))


def test_nothing_goes_over_a_network_without_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox, port = Mailbox(), free_port()
    # As if the server were on another machine.
    monkeypatch.setattr(MailServer, "is_local", False)
    with mail_server(mailbox, port), pytest.raises(MailServerDown, match="offers no STARTTLS"):
        deliver(parse_server(f"smtp://127.0.0.1:{port}"))
    assert mailbox.mails == []


def test_a_password_that_the_server_does_not_take() -> None:
    mailbox, port = Mailbox(), free_port()
    with mail_server(mailbox, port), pytest.raises(MailServerDown, match="no STARTTLS or no sign-in"):
        deliver(parse_server(f"smtp://user:secret@127.0.0.1:{port}"))


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(MailServerDown, match="Connection refused"):
        deliver(parse_server(f"smtp://127.0.0.1:{free_port()}"))


@pytest.mark.parametrize(
    ("said", "error"),
    [("451 later", MailPutOff), ("554 spam", MailRefused), ("hang up", MailUncertain)],
)
def test_what_a_server_says_decides_whether_it_is_asked_again(said: str, error: type[Exception]) -> None:
    mailbox, port = Mailbox(), free_port()
    mailbox.answer.append(said)
    with mail_server(mailbox, port), pytest.raises(error):
        deliver(parse_server(f"smtp://127.0.0.1:{port}"))


@pytest.mark.parametrize("text", ["a@b.c", "emmy.noether+x@sub.example.edu", "o'neil@example.edu"])
def test_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@",
        "@b",
        "a@b@c",
        "a b@c",
        "a@b\n",
        "a@b\r\nBcc: x@y",
        "<a@b>",
        "a@b,c@d",
        "ä@b.c",
        "a@ö.c",
        "a@" + "b" * 260,
    ],
)
def test_what_is_no_address(text: str) -> None:
    assert not is_address(text)


def test_senders() -> None:
    assert str(read_sender("pulse@example.edu")) == "pulse@example.edu"
    assert str(read_sender('"Pulse, Inc" <pulse@example.edu>')) == '"Pulse, Inc" <pulse@example.edu>'
    for text in ("pulse", "Pulse <pulse>", "a@b, c@d", "Pul\nse <a@b>"):
        with pytest.raises(ValueError, match=text[:3]):
            read_sender(text)
