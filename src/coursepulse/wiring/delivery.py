"""Alerts outside of the screens, put together from the settings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from coursepulse.access.viewer import Viewer
from coursepulse.alerts.delivery.addresses import parse_networks
from coursepulse.alerts.delivery.choices import MailChoice, Pace
from coursepulse.alerts.delivery.mailing import Mailing, MailSettings
from coursepulse.alerts.delivery.message import read_sender
from coursepulse.alerts.delivery.planner import Planner
from coursepulse.alerts.delivery.posting import Posting
from coursepulse.alerts.delivery.smtp import parse_server
from coursepulse.alerts.delivery.unsubscribing import UnsubscribeTokens
from coursepulse.alerts.delivery.webhook import WebhookClient
from coursepulse.dashboards.digests import DigestWriter
from coursepulse.kit.errors import SettingError
from coursepulse.kit.settings import Settings
from coursepulse.metrics.readers import CampusReader, seen_by
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


def read_mail_settings(settings: Settings) -> MailSettings | None:
    """How mails are sent; None if the settings name no mail server.

    :raises SettingError: when a part is missing or malformed
    """
    if not settings.smtp:
        return None
    server = parse_server(settings.smtp)
    if not settings.public_url:
        raise SettingError("COURSEPULSE_SMTP needs COURSEPULSE_PUBLIC_URL beside it: mails have links.")
    try:
        read_sender(settings.mail_from)
    except ValueError:
        sentence = "COURSEPULSE_MAIL_FROM must look like Analytics <analytics@example.edu>."
        raise SettingError(sentence) from None
    default = MailChoice(pace=Pace(settings.mail_pace))
    return MailSettings(server, settings.mail_from, default, named=settings.mail_names == "on")


def open_delivery(of: Components) -> AlertDelivery:
    """The jobs, which hear of changed alerts from now on.

    :raises SettingError: naming the setting that does not fit
    """
    mail, allowed = read_mail_settings(of.settings), parse_networks(of.settings.webhook_networks)
    tokens = UnsubscribeTokens(derive(of.secret, "unsubscribe"))
    key = derive(of.secret, "webhooks")
    writer = DigestWriter(of.settings.public_url, of.campus.titles, _names(CampusReader(of.readers)))
    mailing = _open_mailing(of, mail, writer, tokens) if mail else None
    posting = Posting(
        WebhookClient(allowed),
        of.webhooks,
        of.outbox,
        of.alert_desk,
        tie=of.relations.tie,
        write=writer.tell,
        key=key,
        trail=of.trail,
        clock=of.clock,
    )
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
    notifications = Notifications(of.outbox, of.webhooks, tokens, default, allowed, key, posting.alarm.ring)
    return AlertDelivery(planner, mailing, posting, notifications)


def _open_mailing(
    of: Components, mail: MailSettings, writer: DigestWriter, tokens: UnsubscribeTokens
) -> Mailing:
    base = of.settings.public_url.rstrip("/")
    return Mailing(
        mail,
        of.outbox,
        of.alert_desk,
        tie=of.relations.tie,
        write=writer.write,
        unsubscribe=lambda account: f"{base}/unsubscribe/{tokens.sign(account)}",
        trail=of.trail,
        clock=of.clock,
    )


def _names(campus: CampusReader) -> Callable[[Viewer, Collection[bytes]], Mapping[bytes, str]]:
    """What those of some students are called whose names a viewer may see, by the policies of the database."""

    def names(viewer: Viewer, students: Collection[bytes]) -> Mapping[bytes, str]:
        with seen_by(viewer):
            rows = campus.rows("student_names", {"students": [UUID(bytes=each) for each in students]})
        return {row["student_id"].bytes: row["name"] for row in rows}

    return names
