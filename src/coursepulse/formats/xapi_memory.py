"""What statements must know about each other: voided statements, accounts, and earlier attempts."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from hashlib import sha1
from typing import Any
from urllib.parse import urlsplit

from coursepulse.formats.marks import Marks
from coursepulse.formats.values import Json, fit_id, mapping, text
from coursepulse.kit.ids import is_uuid, to_bytes, to_text


class Memory:
    """Filled in a first pass over all statements, so that their order does not matter.

    :param home: the home page whose accounts are identified by name alone; for others the page is added, because
        every system has a user 1. Empty: all accounts are identified by name
    :param voided: hidden ids of statements that were voided before
    :param marks: numbers that earlier imports gave to attempts
    """

    def __init__(self, home: str = "", voided: set[str] | None = None, marks: Marks | None = None) -> None:
        self.home = home_of(home)
        self.voided = voided if voided is not None else set()
        self.taken_back: set[str] = set()
        self.marks = marks or Marks()
        self._homes: Counter[str] = Counter()
        self._begun: dict[tuple[str, str, str], dict[str, datetime]] = defaultdict(dict)

    def note_void(self, identifier: str) -> None:
        """Note a voided statement."""
        self.taken_back.add(same_id(identifier))

    def note_actor(self, actor: Json) -> None:
        """Note a learner."""
        home = home_of(text(mapping(actor.get("account")).get("homePage")))
        if home:
            self._homes[home] += 1

    def note_attempt(self, actor: Json, assessment: str, mark: str, at: datetime) -> None:
        """Note an attempt without a number, and the time of one of its statements."""
        begun = self._begun[*identity_of(actor), assessment]
        begun[mark] = min(at, begun.get(mark, at))

    def settle(self) -> None:
        """Evaluates everything that was noted. Attempts are numbered in the order in which they began."""
        if not self.home and self._homes:
            self.home = min(self._homes, key=lambda home: (-self._homes[home], home))
        for (home, name, assessment), begun in self._begun.items():
            known = self.marks.of(self._student(home, name), assessment)
            for mark in sorted(begun, key=lambda mark: (begun[mark], mark)):
                known.setdefault(self.marks.hide(mark), len(known) + 1)
        self._begun.clear()

    def is_void(self, identifier: str) -> bool:
        """Whether a statement was voided."""
        if not self.voided and not self.taken_back:
            return False
        spelled = same_id(identifier)
        return spelled in self.taken_back or self.marks.hide(spelled) in self.voided

    def hidden_voids(self) -> set[str]:
        """The statements voided by this import, as hidden ids for later imports."""
        return {self.marks.hide(each) for each in self.taken_back}

    def number_of(self, actor: Json, assessment: str, mark: str) -> int:
        """The number of an attempt; 1 if none was noted."""
        return self.marks.find(self.student_of(actor), assessment).get(self.marks.hide(mark), 1)

    def student_of(self, actor: Json) -> str:
        """The platform's id of an actor, or empty."""
        return self._student(*identity_of(actor))

    def _student(self, home: str, name: str) -> str:
        return fit_id(f"{home}#{name}" if home and self.home and home != self.home else name)


def same_id(identifier: str) -> str:
    """The normalised id of a statement: the case of a UUID does not matter."""
    found = identifier.strip()
    return to_text(to_bytes(found, "event")) if is_uuid(found) else found


def home_of(address: str) -> str:
    """A normalised home page: the case of scheme and host and a trailing slash do not matter."""
    parts = urlsplit(address.strip())
    if not parts.netloc:
        return address.strip().rstrip("/")
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl().rstrip("/")


def identity_of(actor: Json) -> tuple[str, str]:
    """The home page and name of an account; for other actors an empty page and their identifier.

    A mailbox becomes its SHA-1: statements give either, and both must identify the same person.
    """
    account = mapping(actor.get("account"))
    name = text(account.get("name"))
    if name:
        return home_of(text(account.get("homePage"))), name
    mailbox = _mailbox_of(text(actor.get("mbox")))
    if mailbox:
        return "", sha1(mailbox.encode(), usedforsecurity=False).hexdigest()
    return "", text(actor.get("mbox_sha1sum")).lower() or text(actor.get("openid"))


def _mailbox_of(spelled: str) -> str:
    """A mailbox normalised for hashing: only the local part is case-sensitive (RFC 3986 3.1, RFC 5321 2.4)."""
    address = spelled[7:] if spelled[:7].lower() == "mailto:" else spelled
    local, at, domain = address.strip().rpartition("@")
    return f"mailto:{local}{at}{domain.lower()}" if domain else ""


def is_group(actor: Any) -> bool:
    """Whether the actor is a group without a single person."""
    return mapping(actor).get("objectType") == "Group" or bool(mapping(actor).get("member"))
