"""Traces of a student in unreadable text: a false alarm is better than a miss."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from hashlib import sha1
from unicodedata import normalize
from urllib.parse import unquote

from coursepulse.kit.ids import to_text
from coursepulse.privacy.erasable import DataSubject

#: How many layers of encoding are removed: JSON in a URL parameter in a JSON string makes three.
_LAYERS = 5

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)

#: What an escaped character stands for, if not for itself.
_BLANKS = dict.fromkeys("nrtbf", " ")

_WORD = re.compile(r"\w+")


class Traces:
    """Finds the ids, the address and the name of a student anywhere in a text, however it is encoded.

    Unlike :class:`coursepulse.privacy.mentions.Mentions` it also matches longer words that contain one of them. Use it
    only for data that may be discarded, not for data that is shown to somebody.
    """

    def __init__(self, who: DataSubject) -> None:
        known = {to_text(who.student), who.student.hex(), who.external_id, who.email, who.name}
        if who.email:
            known |= {_mailbox(who.email), _mailbox(who.email.lower())}
        self._raw = who.student
        self._needles = frozenset(_plain(one) for one in known if one.strip())
        self._name = frozenset(_WORD.findall(_plain(who.name)))

    def __call__(self, text: bytes | str | None) -> bool:
        """Whether there is a trace of the student in ``text``."""
        if isinstance(text, bytes):
            return self._raw in text or any(self._is_in(read) for read in _readings(text))
        return text is not None and self._is_in(text)

    def _is_in(self, text: str) -> bool:
        return any(self._names(view) for view in _views(text))

    def _names(self, view: str) -> bool:
        if any(needle in view for needle in self._needles):
            return True
        # First and last name in separate fields, or in the other order.
        return len(self._name) > 1 and self._name <= set(_WORD.findall(view))


def _mailbox(email: str) -> str:
    """How learning records name an e-mail address (``mbox_sha1sum``)."""
    return sha1(f"mailto:{email}".encode(), usedforsecurity=False).hexdigest()


def _readings(body: bytes) -> Iterator[str]:
    """The text in every encoding that may occur."""
    yield body.decode("utf-8", "replace")
    if not body.isascii():
        yield body.decode("cp1252", "replace")
    if b"\0" in body:
        for start in (0, 1):
            yield body[start:].decode("utf-16-le", "replace")


def _views(text: str) -> Iterator[str]:
    """The text itself, and with its layers of encoding removed one by one."""
    for encoding in ("utf-8", "cp1252"):
        current = text
        for _ in range(_LAYERS):
            yield _plain(current)
            if "+" in current:
                yield _plain(current.replace("+", " "))
            further = html.unescape(_unescape(unquote(current, encoding, "replace")))
            if further == current:
                break
            current = further
        if "%" not in text:
            return


def _unescape(text: str) -> str:
    """Without JSON escapes; surrogate pairs are joined."""
    if "\\" not in text:
        return text
    whole = _ESCAPE.sub(_unescape_one, text)
    return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unescape_one(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _BLANKS.get(found[3], found[3])


def _plain(text: str) -> str:
    """Normalised as people compare names: without case, spellings of umlauts and numbers of blanks."""
    return " ".join(normalize("NFKC", normalize("NFKC", text).casefold()).split())
