"""A mail as a message of RFC 5322, with the headers that machines read."""

from __future__ import annotations

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import NamedTuple

#: One address and nothing else: no list, no comment, no line break. Wider than what servers accept, never longer.
_ADDRESS = re.compile(r"[!#$%&'*+/=?^_`{|}~.0-9A-Za-z-]{1,64}@[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*")

#: Long values, such as links with tokens, must not be folded: not every reader puts them together again.
_POLICY = SMTP.clone(max_line_length=998)


class MailFile(NamedTuple):
    """A file that comes with a mail."""

    name: str
    media_type: str
    content: bytes


class MailText(NamedTuple):
    """What a mail says, twice: for readers that show HTML, and for those that do not."""

    subject: str
    text: str
    html: str
    files: tuple[MailFile, ...] = ()


class MailHeaders(NamedTuple):
    """Everything about a mail but its words.

    :param sender: the address of the settings, possibly with a name
    :param message_id: the same at every attempt, so that readers show a mail that came twice once
    :param unsubscribe: a link that needs no sign-in
    """

    sender: str
    recipient: str
    message_id: str
    unsubscribe: str
    at: datetime


def is_address(text: str) -> bool:
    """Whether a text is one plain address in ASCII."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def read_sender(text: str) -> Address:
    """``Name <address>`` or an address.

    :raises ValueError: for anything else
    """
    name, _, rest = text.rpartition("<")
    plain = rest.removesuffix(">").strip() if name or text.startswith("<") else text.strip()
    if not is_address(plain) or "\n" in name or "\r" in name:
        raise ValueError(text)
    return Address(display_name=name.strip().strip('"'), addr_spec=plain)


def write_message(headers: MailHeaders, words: MailText) -> EmailMessage:
    """The message, ready to be sent."""
    sender = read_sender(headers.sender)
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    message["To"] = Address(addr_spec=headers.recipient)
    message["Subject"] = " ".join(words.subject.split())
    message["Date"] = headers.at
    message["Message-ID"] = f"<{headers.message_id}@{sender.domain}>"
    # One click unsubscribes (RFC 8058), and no robot answers (RFC 3834).
    message["List-Unsubscribe"] = f"<{headers.unsubscribe}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    # Not every server takes eight bits.
    message.set_content(words.text, cte="quoted-printable")
    message.add_alternative(words.html, subtype="html", cte="quoted-printable")
    for each in words.files:
        kind, _, form = each.media_type.partition("/")
        message.add_attachment(each.content, maintype=kind, subtype=form, filename=each.name)
    return message
