"""Accounts and API keys over HTTP, for the commands of the machine that the server runs on."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec
from litestar import delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from coursepulse.access.accounts import Account
from coursepulse.access.viewer import Role
from coursepulse.collect.keys import ADMIN
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.ids import to_text
from coursepulse.web import reach
from coursepulse.web.break_glass.service import LONGEST_REASON
from coursepulse.web.http.auth import key_viewer, needs
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.identity.service import (
    AccountEdit,
    AccountWithPassword,
    NewAccount,
    add_account,
    add_key,
    change_account,
    read_accounts,
    read_keys,
    revoke_key,
)

if TYPE_CHECKING:
    from coursepulse.collect.keys import KeyFacts

Text = Annotated[str, Meta(max_length=300)]
Reason = Annotated[str, Meta(max_length=LONGEST_REASON)]


class AccountInfo(msgspec.Struct, frozen=True):
    """An account.

    :param student_id: the pseudonym of the person they are
    :param provided: an identity provider vouches for them
    :param password: the one that was made up just now; it is not shown again
    """

    login_name: str
    account_id: str
    role: Role
    student_id: str | None
    organisation_id: str
    disabled: bool
    provided: bool
    created_at: datetime
    last_sign_in_at: datetime | None
    password: str | None = None


class AccountRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account to be made.

    :param person: the platform's own id of the person they are
    :param password: left out, one is made up and answered
    :param reason: needed to tie the account to a person; that person and every administrator see it
    """

    login_name: Text
    role: Text
    person: Text = ""
    organisation_id: Text = ""
    password: Text = ""
    reason: Reason = ""


class AccountChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be different.

    :param password: empty, one is made up and answered
    :param reason: needed to tie the account to a person, and for a new role or password of one that is tied; that
        person and every administrator see it
    """

    role: Text | None = None
    person: Text | None = None
    organisation_id: Text | None = None
    disabled: bool | None = None
    password: Text | None = None
    reason: Reason = ""


class KeyInfo(msgspec.Struct, frozen=True):
    """An API key.

    :param last_used_at: to the minute
    :param secret: of the key that was made just now; it is not shown again
    """

    name: str
    scopes: list[str]
    created_at: datetime
    created_by: str
    last_used_at: datetime | None
    revoked_at: datetime | None
    secret: str | None = None


class KeyRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key to be made."""

    name: Text
    scopes: list[str]


# Handlers that share an address are async: Litestar registers them twice, and would wrap a sync one twice.


@get("/v1/accounts", guards=[needs(ADMIN)], tags=["accounts"])
async def list_accounts(request: AnyRequest) -> list[AccountInfo]:
    """Everyone who may sign in."""
    services, viewer = reach.identity(request), key_viewer(request, ADMIN)
    accounts = await asyncio.to_thread(read_accounts, services, viewer)
    return [_tell_account(AccountWithPassword(account)) for account in accounts]


@post("/v1/accounts", guards=[needs(ADMIN)], tags=["accounts"])
async def post_account(request: AnyRequest, data: JSONBody[AccountRow]) -> AccountInfo:
    """Make an account."""
    new = NewAccount(
        data.login_name, data.role, data.person, data.organisation_id, data.password, data.reason
    )
    shown = await asyncio.to_thread(add_account, reach.identity(request), key_viewer(request, ADMIN), new)
    return _tell_account(shown)


@patch("/v1/accounts/{login_name:str}", guards=[needs(ADMIN)], tags=["accounts"], sync_to_thread=True)
def patch_account(
    request: AnyRequest, login_name: FromPath[str], data: JSONBody[AccountChange]
) -> AccountInfo:
    """Change an account. Fields that are left out stay as they are."""
    change = AccountEdit(
        data.role, data.person, data.organisation_id, data.disabled, data.password, data.reason
    )
    return _tell_account(
        change_account(reach.identity(request), key_viewer(request, ADMIN), login_name, change)
    )


@get("/v1/keys", guards=[needs(ADMIN)], tags=["keys"])
async def list_keys(request: AnyRequest) -> list[KeyInfo]:
    """Every key that was ever made here, those in use first. Keys of the settings are not among them."""
    services, viewer = reach.identity(request), key_viewer(request, ADMIN)
    keys = await asyncio.to_thread(read_keys, services, viewer)
    return [_tell_key(key) for key in keys]


@post("/v1/keys", guards=[needs(ADMIN)], tags=["keys"])
async def post_key(request: AnyRequest, data: JSONBody[KeyRow]) -> KeyInfo:
    """Make a key. The answer is the only one that ever holds its secret."""
    viewer = key_viewer(request, ADMIN)
    secret, key = await asyncio.to_thread(add_key, reach.identity(request), viewer, data.name, data.scopes)
    return _tell_key(key, secret)


@delete("/v1/keys/{name:str}", guards=[needs(ADMIN)], tags=["keys"], status_code=200, sync_to_thread=True)
def delete_key(request: AnyRequest, name: FromPath[str]) -> KeyInfo:
    """Revoke a key. It opens nothing any more when the answer arrives."""
    return _tell_key(revoke_key(reach.identity(request), key_viewer(request, ADMIN), name))


def _tell_account(shown: AccountWithPassword) -> AccountInfo:
    account: Account = shown.account
    return AccountInfo(
        login_name=account.login_name,
        account_id=account.account_id,
        role=account.role,
        student_id=None if account.student_id is None else to_text(account.student_id),
        organisation_id=account.organisation_id,
        disabled=account.disabled,
        provided=account.provided,
        created_at=from_micros(account.created_at),
        last_sign_in_at=_moment(account.last_sign_in_at),
        password=shown.password or None,
    )


def _tell_key(key: KeyFacts, secret: str | None = None) -> KeyInfo:
    return KeyInfo(
        name=key.name,
        scopes=list(key.scopes),
        created_at=from_micros(key.created_at),
        created_by=key.created_by,
        last_used_at=_moment(key.last_used_at),
        revoked_at=_moment(key.revoked_at),
        secret=secret,
    )


def _moment(micros: Micros | None) -> datetime | None:
    return None if micros is None else from_micros(micros)


routes = [list_accounts, post_account, patch_account, list_keys, post_key, delete_key]
