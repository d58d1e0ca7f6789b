"""Signing in and out: what is checked, in which order, and what is written down."""

from __future__ import annotations

import asyncio
import math
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from coursepulse.access.account_pause import FOR_ADDRESS, FOR_NAME
from coursepulse.access.accounts import Account, Provided, fold_login
from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.text import say
from coursepulse.kit.clock import SECOND
from coursepulse.kit.errors import RequestError
from coursepulse.privacy.addresses import sender_network
from coursepulse.web import reach
from coursepulse.web.audit.writing import note
from coursepulse.web.http.auth import account_viewer, address, network, request_id
from coursepulse.web.http.request import Connection
from coursepulse.web.identity.service import identity_of

if TYPE_CHECKING:
    from coursepulse.web.identity.components import Identity
    from coursepulse.web.identity.ports import IdentityServices
    from coursepulse.web.identity.provider import Provider


async def prove_password(connection: Connection, login_name: str, password: str) -> Account:
    """The account, for somebody who knows its password.

    An unknown name, a wrong password and a disabled account get the same answer after the same work.

    :raises RequestError: ``sign_in_failed``, or ``sign_in_paused`` after too many failures
    """
    services = reach.identity(connection)
    identity = identity_of(services)
    name = fold_login(login_name)
    who, place = (
        identity.hide(f"name {name}"),
        identity.hide(f"address {sender_network(address(connection))}"),
    )
    await asyncio.to_thread(_begin_attempt, services, who, place)
    found = await asyncio.to_thread(identity.accounts.find, name)
    right = await identity.passwords.is_right(found and found.password_hash, password)
    if found is None or not right or found.account.disabled:
        await asyncio.to_thread(_note_failure, connection, found and found.account)
        raise RequestError("sign_in_failed", say("sign_in.failed"), 401)
    await asyncio.to_thread(_forgive, identity, who, place)
    if found.password_hash and identity.passwords.is_outdated(found.password_hash):
        renewed = await identity.passwords.hash(password)
        await asyncio.to_thread(identity.accounts.change, name, password_hash=renewed)
    return found.account


def begin_session(connection: Connection, account: Account, old: str) -> str:
    """A new session after a sign-in; the one that the browser had before ends. Not for the loop."""
    services = reach.identity(connection)
    identity = identity_of(services)
    note(services, account_viewer(connection, account, ""), "identity:account:sign_in", account.subject)
    if old:
        identity.sessions.end(old)
    identity.accounts.note_sign_in(account.account_id, services.clock())
    return identity.sessions.begin(account.account_id)


def end_session(connection: Connection, viewer: Viewer, token: str, *, everywhere: bool) -> None:
    """Sign out here, or in every browser. Not for the loop."""
    services = reach.identity(connection)
    sessions = identity_of(services).sessions
    detail = "everywhere" if everywhere else ""
    note(services, viewer, "identity:account:sign_out", viewer.subject, detail)
    if everywhere:
        sessions.end_all(viewer.subject.removeprefix("account:"))
    sessions.end(token)


def meet_provided(connection: Connection, provider: Provider, claims: dict[str, Any]) -> Account:
    """The account of somebody a provider sends, made at the first sign-in. Not for the loop.

    The provider decides the role, each time: who loses it there loses it here.

    :raises RequestError: ``no_role`` when the claims give no role, ``sign_in_failed`` for a disabled account
    """
    role = provider.rules.role_of(claims)
    if role is None:
        _note_failure(connection, None, "no role")
        raise RequestError("no_role", say("sign_in.no_role"), 403)
    account = _find_or_make(connection, provider, claims, role)
    if account.disabled:
        _note_failure(connection, account)
        raise RequestError("sign_in_failed", say("sign_in.failed"), 401)
    return account


def _find_or_make(connection: Connection, provider: Provider, claims: dict[str, Any], role: Role) -> Account:
    services = reach.identity(connection)
    identity, rules = identity_of(services), provider.rules
    provided = Provided(provider.issuer, str(claims["sub"]))
    person = rules.person_of(claims)
    told = Account(
        account_id=str(uuid4()),
        login_name="",
        role=role,
        student_id=identity.person(person) if person else None,
        organisation_id=rules.organisation_of(claims),
    )
    tells_person, tells_organisation = bool(rules.student_claim), bool(rules.organisation_claim)
    known = identity.accounts.provided(provided)
    kept = known and msgspec.structs.replace(
        told,
        student_id=told.student_id if tells_person else known.student_id,
        organisation_id=told.organisation_id if tells_organisation else known.organisation_id,
    )
    _note_told(connection, provided, kept or told, known)
    for login_name in _login_names(provided, claims):
        known = identity.accounts.meet(
            provided, told, tells_person=tells_person, tells_organisation=tells_organisation
        )
        if known is not None:
            return known
        account = msgspec.structs.replace(told, login_name=login_name)
        added = identity.accounts.add(account, services.clock(), provided=provided)
        if added is not None:
            return added
    raise RequestError("sign_in_failed", say("sign_in.failed"), 401)


def _note_told(connection: Connection, provided: Provided, told: Account, known: Account | None) -> None:
    """Write down what a provider is about to change: it gives rights as administrators do."""
    viewer = Viewer(
        role=Role.SERVICE,
        subject=f"provider:{provided.issuer}",
        request_id=request_id(connection),
        address=network(connection),
    )
    services = reach.identity(connection)
    if known is None:
        note(services, viewer, "identity:account:add", told.subject, f"role {told.role}")
    elif known.role is not told.role:
        note(services, viewer, "identity:account:role", known.subject, f"role {told.role}")
    elif (told.student_id, told.organisation_id) != (known.student_id, known.organisation_id):
        note(services, viewer, "identity:account:change", known.subject, "person or organisation")


def _login_names(provided: Provided, claims: dict[str, Any]) -> tuple[str, str]:
    """A name to show, and another one should somebody have it already: names give no rights."""
    chosen = str(claims.get("preferred_username") or claims.get("email") or provided.subject)
    name = fold_login(chosen)[:100] or "unnamed"
    return name, f"{name}#{sha256(repr(tuple(provided)).encode()).hexdigest()[:12]}"


def _begin_attempt(services: IdentityServices, who: bytes, place: bytes) -> None:
    accounts, now = identity_of(services).accounts, services.clock()
    pause = accounts.begin_attempt(place, FOR_ADDRESS, now) or accounts.begin_attempt(who, FOR_NAME, now)
    if pause:
        seconds = math.ceil(pause / SECOND)
        raise RequestError("sign_in_paused", say("sign_in.paused", seconds=seconds), 429, seconds)


def _forgive(identity: Identity, who: bytes, place: bytes) -> None:
    identity.accounts.forgive(who)
    identity.accounts.take_back(place)


def _note_failure(connection: Connection, account: Account | None, detail: str = "") -> None:
    # What was typed is not written down: people type passwords into the wrong field.
    nobody = Viewer(
        role=Role.SERVICE,
        subject="anonymous",
        request_id=request_id(connection),
        address=network(connection),
    )
    why = detail or (
        "unknown name" if account is None else "disabled" if account.disabled else "wrong password"
    )
    services = reach.identity(connection)
    note(services, nobody, "identity:account:refuse", account.subject if account else "", why)
