"""Mails over SMTP, encrypted."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from functools import cache
from ipaddress import ip_address
from ssl import SSLContext
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

import httpx

from coursepulse.kit.errors import CoursepulseError, SettingError

#: Seconds that a mail server may take for one answer.
_TIMEOUT = 20.0

_PORTS = {"smtps": 465, "smtp": 587}


class MailServerDown(CoursepulseError):
    """The mail server takes nothing now. No mail was sent."""


class MailPutOff(CoursepulseError):
    """The server does not take this mail now. It was not sent."""


class MailRefused(CoursepulseError):
    """The server will never take this mail: trying again would only harm the sender's name."""


class MailUncertain(CoursepulseError):
    """The connection broke while the mail was on its way: it may have been sent."""


class MailServer(NamedTuple):
    """Where mails are handed in.

    :param encrypted: TLS from the first byte; otherwise by STARTTLS
    """

    host: str
    port: int
    encrypted: bool
    user: str = ""
    password: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it is reached without any network, where nobody listens in."""
        return self.host == "localhost" or _is_loopback(self.host)


def parse_server(url: str) -> MailServer:
    """``smtps://user:password@host:port`` (TLS), or ``smtp://…`` (STARTTLS).

    :raises SettingError: when it is neither
    """
    parts, port = urlsplit(url), None
    try:
        port = parts.port
    except ValueError:
        raise _malformed() from None
    if parts.scheme not in _PORTS or not parts.hostname or _has_more(parts):
        raise _malformed()
    return MailServer(
        parts.hostname,
        port or _PORTS[parts.scheme],
        parts.scheme == "smtps",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


class MailConnection:
    """One connection, for all the mails of a round.

    :raises MailServerDown: when the server cannot be reached, or does not let us in
    """

    def __init__(self, server: MailServer) -> None:
        self._client = _open(server)

    def send(self, message: EmailMessage, sender: str, recipient: str) -> None:
        """Returns when the server has taken the mail.

        :raises MailServerDown:
        :raises MailPutOff:
        :raises MailRefused:
        :raises MailUncertain:
        """
        try:
            self._client.send_message(message, sender, [recipient])
        except smtplib.SMTPRecipientsRefused as error:
            raise _judge(*error.recipients[recipient]) from None
        except smtplib.SMTPSenderRefused as error:
            # It is the same for every mail, and somebody can mend it.
            raise MailServerDown(_tell(error.smtp_code, error.smtp_error)) from None
        except smtplib.SMTPResponseException as error:
            raise _judge(error.smtp_code, error.smtp_error) from None
        except smtplib.SMTPNotSupportedError as error:
            raise MailRefused(str(error)) from None
        except OSError as error:
            raise MailUncertain(f"The mail server hung up: {type(error).__name__}.") from None

    @property
    def is_open(self) -> bool:
        """False once the server has hung up."""
        return self._client.sock is not None

    def close(self) -> None:
        """Says goodbye, if the server still listens."""
        try:
            self._client.quit()
        except OSError:
            self._client.close()


def _open(server: MailServer) -> smtplib.SMTP:
    client: smtplib.SMTP | None = None
    try:
        client = _connect(server)
        if server.user:
            client.login(server.user, server.password)
    except OSError as error:
        if client:
            client.close()
        raise MailServerDown(f"The mail server cannot be used: {_why(error)}.") from None
    return client


def _connect(server: MailServer) -> smtplib.SMTP:
    if server.encrypted:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT, context=_context())
    client = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT)
    try:
        client.ehlo()
        # A server on this machine may do without; on a network nothing is sent that others could read.
        if client.has_extn("starttls") or not server.is_local:
            client.starttls(context=_context())
    except BaseException:
        client.close()
        raise
    return client


@cache
def _context() -> SSLContext:
    """Trusts what ``SSL_CERT_FILE`` says, otherwise the usual authorities."""
    return httpx.create_ssl_context()


def _judge(code: int, said: bytes | str) -> MailPutOff | MailRefused:
    sentence = _tell(code, said)
    return MailRefused(sentence) if 500 <= code < 600 else MailPutOff(sentence)


def _tell(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"The mail server said: {code} {' '.join(text.split())[:300]}"


def _why(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"it answered {error.smtp_code}"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "it offers no STARTTLS or no sign-in"
    return error.strerror or type(error).__name__


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _has_more(parts: SplitResult) -> bool:
    return bool(parts.path.strip("/") or parts.query or parts.fragment)


def _malformed() -> SettingError:
    # The address may hold a password: it is not repeated.
    return SettingError("COURSEPULSE_SMTP must look like smtps://user:password@mail.example.edu:465.")
