"""Choosing mails and managing webhooks; screens and API call the same functions. Not for the loop."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import NamedTuple
from uuid import uuid4

import msgspec

from coursepulse.access.accounts import Account, fold_login
from coursepulse.access.basis import AccessKind
from coursepulse.access.decide import Action, Allowed, CourseSubject, decide
from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.delivery.choices import MailChoice, Pace
from coursepulse.alerts.delivery.outbox import MailOutcome
from coursepulse.alerts.delivery.recipient import TOLD, Recipient
from coursepulse.alerts.delivery.signature import make_secret
from coursepulse.alerts.delivery.webhook import check_url
from coursepulse.alerts.delivery.webhooks import DeadMessage, ListedWebhook, Webhook, WebhookKind
from coursepulse.campus.zones import find_zone
from coursepulse.collect.keys import ADMIN
from coursepulse.dashboards.language import SOURCE, languages, speaking
from coursepulse.dashboards.text import say
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_bytes
from coursepulse.web.audit.writing import note
from coursepulse.web.http.ports import HasIdentity
from coursepulse.web.http.reading import refuse_nul
from coursepulse.web.identity.service import identity_of
from coursepulse.web.notifications.ports import Notifications, NotificationServices

_ACCOUNT = "account:"

#: Webhooks of one owner.
_MOST = 50


class ChosenMail(NamedTuple):
    """When an account gets mails.

    :param choice: what holds for it
    :param chosen: whether it was chosen, or is what the settings say
    :param latest: what became of its latest mail
    """

    recipient: Recipient
    choice: MailChoice
    chosen: bool
    latest: MailOutcome | None


class NewWebhook(NamedTuple):
    """A webhook to be made.

    :param course_id: the course it hears of; empty for every course and the platform, and for the teams of a manager
    """

    name: str
    kind: WebhookKind
    url: str
    course_id: str = ""


def notifications_of(services: NotificationServices) -> Notifications:
    """What leaves the screens.

    :raises RequestError: ``no_alerts`` where only events are taken in
    """
    if services.notifications is None:
        raise RequestError(
            "no_alerts",
            "This process only collects events. Send the request to the process that stores them.",
            404,
        )
    return services.notifications


def find_account(services: HasIdentity, viewer: Viewer, login_name: str) -> str:
    """The id of an account whose mails somebody may see to: their own, or anybody's for administrators.

    :raises RequestError: ``unknown_account``, for one that is somebody else's too
    """
    refuse_nul([("login_name", login_name)])
    found = identity_of(services).accounts.find(fold_login(login_name))
    account: Account | None = found and found.account
    if account is None or not (account.subject == viewer.subject or _is_admin(viewer)):
        raise RequestError("unknown_account", say("accounts.unknown"), 404)
    return account.account_id


def read_choice(services: NotificationServices, account_id: str) -> ChosenMail:
    """When an account gets mails.

    :raises RequestError: ``unknown_account`` for one that cannot sign in
    """
    notifications = notifications_of(services)
    recipient = notifications.choices.recipients([account_id]).get(account_id)
    if recipient is None:
        raise RequestError("unknown_account", say("accounts.unknown"), 404)
    choice = recipient.choice or notifications.default or MailChoice(pace=Pace.OFF)
    latest = notifications.choices.latest(account_id)
    return ChosenMail(recipient, choice, recipient.choice is not None, latest)


def change_choice(
    services: NotificationServices, viewer: Viewer, account_id: str, choice: MailChoice
) -> ChosenMail:
    """Keep when an account wants mails.

    :raises RequestError: ``gets_no_mails``, ``invalid_hours``, ``unknown_time_zone``, ``unknown_language``
    """
    _check_choice(choice)
    if read_choice(services, account_id).recipient.role not in TOLD:
        raise RequestError("gets_no_mails", say("notifications.no_mails"), 409)
    note(services, viewer, "notifications:account:change", f"{_ACCOUNT}{account_id}", _tell(choice))
    notifications_of(services).choices.choose(account_id, choice)
    return read_choice(services, account_id)


def find_subscriber(services: NotificationServices, token: str) -> Recipient | None:
    """Whose mails a link stops; None for a link that nobody here made."""
    notifications = notifications_of(services)
    account_id = notifications.tokens.read(token)
    return notifications.choices.recipients([account_id]).get(account_id) if account_id else None


def unsubscribe(services: NotificationServices, recipient: Recipient, address: str) -> None:
    """No more mails for this account, until it chooses otherwise."""
    notifications = notifications_of(services)
    choice = recipient.choice or notifications.default or MailChoice(pace=Pace.OFF)
    viewer = msgspec.structs.replace(recipient.viewer, address=address)
    note(services, viewer, "notifications:account:unsubscribe", viewer.subject)
    stopped = msgspec.structs.replace(choice, pace=Pace.OFF)
    notifications.choices.choose(recipient.account_id, stopped)
    notifications.stop_reports(recipient.account_id)


def list_webhooks(services: NotificationServices, viewer: Viewer) -> list[ListedWebhook]:
    """The webhooks that somebody manages: everybody's for administrators, otherwise their own.

    :raises RequestError: ``forbidden``
    """
    return notifications_of(services).webhooks.all(_owner(viewer))


def add_webhook(services: NotificationServices, viewer: Viewer, new: NewWebhook) -> tuple[Webhook, str]:
    """Make a webhook; returns it with the secret that signs its messages.

    :raises RequestError: ``forbidden``, ``invalid_webhook``, ``not_your_course``, ``unknown_course``,
        ``too_many_webhooks``
    """
    notifications, owner = notifications_of(services), _owner(viewer)
    refuse_nul(new._asdict().items())
    if owner is not None:
        _check_place(viewer, new.course_id)
    name, url = _check_name(new.name), check_url(new.url, notifications.allowed)
    if sum(each.webhook.owner_id == owner for each in notifications.webhooks.all(owner)) >= _MOST:
        raise RequestError("too_many_webhooks", say("webhooks.too_many", most=_MOST), 409)
    webhook = Webhook(
        webhook_id=str(uuid4()),
        name=name,
        kind=new.kind,
        url=url,
        course_id=new.course_id or None,
        owner_id=owner,
        salt=secrets.token_bytes(16),
    )
    about = f"{webhook.kind} {webhook.host} course={new.course_id}"
    note(services, viewer, "notifications:webhook:add", webhook.subject, about)
    if not notifications.webhooks.add(webhook, viewer.subject, services.clock()):
        raise RequestError(
            "unknown_course", say("webhooks.unknown_course"), 404, path="$.course_id", told=True
        )
    if owner is None:
        _flag(services, viewer, webhook)
    raw = to_bytes(webhook.webhook_id, "webhook")
    return webhook, make_secret(notifications.key, raw, webhook.salt)


def remove_webhook(services: NotificationServices, viewer: Viewer, webhook_id: str) -> None:
    """Take a webhook away, with everything that waits for it.

    :raises RequestError: ``forbidden``, ``unknown_webhook``
    """
    owner = _owner(viewer)
    note(services, viewer, "notifications:webhook:remove", f"webhook:{webhook_id}")
    if not notifications_of(services).webhooks.remove(webhook_id, owner):
        raise RequestError("unknown_webhook", say("webhooks.unknown"), 404)


def list_dead(services: NotificationServices, viewer: Viewer, limit: int) -> list[DeadMessage]:
    """Messages that no receiver took, newest first.

    :raises RequestError: ``forbidden``
    """
    return notifications_of(services).webhooks.dead(limit, _owner(viewer))


def replay_dead(services: NotificationServices, viewer: Viewer, messages: Collection[str] | None) -> int:
    """Try them again, some or all; returns how many.

    :raises RequestError: ``forbidden``
    """
    notifications, owner = notifications_of(services), _owner(viewer)
    note(services, viewer, "notifications:webhook:replay")
    replayed = notifications.webhooks.replay(messages, services.clock(), owner)
    notifications.hurry()
    return replayed


def _owner(viewer: Viewer) -> str | None:
    """Whose webhooks somebody manages: None for everybody's.

    :raises RequestError: ``forbidden``
    """
    if _is_admin(viewer):
        return None
    if viewer.role not in (Role.INSTRUCTOR, Role.MANAGER) or not viewer.subject.startswith(_ACCOUNT):
        raise RequestError("forbidden", "You may not do this.", 403)
    return viewer.subject.removeprefix(_ACCOUNT)


def _is_admin(viewer: Viewer) -> bool:
    return viewer.role is Role.ADMIN or ADMIN in viewer.scopes


def _check_place(viewer: Viewer, course_id: str) -> None:
    """Instructors choose one of their courses; what managers lead are teams.

    :raises RequestError: ``not_your_course``
    """
    if viewer.role is Role.MANAGER:
        trouble = say("webhooks.no_course") if course_id else ""
    else:
        teaches = isinstance(decide(viewer, Action.READ, CourseSubject(course_id)), Allowed)
        trouble = "" if teaches else say("webhooks.not_your_course")
    if trouble:
        raise RequestError("not_your_course", trouble, 403, path="$.course_id")


def _flag(services: NotificationServices, viewer: Viewer, webhook: Webhook) -> None:
    """It shows any student's alerts to somebody outside, like a key that reads: administrators look into it."""
    about = f"{webhook.subject} {webhook.name}"
    # Others read it, each in a language of their own.
    with speaking(SOURCE):
        reason = say("webhooks.flagged")
    services.break_glass.flag(AccessKind.KEY, about, viewer, None, reason, services.clock())


def _check_name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= 64:
        raise RequestError("invalid_webhook", say("webhooks.invalid_name"), path="$.name", told=True)
    return name


def _check_choice(choice: MailChoice) -> None:
    start, end = choice.quiet_from, choice.quiet_until
    if (start is None) != (end is None) or (start is not None and start == end):
        raise RequestError("invalid_hours", say("notifications.invalid_hours"), path="$.quiet_from")
    if choice.time_zone and find_zone(choice.time_zone) is None:
        raise RequestError("unknown_time_zone", say("notifications.unknown_zone"), path="$.time_zone")
    if choice.language and choice.language not in languages():
        raise RequestError("unknown_language", say("notifications.unknown_language"), path="$.language")


def _tell(choice: MailChoice) -> str:
    quiet = "" if choice.quiet_from is None else f" quiet={choice.quiet_from}..{choice.quiet_until}"
    return f"pace={choice.pace} hour={choice.hour}{quiet} zone={choice.time_zone} language={choice.language}"
