"""The outbox in PostgreSQL: mails that wait, and what became of those that do not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

from coursepulse.access.viewer import Role
from coursepulse.alerts.delivery.choices import MailChoice, Pace
from coursepulse.alerts.delivery.recipient import Recipient
from coursepulse.kit.clock import DAY, MINUTE, Micros, from_micros, to_micros
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors
from coursepulse.stream.processor import make_id

_QUERIES = Queries("coursepulse.alerts.delivery.queries")

#: A process that has claimed something and says nothing for so long is dead.
CLAIM: Micros = 5 * MINUTE

#: How long it is remembered which alerts were sent.
KEPT: Micros = 90 * DAY

_Connection: TypeAlias = Connection[TupleRow]


class MailWish(NamedTuple):
    """An alert that an account is to be told of by a moment."""

    account_id: str
    alert_id: bytes
    due_at: Micros


class ClaimedMail(NamedTuple):
    """A mail that this process has claimed.

    :param alert_ids: what it was meant to be about
    :param maybe_sent: whether an earlier attempt may have succeeded
    :param report_id: the report that it is; empty for one about alerts
    """

    mail_id: str
    account_id: str
    due_at: Micros
    attempts: int
    alert_ids: tuple[bytes, ...]
    maybe_sent: bool
    report_id: str = ""


class MailOutcome(NamedTuple):
    """What became of the latest mail of an account."""

    due_at: Micros
    state: str
    trouble: str
    done_at: Micros | None


class MailOutbox:
    """Every method raises StoreUnavailable when PostgreSQL does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def instructors(self, courses: Collection[str]) -> list[tuple[str, str]]:
        """Courses, each with an account that teaches it or did."""
        return [
            (course, str(account))
            for course, account in self._read("candidates_instructors", courses=list(courses))
        ]

    def managers(self, students: Collection[bytes]) -> list[tuple[bytes, str]]:
        """Students, each with an account that leads a team of theirs."""
        rows = self._read("candidates_managers", students=_uuids(students))
        return [(student.bytes, str(account)) for student, account in rows]

    def admins(self) -> list[str]:
        """Accounts of administrators."""
        return [str(account) for (account,) in self._read("candidates_admins")]

    def recipients(self, accounts: Collection[str]) -> dict[str, Recipient]:
        """Those of some accounts that can sign in."""
        found = map(_recipient, self._read("recipients", accounts=[UUID(each) for each in accounts]))
        return {each.account_id: each for each in found}

    def add(self, wishes: Iterable[MailWish]) -> None:
        """Put alerts into the mails of accounts. An alert that was in one before is left out."""
        grouped: dict[tuple[str, Micros], list[bytes]] = {}
        for wish in wishes:
            grouped.setdefault((wish.account_id, wish.due_at), []).append(wish.alert_id)
        with translate_errors("The outbox"), self._pool.connection() as connection, connection.transaction():
            connection.execute(_QUERIES["lock_position"])
            for (account, due), alerts in sorted(grouped.items()):
                _fill(connection, account, due, alerts)

    def claim(self, now: Micros) -> ClaimedMail | None:
        """The next mail that is due. It counts as an attempt."""
        values = {"now": from_micros(now), "until": from_micros(now + CLAIM)}
        rows = self._read("mail_claim", **values)
        if not rows:
            return None
        mail, account, due, attempts, maybe_sent, report, alerts = rows[0]
        ids = tuple(alert.bytes for alert in alerts)
        report_id = "" if report is None else str(report)
        return ClaimedMail(str(mail), str(account), to_micros(due), attempts, ids, maybe_sent, report_id)

    def begin(self, mail_id: str) -> None:
        """Note that a mail may be sent from here on."""
        self._read_nothing("mail_begin", mail=UUID(mail_id))

    def finish(self, mail_id: str, state: str, now: Micros, trouble: str = "") -> None:
        """Note what became of a mail: ``sent``, ``empty`` or ``failed``."""
        self._read_nothing(
            "mail_done", mail=UUID(mail_id), state=state, trouble=trouble, now=from_micros(now)
        )

    def postpone(
        self, mail_id: str, at: Micros, trouble: str = "", *, counts: bool = True, maybe: bool = False
    ) -> None:
        """Give a mail back until a moment.

        :param counts: whether this was an attempt
        :param maybe: whether it may have been sent, now or before
        """
        values = {"mail": UUID(mail_id), "at": from_micros(at), "trouble": trouble}
        self._read_nothing("mail_later", **values, counts=counts, maybe=maybe)

    def next_at(self) -> Micros | None:
        """When the next mail is to be tried; None if none waits."""
        ((at,),) = self._read("mail_next")
        return _micros(at)

    def latest(self, account_id: str) -> MailOutcome | None:
        """What became of the latest mail of an account."""
        rows = self._read("mail_latest", account=UUID(account_id))
        return next(
            (
                MailOutcome(to_micros(due), state, trouble, _micros(done))
                for due, state, trouble, done in rows
            ),
            None,
        )

    def choose(self, account_id: str, choice: MailChoice) -> None:
        """Keep what an account has chosen. Who wants no mails gets none of those that wait either."""
        account = UUID(account_id)
        values = {
            "account": account,
            "pace": choice.pace.value,
            "hour": choice.hour,
            "quiet_from": choice.quiet_from,
            "quiet_until": choice.quiet_until,
            "time_zone": choice.time_zone,
            "language": choice.language,
        }
        with translate_errors("The outbox"), self._pool.connection() as connection, connection.transaction():
            connection.execute(_QUERIES["choice_put"], values)
            if choice.pace is Pace.OFF:
                connection.execute(_QUERIES["mail_stop"], {"account": account})

    def purge(self, now: Micros) -> None:
        """Remove what was done long ago."""
        before = from_micros(now - KEPT)
        self._read_nothing("mail_purge", before=before)
        self._read_nothing("webhook_purge", before=before)

    def position(self) -> int:
        """The number of the last change of alerts that is in the outbox."""
        ((number,),) = self._read("position")
        return int(number)

    def move(self, number: int) -> None:
        """Everything up to this change is in the outbox."""
        self._read_nothing("move_position", number=number)

    def _read(self, name: str, **values: Any) -> list[tuple[Any, ...]]:
        with translate_errors("The outbox"), self._pool.connection() as connection:
            return connection.execute(_QUERIES[name], values).fetchall()

    def _read_nothing(self, name: str, **values: Any) -> None:
        with translate_errors("The outbox"), self._pool.connection() as connection:
            connection.execute(_QUERIES[name], values)


