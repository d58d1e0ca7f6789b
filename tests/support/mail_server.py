"""A real mail server on loopback, which a test can break in the ways that mail servers break."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Mailbox:
    """What arrived. Codes that a test puts in are answered instead of taking a mail.

    :param refuse: answers to ``RCPT TO``, one for each address
    :param answer: what is said to the next mails instead of 250, in order
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refuse: dict[str, str] = {}
        self.answer: list[str] = []

    async def handle_RCPT(  # noqa: N802 - the name is the command's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take an address or refuse it."""
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail, or say that it is not taken. An answer of ``hang up`` takes it and says nothing."""
        said = self.answer.pop(0) if self.answer else "250 OK"
        if said.startswith(("250", "hang up")):
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.mails.append(message)
            self.recipients += envelope.rcpt_tos
        if said == "hang up" and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return said


def free_port() -> int:
    """A port on which nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def mail_server(
    mailbox: Mailbox, port: int, tls: ssl.SSLContext | None = None, start_tls: ssl.SSLContext | None = None
) -> Iterator[None]:
    """Listens until the block ends; a mailbox may outlive several servers."""
    controller = Controller(
        mailbox, hostname="127.0.0.1", port=port, ssl_context=tls, tls_context=start_tls, ready_timeout=10
    )
    controller.start()
    try:
        yield
    finally:
        controller.stop()
