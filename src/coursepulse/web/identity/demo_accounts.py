"""The accounts of a demo."""

from __future__ import annotations

from uuid import uuid4

from coursepulse.access.accounts import ROLES, Account
from coursepulse.kit.clock import Clock
from coursepulse.web.identity.components import Identity


def make_demo_accounts(identity: Identity, clock: Clock) -> None:
    """One account of each role, with the password of this demo."""
    password = identity.passwords.make(identity.demo_password)
    for role in ROLES:
        account = Account(account_id=str(uuid4()), login_name=role.value, role=role)
        if identity.accounts.add(account, clock(), password) is None:
            identity.accounts.change(role.value, role=role, disabled=False, password_hash=password)
