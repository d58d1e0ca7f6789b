"""Messages to webhooks that are due: signed, several receivers at a time, each of them in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence

from coursepulse.access.decide import READ
from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.alert import Alert
from coursepulse.alerts.delivery.addresses import AddressRefused
from coursepulse.alerts.delivery.alarm import Alarm
from coursepulse.alerts.delivery.bodies import AlertWords, write_body, write_removal
from coursepulse.alerts.delivery.mailing import SeenAlerts
from coursepulse.alerts.delivery.outbox import MailOutbox
from coursepulse.alerts.delivery.pauses import webhook_pause
from coursepulse.alerts.delivery.signature import make_secret, sign
from coursepulse.alerts.delivery.webhook import NotTaken, Sending, WebhookClient
from coursepulse.alerts.delivery.webhook_store import WebhookStore
from coursepulse.alerts.delivery.webhooks import Happened, Webhook, WebhookMessage
from coursepulse.audit.entry import AuditEntry
from coursepulse.audit.port import Trail
from coursepulse.kit.clock import Clock
from coursepulse.kit.ids import to_bytes, to_text

#: Messages of one webhook that are claimed at a time.
_EACH = 5

#: Seconds after which a receiver is slow: it gets one message a turn.
_SLOW = 1.0

#: Seconds until it is looked whether there is more for receivers that are not at work.
_LOOK = 0.25

#: Seconds after which a turn of the job takes on nothing more: a server that stops waits for its end.
_TURN = 20.0


class Posting:
    """A job: sends what is due.

    :param tie: adds what ties a viewer to others now
    :param write: puts an alert into words; it names nobody
    :param key: the secrets of webhooks are derived from it
    """

    def __init__(
        self,
        client: WebhookClient,
        webhooks: WebhookStore,
        outbox: MailOutbox,
        alerts: SeenAlerts,
        *,
        tie: Callable[[Viewer, bytes | None], Viewer],
        write: Callable[[Alert, Happened], AlertWords],
        key: bytes,
        trail: Trail,
        clock: Clock,
    ) -> None:
        self._client, self._webhooks, self._outbox, self._alerts = client, webhooks, outbox, alerts
        self._tie, self._write, self._key = tie, write, key
        self._trail, self._clock = trail, clock
        self.alarm = Alarm(webhooks.next_at)

    def run(self) -> str:
        """Send what is due. Returns what was done, empty for nothing."""
        if not self.alarm.take(self._clock()):
            return ""
        sent = asyncio.run(self._work())
        self.alarm.set(self._clock())
        return f"{sent} sent" if sent else ""

    async def _work(self) -> int:
        """Receivers beside each other: none waits for another one, whenever its messages come."""
        time, sent = asyncio.get_running_loop().time, 0
        end, slow, busy = time() + _TURN, set[str](), dict[str, asyncio.Task[int]]()
        while True:
            for webhook_id, messages in (await self._claim({*busy, *slow}) if time() < end else {}).items():
                busy[webhook_id] = asyncio.create_task(self._work_off(messages, slow.add))
            if not busy:
                return sent
            done, _ = await asyncio.wait(busy.values(), timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED)
            sent += sum(task.result() for task in done)
            busy = {webhook_id: task for webhook_id, task in busy.items() if task not in done}

    async def _claim(self, others: Collection[str]) -> dict[str, list[WebhookMessage]]:
        """What is due, by webhook; nothing of some."""
        queues: dict[str, list[WebhookMessage]] = {}
        for message in await asyncio.to_thread(self._webhooks.claim, self._clock(), _EACH, others):
            queues.setdefault(message.webhook.webhook_id, []).append(message)
        return queues

    async def _work_off(self, messages: Sequence[WebhookMessage], is_slow: Callable[[str], None]) -> int:
        """The messages of one webhook, up to the first that is not taken, or slowly: the others would not be either."""
        sent, time = 0, asyncio.get_running_loop().time
        for place, message in enumerate(messages):
            sending = await asyncio.to_thread(self._prepare, message)
            if sending is None:
                continue
            others, began = messages[place + 1 :], time()
            try:
                await self._client.send(sending)
            except AddressRefused as error:
                await asyncio.to_thread(self._give_up, message, str(error))
                continue
            except NotTaken as error:
                await asyncio.to_thread(self._try_again, message, others, str(error))
                others = ()
            else:
                await asyncio.to_thread(self._finish, message)
                sent += 1
            if time() - began > _SLOW:
                is_slow(message.webhook.webhook_id)
                await asyncio.to_thread(self._give_back, others)
                break
            if not others:
                break
        return sent

    def _prepare(self, message: WebhookMessage) -> Sending | None:
        """The message as it is now; None if its webhook may not see the alert any more."""
        now, webhook = self._clock(), message.webhook
        if message.happened is Happened.REMOVED:
            return self._sign(message, write_removal(message.alert_id, now))
        viewer = self._viewer(webhook)
        seen = self._alerts.find([message.alert_id], viewer) if viewer else []
        if viewer is None or not seen:
            self._webhooks.finish(message.message_id, "dropped", now)
            return None
        alert = seen[0].alert
        words = self._write(alert, message.happened)
        body = write_body(webhook.kind, alert, message.happened, words)
        # The trail first: what it cannot record must not happen.
        self._record(webhook, viewer, alert)
        return self._sign(message, body)

    def _sign(self, message: WebhookMessage, body: bytes) -> Sending:
        webhook = message.webhook
        secret = make_secret(self._key, to_bytes(webhook.webhook_id, "webhook"), webhook.salt)
        headers = {"Content-Type": "application/json", "User-Agent": "coursepulse"}
        return Sending(webhook.url, headers | sign(secret, message.message_id, self._clock(), body), body)

    def _finish(self, message: WebhookMessage) -> None:
        if message.happened is Happened.REMOVED:
            self._webhooks.told(message.message_id)
        else:
            self._webhooks.finish(message.message_id, "sent", self._clock())

    def _viewer(self, webhook: Webhook) -> Viewer | None:
        """Whose rights a message has: those of the owner at this moment, or those of a program that reads."""
        if webhook.owner_id is None:
            return Viewer(role=Role.SERVICE, subject=webhook.subject, scopes=frozenset({READ}))
        owner = self._outbox.recipients([webhook.owner_id]).get(webhook.owner_id)
        return owner and self._tie(owner.viewer, owner.student_id)

    def _record(self, webhook: Webhook, viewer: Viewer, alert: Alert) -> None:
        tag, about = "alerts:course:webhook", alert.course_id
        if alert.student_id:
            tag, about = "alerts:student:webhook", to_text(alert.student_id)
        self._trail.write(
            AuditEntry(
                at=self._clock(),
                actor=viewer.subject,
                role=viewer.role.value,
                tag=tag,
                subject=about,
                detail=f"{webhook.subject} rule={alert.rule}",
            )
        )

    def _try_again(self, message: WebhookMessage, others: Sequence[WebhookMessage], trouble: str) -> None:
        pause = webhook_pause(message.attempts)
        if pause is None:
            self._give_up(message, trouble)
        at = self._clock() + (pause or 0)
        if pause is not None:
            self._webhooks.postpone(message.message_id, at, trouble)
        for other in others:
            self._webhooks.postpone(other.message_id, at, trouble, counts=False)

    def _give_back(self, messages: Sequence[WebhookMessage]) -> None:
        for message in messages:
            self._webhooks.postpone(message.message_id, self._clock(), counts=False)

    def _give_up(self, message: WebhookMessage, trouble: str) -> None:
        self._webhooks.finish(message.message_id, "dead", self._clock(), trouble)
