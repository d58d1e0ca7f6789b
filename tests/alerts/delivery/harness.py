"""Everything between an alert and its recipients on a real PostgreSQL, with a clock to set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid5

from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.alert import Alert
from coursepulse.alerts.delivery.addresses import parse_networks
from coursepulse.alerts.delivery.choices import MailChoice, Pace
from coursepulse.alerts.delivery.mail_settings import MailSettings
from coursepulse.alerts.delivery.mailing import Mailing, MakesReports, PreparedReport
from coursepulse.alerts.delivery.message import MailFile, MailText
from coursepulse.alerts.delivery.outbox import MailOutbox
from coursepulse.alerts.delivery.planner import Planner
from coursepulse.alerts.delivery.posting import Posting
from coursepulse.alerts.delivery.recipient import Recipient
from coursepulse.alerts.delivery.smtp import MailConnection, parse_server
from coursepulse.alerts.delivery.unsubscribing import UnsubscribeTokens
from coursepulse.alerts.delivery.webhook import WebhookClient
from coursepulse.alerts.delivery.webhook_store import WebhookStore
from coursepulse.alerts.delivery.webhooks import Webhook, WebhookKind
from coursepulse.alerts.inbox import AlertInbox
from coursepulse.alerts.labels import AlertLabels
from coursepulse.alerts.rights import AlertRights
from coursepulse.alerts.rule import About, Audience, Severity
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.alerts.written import WrittenMessages
from coursepulse.dashboards.digests import DigestWriter
from coursepulse.kit.clock import MINUTE, Micros, to_micros
from coursepulse.kit.ids import to_bytes, to_text
from coursepulse.metrics.readers import CampusReader, seen_by
from coursepulse.reports.schedules import ReportPlanner, ReportSchedules
from coursepulse.store.postgres.connect import APP, SERVICE, Pool, open_pool
from coursepulse.store.postgres.relations import Relations
from tests.support.campus_world import pseudonym
from tests.support.mail_server import Mailbox, free_port, mail_server
from tests.support.trail import Notes

#: Tuesday, 09:30 in London and 10:30 in Berlin.
NOW = to_micros(datetime(2026, 11, 10, 9, 30, tzinfo=UTC))
TODAY = "2026-11-10"

BASE = "https://analytics.example.edu"
KEY = b"the key of the tests"
AUDIENCES = {
    "stuck": (Audience.INSTRUCTORS, Audience.MANAGERS),
    "halted": (Audience.INSTRUCTORS,),
    "disk_gone": (Audience.ADMINS,),
}
_ACCOUNTS = UUID("018f3a52-9c41-7c1e-8a44-0a6b7f6f2d10")


def account_id(login: str) -> str:
    """The id of an account that :meth:`DeliveryHarness.account` has made."""
    return str(uuid5(_ACCOUNTS, login))


def learner_alert(student: str, course: str = "algebra", **more: Any) -> Alert:
    """A learner is stuck."""
    return _alert("stuck", About.LEARNER, course, student_id=pseudonym(student), **more)


def course_alert(course: str = "algebra", **more: Any) -> Alert:
    """Half of a class stops at a lesson."""
    return _alert("halted", About.COURSE, course, **more)


def platform_alert(**more: Any) -> Alert:
    """A store is down."""
    return _alert("disk_gone", About.PLATFORM, "", **{"severity": Severity.URGENT, **more})


def _alert(rule: str, about: About, course: str, *, at: Micros = NOW, **more: Any) -> Alert:
    student = more.get("student_id") or b""
    facts = f"{rule}/{course}/{student.hex()}/{more.get('item', '')}"
    values: dict[str, Any] = {"severity": Severity.WARNING, "raised_at": at, "updated_at": at} | more
    key = to_bytes(facts, "alert")
    return Alert(alert_id=key, rule=rule, about=about, audience=AUDIENCES[rule], course_id=course, **values)


def plain_report(report_id: str, recipient: Recipient, viewer: Viewer) -> PreparedReport | None:
    """A report that says who reads it and what they teach at this moment, with a file."""
    words = f"{recipient.login_name} teaches {', '.join(sorted(viewer.course_ids))}"
    file = MailFile("report.pdf", "application/pdf", b"%PDF-1.7")
    told = [("reports:page:mail", "/")]
    stop = f"{BASE}/reports/stop/{report_id}"
    return PreparedReport(MailText("Report", words, f"<p>{words}</p>", (file,)), stop, told)


class DeliveryHarness:
    """One server's outbox and the jobs that work on it. ``now`` is what its clock shows."""

    def __init__(self, service: Pool, app: Pool, closing: ExitStack, port: int = 0) -> None:
        self.pool, self.now, self._closing = service, NOW, closing
        self.trail = Notes()
        self.alerts = PostgresAlerts(service, app)
        self.outbox, self.webhooks = MailOutbox(service), WebhookStore(service)
        self.relations = Relations(service, self.clock)
        self.tokens = UnsubscribeTokens(KEY)
        self.mailbox, self.port = Mailbox(), port or free_port()
        self._campus = CampusReader(app)
        rights = AlertRights(self.relations, lambda *_: ())
        self.inbox = AlertInbox(self.alerts, rights, AlertLabels(app), self.clock, WrittenMessages(app))
        self.schedules, self.letters = ReportSchedules(service), False
        self.make_report: MakesReports = plain_report
        self.named = False
        self.networks, self.patience = "127.0.0.0/8", 1.0
        self.restart()

    def clock(self) -> Micros:
        """The time of this server."""
        return self.now

    def restart(self, connect: type[MailConnection] = MailConnection) -> None:
        """New jobs, as after a start of the server: what they had in memory is gone."""
        writer = DigestWriter(BASE, self._titles, self._names)
        server = parse_server(f"smtp://127.0.0.1:{self.port}")
        settings = MailSettings(
            server, "Pulse <pulse@example.edu>", MailChoice(pace=Pace.DAILY), named=self.named
        )
        self.mailing = Mailing(
            settings,
            self.outbox,
            self.inbox,
            tie=self.relations.tie,
            write=writer.write,
            unsubscribe=lambda account: f"{BASE}/unsubscribe/{self.tokens.sign(account)}",
            trail=self.trail,
            clock=self.clock,
            connect=connect,
            make_report=self.make_report,
        )
        self.reports = ReportPlanner(
            self.schedules, self.clock, self.mailing.alarm.ring, letters=self.letters
        )
        self.posting = Posting(
            WebhookClient(parse_networks(self.networks), deadline=self.patience),
            self.webhooks,
            self.outbox,
            self.inbox,
            tie=self.relations.tie,
            write=writer.tell,
            key=KEY,
            trail=self.trail,
            clock=self.clock,
        )
        self.planner = Planner(
            self.alerts,
            self.outbox,
            self.webhooks,
            default=settings.default,
            planned=[self.mailing.alarm.ring, self.posting.alarm.ring],
            clock=self.clock,
        )

    def serve_mail(self) -> None:
        """A mail server listens from now on."""
        self._closing.enter_context(mail_server(self.mailbox, self.port))

    def raise_alerts(self, *alerts: Alert) -> None:
        """The rules found something."""
        self.alerts.put(alerts)
        self.planner.alarm.ring()
        self.planner.run()

    def send(self, at: Micros | None = None) -> list[EmailMessage]:
        """Let the jobs have their turn at a moment; what arrived by mail meanwhile."""
        self.now = at or self.now
        before = len(self.mailbox.mails)
        self.mailing.run()
        return self.mailbox.mails[before:]

    def until(self, end: Micros, step: Micros = 10 * MINUTE) -> list[EmailMessage]:
        """Let time pass."""
        before = len(self.mailbox.mails)
        while self.now < end:
            self.now = min(end, self.now + step)
            self.mailing.run()
        return self.mailbox.mails[before:]

    def account(self, login: str, role: Role, person: str = "") -> str:
        """Somebody who may sign in; returns the account's id."""
        student = to_text(pseudonym(person)) if person else None
        self.execute(
            "INSERT INTO accounts (account_id, login_name, role, student_id, created_at)"
            " VALUES (%s, %s, %s, %s, now())",
            *(account_id(login), login, role.value, student),
        )
        return account_id(login)

    def choose(self, login: str, **wishes: Any) -> None:
        """What an account has chosen."""
        self.outbox.choose(account_id(login), MailChoice(**{"pace": Pace.AT_ONCE, **wishes}))

    def webhook(self, url: str, **more: Any) -> str:
        """A webhook of the installation, unless told otherwise; returns its id."""
        made: dict[str, Any] = {
            "webhook_id": str(uuid5(_ACCOUNTS, f"{url} {more}")),
            "name": "ours",
            "kind": WebhookKind.PLAIN,
            "url": url,
            "course_id": None,
            "owner_id": None,
            "salt": b"salt",
        }
        self.webhooks.add(Webhook(**{**made, **more}), "account:x", self.now)
        return str(made["webhook_id"])

    def person(self, name: str, email: str = "", zone: str = "UTC") -> None:
        """Somebody on the roster."""
        self.execute(
            "INSERT INTO people (student_id, external_id, name, email, time_zone) VALUES (%s, %s, %s, %s, %s)",
            *(to_text(pseudonym(name)), name, name.title(), email, zone),
        )

    def course(self, course: str, *teachers: str, learners: tuple[str, ...] = ()) -> None:
        """A course with its people."""
        self.execute("INSERT INTO courses (course_id, title) VALUES (%s, %s)", course, f"All of {course}")
        for teacher in teachers:
            self.execute("INSERT INTO teaching VALUES (%s, %s)", course, to_text(pseudonym(teacher)))
        for learner in learners:
            self.execute(
                "INSERT INTO enrolments (course_id, student_id, status) VALUES (%s, %s, 'active')",
                *(course, to_text(pseudonym(learner))),
            )

    def team(self, leader: str, *members: str, sharing: tuple[str, ...] = ()) -> None:
        """A manager with a team, of which some agreed to share with their employer."""
        self.person(leader, f"{leader}@example.edu")
        self.account(leader, Role.MANAGER, leader)
        self.execute("INSERT INTO organisations VALUES ('north', '') ON CONFLICT DO NOTHING")
        self.execute("INSERT INTO teams VALUES (%s, 'north', '')", f"team of {leader}")
        for name in (leader, *members):
            values = f"team of {leader}", pseudonym(name).hex(), name == leader
            self.execute("INSERT INTO team_people VALUES (%s, %s, %s)", *values)
        for name in sharing:
            self.execute(
                "INSERT INTO consents (student_id, purpose, granted, recorded_at)"
                " VALUES (%s, 'employer_sharing', true, now())",
                pseudonym(name).hex(),
            )

    def execute(self, sql: str, *values: object) -> None:
        """A statement as the service."""
        with self.pool.connection() as connection:
            connection.execute(sql.encode(), values)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with self.pool.connection() as connection:
            return connection.execute(sql.encode()).fetchall()

    def _titles(self, courses: Any) -> dict[str, str]:
        found = self._campus.rows("course_titles", {"courses": list(courses)})
        return {row["course_id"]: row["title"] for row in found}

    def _names(self, viewer: Any, students: Any) -> dict[bytes, str]:
        with seen_by(viewer):
            found = self._campus.rows("student_names", {"students": [UUID(bytes=each) for each in students]})
        return {row["student_id"].bytes: row["name"] for row in found}


@contextmanager
def delivery_harness(dsn: str) -> Iterator[DeliveryHarness]:
    """A server with one course, one teacher and two learners; nobody has chosen anything."""
    with (
        open_pool(dsn, 4, role=SERVICE) as service,
        open_pool(dsn, 2, role=APP) as app,
        ExitStack() as closing,
    ):
        built = DeliveryHarness(service, app, closing)
        built.person("emmy", "emmy@example.edu", "Europe/Berlin")
        built.person("ada", "ada@example.edu")
        built.person("ben", "ben@example.edu")
        built.course("algebra", "emmy", learners=("ada", "ben"))
        built.account("emmy", Role.INSTRUCTOR, "emmy")
        yield built
