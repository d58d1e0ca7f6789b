"""A server that is killed while it sends a mail: ``python -m tests.alerts.delivery.killed DSN PORT before|after``."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack
from email.message import EmailMessage

from coursepulse.alerts.delivery.smtp import MailConnection
from coursepulse.store.postgres.connect import APP, SERVICE, open_pool
from tests.alerts.delivery.harness import DeliveryHarness


class _DiesBefore(MailConnection):
    def send(self, message: EmailMessage, sender: str, recipient: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class _DiesAfter(MailConnection):
    def send(self, message: EmailMessage, sender: str, recipient: str) -> None:
        super().send(message, sender, recipient)
        os.kill(os.getpid(), signal.SIGKILL)


def main(dsn: str, port: str, when: str) -> None:
    """Send what is due, and die."""
    with (
        open_pool(dsn, 2, role=SERVICE) as service,
        open_pool(dsn, 2, role=APP) as app,
        ExitStack() as closing,
    ):
        server = DeliveryHarness(service, app, closing, int(port))
        server.restart(_DiesBefore if when == "before" else _DiesAfter)
        server.mailing.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
