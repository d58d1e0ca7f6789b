"""What administrators do with accounts and keys; screens and API call the same functions. Not for the loop."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import msgspec

from coursepulse.access.accounts import Account, check_login, check_password, fold_login, read_role
from coursepulse.access.basis import AccessKind, grant_entry
from coursepulse.access.viewer import Role, Viewer
from coursepulse.collect.keys import EMBED, PRIVACY, READ, SCOPES
from coursepulse.dashboards.language import SOURCE, speaking
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.web.audit.writing import note
from coursepulse.web.break_glass.service import read_reason
from coursepulse.web.http.reading import refuse_nul
from coursepulse.web.identity.components import Identity

if TYPE_CHECKING:
    from coursepulse.collect.keys import KeyFacts
    from coursepulse.web.http.ports import HasIdentity
    from coursepulse.web.identity.ports import IdentityServices

#: An account of a student was tied to this person.
TIED = "identity:student:tie"

#: Scopes of keys that show the record of any student.
_SHOWING = frozenset({READ, EMBED, PRIVACY})

#: Whether a change opens a record depends on what the account is: two at a time would each see half of it.
_changing = threading.Lock()

#: An account of anybody else was tied to this person, and has the rights that hang on them.
RIGHTS_OF = "identity:person:tie"

_KEY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class NewAccount(NamedTuple):
    """An account to be made; without a password one is made up.

    :param reason: why the account is tied to that person
    """

    login_name: str
    role: str
    person: str = ""
    organisation_id: str = ""
    password: str = ""
    reason: str = ""


class AccountEdit(NamedTuple):
    """What is to be different about an account; None leaves a thing as it is.

    :param reason: why the account is tied to a person, or gets another role or a password, where it is
    """

    role: str | None = None
    person: str | None = None
    organisation_id: str | None = None
    disabled: bool | None = None
    password: str | None = None
    reason: str = ""


class AccountWithPassword(NamedTuple):
    """An account, and the password that was made up for it: shown once."""

    account: Account
    password: str = ""


def read_accounts(services: IdentityServices, viewer: Viewer) -> list[Account]:
    """Everyone who may sign in, by login name. Looking at the list is an entry of the trail."""
    note(services, viewer, "identity:account:read")
    return identity_of(services).accounts.everyone()


def read_keys(services: IdentityServices, viewer: Viewer) -> list[KeyFacts]:
    """Every key that was ever made here, those in use first. Looking at the list is an entry of the trail."""
    note(services, viewer, "identity:key:read")
    return identity_of(services).keys.everything()


def add_account(services: IdentityServices, viewer: Viewer, new: NewAccount) -> AccountWithPassword:
    """Make a local account.

    An account tied to a person sees what that person sees: tying it is like opening a record.

    :raises RequestError: ``invalid_login``, ``invalid_password``, ``invalid_role``, ``unknown_organisation``,
        ``login_taken``, ``reason_too_short``
    """
    identity = identity_of(services)
    refuse_nul(new._asdict().items())
    password = check_password(new.password) if new.password else make_password()
    account = Account(
        account_id=str(uuid4()),
        login_name=check_login(new.login_name),
        role=read_role(new.role),
        student_id=identity.person(new.person) if new.person else None,
        organisation_id=new.organisation_id,
    )
    _check_organisation(services, new.organisation_id)
    if identity.accounts.find(account.login_name):
        raise RequestError("login_taken", say("accounts.taken", name=account.login_name), 409)
    _tie(services, viewer, account, new.reason)
    note(services, viewer, "identity:account:add", account.subject, f"role {account.role}")
    added = identity.accounts.add(account, services.clock(), identity.passwords.make(password))
    if added is None:
        raise RequestError("login_taken", say("accounts.taken", name=account.login_name), 409)
    return AccountWithPassword(added, "" if new.password else password)


def change_account(
    services: IdentityServices, viewer: Viewer, login_name: str, change: AccountEdit
) -> AccountWithPassword:
    """Change an account. A new password, or being disabled, ends its sessions; a new role holds at the next request.

    Somebody who gives a tied account a new password can sign in with it: that is like tying it anew.

    :param change: an empty password stands for one that is made up
    :raises RequestError: ``unknown_account``, ``invalid_password``, ``invalid_role``, ``unknown_organisation``,
        ``own_account``, ``reason_too_short``
    """
    refuse_nul([("login_name", login_name), *change._asdict().items()])
    with _changing:
        return _change(services, viewer, login_name, change)


def _change(
    services: IdentityServices, viewer: Viewer, login_name: str, change: AccountEdit
) -> AccountWithPassword:
    identity, made = identity_of(services), ""
    found = identity.accounts.find(fold_login(login_name))
    if found is None:
        raise RequestError("unknown_account", say("accounts.unknown"), 404)
    _check_change(viewer, found.account, change)
    _check_organisation(services, change.organisation_id)
    role = None if change.role is None else read_role(change.role)
    person = identity.person(change.person) if change.person else None
    after = msgspec.structs.replace(
        found.account, role=role or found.account.role, student_id=person or found.account.student_id
    )
    if change.password is not None:
        made = "" if change.password else make_password()
        password = check_password(change.password or made)
    tied = (after.role, after.student_id) != (found.account.role, found.account.student_id)
    if tied or change.password is not None:
        _tie(services, viewer, after, change.reason)
    note(services, viewer, f"identity:account:{_verb(change)}", found.account.subject, _tell(change))
    changed = identity.accounts.change(
        found.account.login_name,
        role=role,
        student_id=person,
        organisation_id=change.organisation_id,
        disabled=change.disabled,
        password_hash=None if change.password is None else identity.passwords.make(password),
    )
    if changed is None:
        raise RequestError("unknown_account", say("accounts.unknown"), 404)
    if change.disabled or change.password is not None:
        identity.sessions.end_all(changed.account_id)
    return AccountWithPassword(changed, made)


def add_key(
    services: IdentityServices, viewer: Viewer, name: str, scopes: Sequence[str]
) -> tuple[str, KeyFacts]:
    """Make an API key; returns its secret, which nobody can see again.

    :raises RequestError: ``invalid_key_name``, ``invalid_scope``, ``key_taken``
    """
    identity = identity_of(services)
    if not _KEY_NAME.fullmatch(name):
        raise RequestError("invalid_key_name", say("keys.invalid_name"))
    if not scopes or not set(scopes) <= SCOPES:
        raise RequestError("invalid_scope", say("keys.invalid_scope", scopes=", ".join(sorted(SCOPES))))
    if name in services.collector.keys.fixed_names:
        raise RequestError("key_taken", say("keys.taken", name=name), 409)
    note(services, viewer, "identity:key:add", f"key:{name}", "+".join(sorted(scopes)))
    made = identity.keys.add(name, scopes, viewer.subject)
    if made is None:
        raise RequestError("key_taken", say("keys.taken", name=name), 409)
    if _SHOWING & set(scopes):
        # Others read it, each in a language of their own.
        with speaking(SOURCE):
            reason = say("keys.flagged")
        services.break_glass.flag(AccessKind.KEY, f"key:{name}", viewer, None, reason, services.clock())
    identity.tell_keys()
    return made


def revoke_key(services: IdentityServices, viewer: Viewer, name: str) -> KeyFacts:
    """Take a key out of use, for good.

    :raises RequestError: ``unknown_key``
    """
    identity = identity_of(services)
    refuse_nul([("name", name)])
    note(services, viewer, "identity:key:revoke", f"key:{name[:64]}")
    revoked = identity.keys.revoke(name)
    if revoked is None:
        raise RequestError("unknown_key", say("keys.unknown"), 404)
    identity.tell_keys()
    return revoked


def identity_of(services: HasIdentity) -> Identity:
    """The identity of a server that has one.

    :raises RequestError: ``no_sign_in`` where only events are taken in
    """
    if services.identity is None:
        raise RequestError("no_sign_in", say("trouble.no_accounts"), 404)
    return services.identity


def make_password() -> str:
    """A password of 96 random bits."""
    return secrets.token_urlsafe(12)


def _check_change(viewer: Viewer, account: Account, change: AccountEdit) -> None:
    weaker = change.disabled or (change.role is not None and change.role != account.role)
    if account.subject == viewer.subject and weaker:
        # The last administrator would lock everyone out; another one can do it.
        raise RequestError("own_account", say("accounts.own"), 409)
    if change.password is not None and account.provided:
        raise RequestError("provided_account", say("accounts.provided"), 409)


def _check_organisation(services: IdentityServices, organisation: str | None) -> None:
    """A mistyped one would leave a manager without any team, and nobody would know why."""
    if organisation and not services.campus.known_organisations([organisation]):
        raise RequestError("unknown_organisation", say("accounts.unknown_organisation", name=organisation))


def _tie(services: IdentityServices, viewer: Viewer, account: Account, reason: str) -> None:
    """Write down that an account is tied to a person, for that person and for administrators.

    A student's account shows the student's record, a teacher's or leader's the records of all their students.

    :raises RequestError: ``reason_too_short``
    :raises StoreUnavailable: it cannot be written down, and the account is not to be tied
    """
    if account.student_id is None:
        return
    told, now = read_reason(reason), services.clock()
    # The trail first: what it cannot record must not happen.
    number = services.break_glass.number()
    why = msgspec.structs.replace(viewer, purpose=grant_entry(number))
    tag = TIED if account.role is Role.STUDENT else RIGHTS_OF
    note(services, why, tag, to_text(account.student_id), account.subject)
    student, about = account.student_id, account.subject
    services.break_glass.flag(AccessKind.ACCOUNT, about, viewer, student, told, now, number)


def _verb(change: AccountEdit) -> str:
    if change.disabled is not None:
        return "disable" if change.disabled else "enable"
    return "password" if change.password is not None else "role" if change.role is not None else "change"


def _tell(change: AccountEdit) -> str:
    told = {"role": change.role, "organisation": change.organisation_id, "disabled": change.disabled}
    parts = [f"{name} {value}" for name, value in told.items() if value is not None]
    return ", ".join(parts + ["person"] * bool(change.person) + ["password"] * (change.password is not None))