def _fill(connection: _Connection, account: str, due: Micros, alerts: Sequence[bytes]) -> None:
    values: dict[str, object] = {"account": UUID(account), "alerts": _uuids(alerts)}
    fresh = [alert for (alert,) in connection.execute(_QUERIES["mail_new_alerts"], values)]
    if fresh:
        mail = _mail_for(connection, values, account, due)
        connection.execute(_QUERIES["mail_fill"], {**values, "alerts": fresh, "mail": mail})


def _mail_for(connection: _Connection, values: Mapping[str, object], account: str, due: Micros) -> UUID:
    """A mail that still takes alerts, or a new one: if the mail of this minute has gone, that of the next."""
    found = connection.execute(_QUERIES["mail_open"], {**values, "due": from_micros(due)}).fetchone()
    while found is None:
        mail = UUID(bytes=make_id("mail", UUID(account).bytes, due))
        new = {**values, "mail": mail, "due": from_micros(due)}
        found = connection.execute(_QUERIES["mail_add"], new).fetchone()
        due += MINUTE
    first: UUID = found[0]
    return first


def _recipient(row: tuple[Any, ...]) -> Recipient:
    account, role, student, organisation, login, email, zone, language, pace, *rest = row
    choice = None
    if pace is not None:
        hour, quiet_from, quiet_until, chosen_zone, of_mails = rest
        choice = MailChoice(
            pace=Pace(pace),
            hour=hour,
            quiet_from=quiet_from,
            quiet_until=quiet_until,
            time_zone=chosen_zone,
            language=of_mails,
        )
    student_id = None if student is None else student.bytes
    return Recipient(
        account_id=str(account),
        role=Role(role),
        student_id=student_id,
        organisation_id=organisation,
        login_name=login,
        email=email or "",
        time_zone=zone,
        choice=choice,
        language=language,
    )


def _uuids(ids: Collection[bytes]) -> list[UUID]:
    return [UUID(bytes=each) for each in ids]


def _micros(moment: datetime | None) -> Micros | None:
    return None if moment is None else to_micros(moment)
