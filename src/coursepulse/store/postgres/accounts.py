"""Accounts in PostgreSQL, and the count of failed sign-ins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from coursepulse.access.account_pause import FORGET, Allowance, Failures, count_failure, pause_left
from coursepulse.access.accounts import Account, Provided, StoredAccount
from coursepulse.access.viewer import Role
from coursepulse.kit.clock import Micros, from_micros, to_micros
from coursepulse.kit.ids import is_uuid
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

_QUERIES = Queries("coursepulse.store.postgres.queries")

Row = tuple[Any, ...]


class AccountStore:
    """Every method raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def add(
        self,
        account: Account,
        now: Micros,
        password_hash: str | None = None,
        provided: Provided | None = None,
    ) -> Account | None:
        """Add an account; None if the login name or the provider's person already has one."""
        issuer, subject = provided or (None, None)
        row = self._one(
            "account_add",
            account_id=UUID(account.account_id),
            login_name=account.login_name,
            password_hash=password_hash,
            issuer=issuer,
            provider_subject=subject,
            role=account.role.value,
            student_id=_uuid(account.student_id),
            organisation_id=account.organisation_id,
            now=from_micros(now),
            confirmed=provided is not None and account.student_id is not None,
        )
        return None if row is None else _account(row)

    def find(self, login_name: str) -> StoredAccount | None:
        """The account with a login name."""
        row = self._one("account_find", login_name=login_name)
        return None if row is None else StoredAccount(_account(row), row[9])

    def any(self) -> bool:
        """Whether there is any account."""
        row = self._one("account_any")
        return bool(row and row[0])

    def everyone(self) -> list[Account]:
        """Every account, by login name."""
        with translate_errors("The accounts"), self._pool.connection() as connection:
            return [_account(row) for row in connection.execute(_QUERIES["account_list"])]

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """The login names of these accounts, as far as they still exist."""
        wanted = [account for account in ids if is_uuid(account)]
        with translate_errors("The accounts"), self._pool.connection() as connection:
            return {
                str(account): name
                for account, name in connection.execute(_QUERIES["account_names"], {"ids": wanted})
            }

    def change(
        self,
        login_name: str,
        *,
        role: Role | None = None,
        student_id: bytes | None = None,
        organisation_id: str | None = None,
        disabled: bool | None = None,
        password_hash: str | None = None,
    ) -> Account | None:
        """Change the given fields; None if there is no such account."""
        row = self._one(
            "account_change",
            login_name=login_name,
            role=role and role.value,
            student_id=_uuid(student_id),
            organisation_id=organisation_id,
            disabled=disabled,
            password_hash=password_hash,
        )
        return None if row is None else _account(row)

    def provided(self, provided: Provided) -> Account | None:
        """The account of a person from a provider, unchanged; None for a new person."""
        row = self._one("account_provided", issuer=provided.issuer, provider_subject=provided.subject)
        return None if row is None else _account(row)

    def meet(
        self,
        provided: Provided,
        claimed: Account,
        *,
        tells_person: bool,
        tells_organisation: bool,
    ) -> Account | None:
        """The account of a person from a provider, updated with today's claims; None for a new person.

        :param tells_person: the provider decides who they are; a claim that is gone no longer holds
        :param tells_organisation: the same for their organisation
        """
        row = self._one(
            "account_meet",
            issuer=provided.issuer,
            provider_subject=provided.subject,
            role=claimed.role.value,
            student_id=_uuid(claimed.student_id),
            organisation_id=claimed.organisation_id,
            tells_person=tells_person,
            tells_organisation=tells_organisation,
        )
        return None if row is None else _account(row)

    def note_sign_in(self, account_id: str, now: Micros) -> None:
        """Record the time of the last sign-in."""
        self._run("account_signed_in", account_id=UUID(account_id), now=from_micros(now))

    def choose_language(self, account_id: str, language: str) -> None:
        """Keep the language that somebody has chosen."""
        self._run("account_speaks", account_id=UUID(account_id), language=language)

    def begin_attempt(self, whom: bytes, allowance: Allowance, now: Micros) -> Micros:
        """The pause to wait first; if there is none, the attempt counts as failed until it is cleared.

        Counting first means that a thousand attempts at once are a thousand failures, not one.
        """
        at = from_micros(now)
        with (
            translate_errors("The accounts"),
            self._pool.connection() as connection,
            connection.transaction(),
        ):
            connection.execute(_QUERIES["attempt_open"], {"whom": whom, "now": at})
            row = connection.execute(_QUERIES["attempt_lock"], {"whom": whom}).fetchone()
            known = Failures(row[0], to_micros(row[1])) if row else Failures(0, now)
            pause = pause_left(known, allowance, now)
            if not pause:
                more = count_failure(known, allowance, now)
                connection.execute(
                    _QUERIES["attempt_count"], {"whom": whom, "failures": more.number, "now": at}
                )
            return pause

    def forgive(self, whom: bytes) -> None:
        """Clear the failures of a login name that has just succeeded."""
        self._run("attempt_forgive", whom=whom)

    def take_back(self, whom: bytes) -> None:
        """Clear the attempt that succeeded, but not the failures before it: they may be somebody else's."""
        self._run("attempt_take_back", whom=whom)

    def purge(self, now: Micros) -> None:
        """Delete failures that no pause depends on."""
        self._run("attempt_purge", before=from_micros(now - FORGET))

    def _one(self, name: str, **values: object) -> Row | None:
        with translate_errors("The accounts"), self._pool.connection() as connection:
            return connection.execute(_QUERIES[name], values).fetchone()

    def _run(self, name: str, **values: object) -> None:
        with translate_errors("The accounts"), self._pool.connection() as connection:
            connection.execute(_QUERIES[name], values)


def _account(row: Row) -> Account:
    return Account(
        account_id=str(row[0]),
        login_name=row[1],
        role=Role(row[2]),
        student_id=row[3] and row[3].bytes,
        organisation_id=row[4],
        disabled=row[5],
        created_at=to_micros(row[6]),
        last_sign_in_at=_moment(row[7]),
        provided=row[8],
    )


def _moment(value: datetime | None) -> Micros | None:
    return None if value is None else to_micros(value)


def _uuid(raw: bytes | None) -> UUID | None:
    return None if raw is None else UUID(bytes=raw)
