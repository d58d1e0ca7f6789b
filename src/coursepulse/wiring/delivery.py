"""Alerts beyond the screens, put together from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from coursepulse.alerts.delivery.addresses import parse_networks
from coursepulse.alerts.delivery.mail_settings import MailSettings, read_mail_settings
from coursepulse.alerts.delivery.mailing import Mailing
from coursepulse.alerts.delivery.planner import Planner
from coursepulse.alerts.delivery.posting import Posting
from coursepulse.alerts.delivery.unsubscribing import UnsubscribeTokens
from coursepulse.alerts.delivery.webhook import WebhookClient
from coursepulse.dashboards.digests import DigestWriter
from coursepulse.metrics.readers import CampusReader
from coursepulse.web.identity.components import derive
from coursepulse.web.notifications.ports import Notifications

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


class AlertDelivery(NamedTuple):
    """The jobs that send alerts, and what people may change about it.

    :param mailing: None where no mails are sent
    """

    planner: Planner
    mailing: Mailing | None
    posting: Posting
    notifications: Notifications


def open_delivery(of: Components) -> AlertDelivery:
    """The jobs, which hear of changed alerts from now on.

    :raises SettingError: naming the setting that does not fit
    """
    mail, allowed = read_mail_settings(of.settings), parse_networks(of.settings.webhook_networks)
    tokens = UnsubscribeTokens(derive(of.secret, "unsubscribe"))
    key = derive(of.secret, "webhooks")
    writer = DigestWriter(of.settings.public_url, of.campus.titles, CampusReader(of.readers).names_for)
    mailing = _open_mailing(of, mail, writer, tokens) if mail else None
    posting = _open_posting(of, WebhookClient(allowed), writer, key)
    default = mail.default if mail else None
    planner = Planner(
        of.alerts,
        of.outbox,
        of.webhooks,
        default=default,
        planned=[job.alarm.ring for job in (mailing, posting) if job],
        clock=of.clock,
    )
    of.alerts.on_changed(planner.on_changed)
    notifications = Notifications(
        choices=of.outbox,
        webhooks=of.webhooks,
        tokens=tokens,
        default=default,
        allowed=allowed,
        key=key,
        hurry=posting.alarm.ring,
        stop_reports=of.schedules.pause_all,
    )
    return AlertDelivery(planner, mailing, posting, notifications)


def _open_mailing(
    of: Components, mail: MailSettings, writer: DigestWriter, tokens: UnsubscribeTokens
) -> Mailing:
    base = of.settings.public_url.rstrip("/")
    return Mailing(
        mail,
        of.outbox,
        of.alert_inbox,
        tie=of.relations.tie,
        write=writer.write,
        unsubscribe=lambda account: f"{base}/unsubscribe/{tokens.sign(account)}",
        trail=of.trail,
        clock=of.clock,
        make_report=of.reports.reporter.make,
    )


def _open_posting(of: Components, client: WebhookClient, writer: DigestWriter, key: bytes) -> Posting:
    return Posting(
        client,
        of.webhooks,
        of.outbox,
        of.alert_inbox,
        tie=of.relations.tie,
        write=writer.tell,
        key=key,
        trail=of.trail,
        clock=of.clock,
    )
