"""Dead letters about a student in every shape in which one has been seen, or could be."""

from __future__ import annotations

import json
from hashlib import sha1
from pathlib import Path
from urllib.parse import quote, quote_plus

from coursepulse.collect.dead_letters import SqliteDeadLetterQueue
from coursepulse.events.reasons import Rejected, RejectionReason

#: In every dead letter that has to go: to be looked for in the bytes of the file afterwards.
MARK = "goes-with-its-student"


def escaped(text: str) -> str:
    """Every character as JSON may write it."""
    return "".join(f"\\u{ord(letter):04X}" for letter in text)


def bodies(name: str, mail: str, ident: str) -> list[bytes]:
    """What may stand in a dead letter about somebody, each once."""
    first, last = name.split()
    texts = [
        f"the student {ident} wrote",
        f"user={ident}&course=7",
        f'{{"user": {ident}, "half',
        f'{{"url": "/u/{ident}/edit?x=1"}}',
        f"{ident.upper()}:7",
        f"mail={quote_plus(mail)}",
        f"to {quote(mail, safe='')}",
        "".join(f"%{byte:02x}" for byte in mail.encode()),
        f"%25{quote(mail, safe='')[1:]}" if mail.startswith("@") else quote(quote(mail, safe=""), safe=""),
        f'"{escaped(mail)}"',
        json.dumps(json.dumps({"who": escaped(ident)})),
        f"<b>{mail.replace('@', '&#64;')}</b>",
        f"{mail.upper()} said",
        f"actor {sha1(f'mailto:{mail}'.encode(), usedforsecurity=False).hexdigest()}",
        f"name={quote_plus(name)}",
        f"{name.upper()} was here",
        f"{last}, {first}",
        f'{{"given": "{first}", "family": "{escaped(last)}"',
        f"{first}   \n {last}",
    ]
    return [text.encode() for text in texts] + [name.encode("utf-16-le"), mail.encode("utf-16")]


def write_dead_letters(data: Path, name: str, mail: str, ident: str) -> int:
    """Put dead letters of all shapes where the server on ``data`` keeps them; returns how many have to go."""
    shaped = [
        Rejected(0, f"{MARK}-{number}", RejectionReason.MALFORMED, "$", "Why.", body)
        for number, body in enumerate(bodies(name, mail, ident))
    ]
    shaped += [
        Rejected(0, f"{MARK}-{ident}-x", RejectionReason.MALFORMED, "$", "Why.", b""),
        Rejected(0, f"{MARK}-p", RejectionReason.MALFORMED, f"$.payload.{ident}", "Why.", b""),
        Rejected(0, f"{MARK}-s", RejectionReason.MALFORMED, "$", f"`{name}` is not an event type.", b""),
    ]
    stays = Rejected(0, "stays", RejectionReason.MALFORMED, "$", "Why.", b"somebody else altogether")
    dead_letters = SqliteDeadLetterQueue(data / "log" / "dead-letters.sqlite")
    dead_letters.put([*shaped, stays], 1, "a key")
    # Once replayed, nothing of it is left to go.
    replayed = Rejected(
        0, f"{MARK}-{ident}-r", RejectionReason.MALFORMED, "$", f"`{mail}` is not an event type.", b""
    )
    dead_letters.put([replayed], 1, "another key")
    dead_letters.resolve([dead_letters.newest(source="another key")[0].id], 2)
    dead_letters.close()
    return len(shaped)
