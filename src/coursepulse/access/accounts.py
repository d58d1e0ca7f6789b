"""Accounts: who may sign in, in which role, and the rules for login names and passwords."""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from coursepulse.access.viewer import Role
from coursepulse.kit.clock import Micros
from coursepulse.kit.errors import RequestError

#: The roles of people. Programs have keys instead.
ROLES = tuple(role for role in Role if role is not Role.SERVICE)

#: NIST SP 800-63B section 3.1.1.2 asks for length only: no symbols, no regular change.
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 256

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+#-]{0,127}")


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may sign in.

    :param student_id: the pseudonym of the person they are, as learner or as teacher
    :param organisation_id: empty for the platform's own people
    :param language: the one they have chosen; empty until they do
    :param provided: they sign in through an identity provider and have no password here
    """

    account_id: str
    login_name: str
    role: Role
    student_id: bytes | None = None
    organisation_id: str = ""
    disabled: bool = False
    created_at: Micros = 0
    last_sign_in_at: Micros | None = None
    provided: bool = False
    language: str = ""

    @property
    def subject(self) -> str:
        """The account as the audit trail names it."""
        return f"account:{self.account_id}"


class StoredAccount(NamedTuple):
    """An account, and the hash of its password where it has one."""

    account: Account
    password_hash: str | None


class Provided(NamedTuple):
    """Who somebody is at an identity provider (OpenID Connect Core section 2: issuer and subject together)."""

    issuer: str
    subject: str


class Session(NamedTuple):
    """Who is behind a token: an account, or the student of an embedded page."""

    account: Account | None
    embedded: bytes | None


def fold_login(text: str) -> str:
    """A login name as it is compared: trimmed, in lower case."""
    return text.strip().lower()


def check_login(text: str) -> str:
    """A login name for a new account.

    :raises RequestError: ``invalid_login``
    """
    name = fold_login(text)
    if not _LOGIN.fullmatch(name):
        raise RequestError(
            "invalid_login",
            "A login name has up to 128 letters a-z, digits and . _ @ + # -, and begins with a letter or digit.",
        )
    return name


def check_password(text: str) -> str:
    """A password for an account.

    :raises RequestError: ``invalid_password``
    """
    if not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        raise RequestError(
            "invalid_password", f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters."
        )
    return text


def read_role(text: str) -> Role:
    """The role of an account with this name.

    :raises RequestError: ``invalid_role``
    """
    if text not in ROLES:
        raise RequestError("invalid_role", f"A role is one of {', '.join(ROLES)}.")
    return Role(text)
