"""The first administrator of a new installation, made with a link that only the person who starts the server sees."""

from __future__ import annotations

import hmac
import secrets
import threading
from typing import TYPE_CHECKING

from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from coursepulse.access.accounts import Account
    from coursepulse.web.identity.ports import Accounts


class SetUp:
    """A one-time link that works until there is an account. It is kept in memory: each start makes another.

    Its methods may ask PostgreSQL: not for the event loop.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._token = secrets.token_urlsafe(24)
        self._lock = threading.Lock()
        self._over = False

    def is_needed(self) -> bool:
        """Whether there is no account yet. Accounts are never deleted, so one answer "no" is final.

        :raises StoreUnavailable: when PostgreSQL does not answer
        """
        self._over = self._over or self._accounts.any()
        return not self._over

    @property
    def path(self) -> str:
        """The path and query of the link."""
        return f"/set-up?token={self._token}"

    def link(self, base: str) -> str:
        """The link at the server's own address ``base``, or nothing when there are accounts."""
        return base.rstrip("/") + self.path if self.is_needed() else ""

    def check(self, token: str) -> None:
        """Refuse a link that is wrong, or that has done its work.

        :raises RequestError: ``set_up_over``
        """
        right = hmac.compare_digest(token.encode("utf-8", "surrogatepass"), self._token.encode())
        if not right or not self.is_needed():
            raise RequestError("set_up_over", say("set_up.over"), 410)

    def use(self, token: str, make: Callable[[], Account]) -> Account:
        """The account that ``make`` adds, unless somebody else was faster.

        :raises RequestError: ``set_up_over``, or what ``make`` raises; then the link still works
        """
        with self._lock:
            self.check(token)
            return make()
