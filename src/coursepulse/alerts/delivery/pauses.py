"""How long to wait before another attempt."""

from __future__ import annotations

from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, Micros

#: Between attempts at a mail that its server put off.
_LONGEST_FOR_MAIL: Micros = HOUR

#: A mail that could not be sent for so long is given up: what it says is on the screens.
MAIL_GIVEN_UP: Micros = 3 * DAY

#: Between attempts to reach a mail server that does not answer. Short, so that mails leave soon after it is back.
_LONGEST_FOR_SERVER: Micros = 5 * MINUTE

#: Between attempts at a message to a webhook. After the last one it is a dead letter.
_FOR_WEBHOOK: tuple[Micros, ...] = (
    MINUTE,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
)


def mail_pause(attempts: int) -> Micros:
    """After so many attempts at a mail."""
    return min(_LONGEST_FOR_MAIL, MINUTE << min(attempts - 1, 10))


def server_pause(failures: int) -> Micros:
    """After a mail server has not answered so many times in a row."""
    return min(_LONGEST_FOR_SERVER, 30 * SECOND << min(failures - 1, 10))


def webhook_pause(attempts: int) -> Micros | None:
    """After so many attempts at a message to a webhook; None when that was the last one."""
    return _FOR_WEBHOOK[attempts - 1] if attempts <= len(_FOR_WEBHOOK) else None
