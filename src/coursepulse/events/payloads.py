"""What each event type may have in its ``payload``, and the columns that metrics read from it.

The collector drops and counts any other field, because personal data hides there.
No field takes free text. Seconds are seconds of the video; scores are in the unit of ``max_score``.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from coursepulse.events.currencies import MONEY_PARTS

Seconds = Annotated[float, Meta(ge=0, le=360_000)]
Rate = Annotated[float, Meta(gt=0, le=16)]
Points = Annotated[float, Meta(ge=0, le=1_000_000)]
#: High enough for a course in any currency: some have no smaller unit and prices in millions.
Money = Annotated[float, Meta(ge=0, le=1_000_000_000)]
Attempt = Annotated[int, Meta(ge=1, le=10_000)]

#: The attempt number of a regrade: it stands for all attempts.
REGRADE = 0

#: What an event keeps of its attempt.
Try = Annotated[int, Meta(ge=REGRADE, le=10_000)]
Clicks = Annotated[int, Meta(ge=1, le=1_000_000)]
Name = Annotated[str, Meta(max_length=128)]
Segment = tuple[Seconds, Seconds]


class EventColumns(NamedTuple):
    """The columns that the definitions read; None, empty or 1 if an event does not have them.

    ``position`` is where the playhead was (for a seek: where it started), ``position_to`` where a seek landed.
    ``score`` is a percentage of the maximum, ``amount`` a number of :data:`MONEY_PARTS`.
    """

    position: float | None = None
    position_to: float | None = None
    duration: float | None = None
    rate: float | None = None
    segments: tuple[Segment, ...] = ()
    score: float | None = None
    passed: bool | None = None
    attempt: int = 1
    question_id: str = ""
    correct: bool | None = None
    clicks: int = 1
    quality: str = ""
    buffer: float | None = None
    answer_id: str = ""
    thread_id: str = ""
    live_session_id: str = ""
    interactive_id: str = ""
    amount: int = 0
    currency: str = ""


NO_COLUMNS = EventColumns()


class Payload(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Nothing beyond the envelope."""

    def columns(self) -> EventColumns:
        """The columns that the definitions read."""
        return NO_COLUMNS


class EnrolmentPayload(Payload, frozen=True):
    """``mode`` is the platform's track, such as audit or verified."""

    mode: Name | None = None


class VisitPayload(Payload, frozen=True):
    """``clicks`` is how many interactions this event sums up, for platforms that report totals."""

    clicks: Clicks = 1

    def columns(self) -> EventColumns:
        return EventColumns(clicks=self.clicks)


class PlayerPayload(Payload, frozen=True):
    """The state of a video player at one moment."""

    current_time: Seconds | None = None
    video_duration: Seconds | None = None
    playback_rate: Rate | None = None
    video_quality: Name | None = None
    buffer_health: Seconds | None = None
    played_segments: tuple[Segment, ...] = ()

    def columns(self) -> EventColumns:
        return EventColumns(
            position=self.current_time,
            duration=self.video_duration,
            rate=self.playback_rate,
            segments=self.played_segments,
            quality=self.video_quality or "",
            buffer=self.buffer_health,
        )


class SeekPayload(PlayerPayload, frozen=True):
    """A jump of the playhead, ``from_time`` to ``to_time``."""

    from_time: Seconds | None = None
    to_time: Seconds | None = None

    def columns(self) -> EventColumns:
        left = self.from_time if self.from_time is not None else self.current_time
        return super().columns()._replace(position=left, position_to=self.to_time)


class QuizStartPayload(Payload, frozen=True):
    """``attempt`` counts a student's tries at one assessment from 1."""

    attempt: Attempt = 1

    def columns(self) -> EventColumns:
        return EventColumns(attempt=self.attempt)


class AnswerPayload(Payload, frozen=True):
    """One answer to one question; ``answer_id`` names a choice, never free text."""

    question_id: Name = ""
    answer_id: Name | None = None
    is_correct: bool | None = None
    attempt: Attempt = 1
    time_spent: Seconds | None = None

    def columns(self) -> EventColumns:
        return EventColumns(
            attempt=self.attempt,
            question_id=self.question_id,
            correct=self.is_correct,
            answer_id=self.answer_id or "",
        )


class ResultPayload(Payload, frozen=True):
    """A piece of work handed in or graded: no click. ``max_score`` 100 when the platform does not say.

    ``regrade`` says that staff set, recomputed or took away the score: from then on this result, with or without a
    score, stands for every attempt before it, and ``attempt`` says nothing.
    """

    score: Points | None = None
    max_score: Annotated[float, Meta(gt=0, le=1_000_000)] = 100.0
    passed: bool | None = None
    attempt: Attempt = 1
    time_spent: Seconds | None = None
    regrade: bool = False

    def columns(self) -> EventColumns:
        percent = None if self.score is None else min(100.0, 100.0 * self.score / self.max_score)
        attempt = REGRADE if self.regrade else self.attempt
        return EventColumns(score=percent, passed=self.passed, attempt=attempt, clicks=0)


class LivePayload(Payload, frozen=True):
    """A live class, by its id."""

    live_session_id: Name | None = None

    def columns(self) -> EventColumns:
        return EventColumns(live_session_id=self.live_session_id or "")


class InteractivePayload(AnswerPayload, frozen=True):
    """An interactive exercise."""

    interactive_id: Name | None = None

    def columns(self) -> EventColumns:
        return super().columns()._replace(interactive_id=self.interactive_id or "")


class ForumPayload(VisitPayload, frozen=True):
    """A discussion, by the id of its thread."""

    thread_id: Name | None = None

    def columns(self) -> EventColumns:
        return super().columns()._replace(thread_id=self.thread_id or "")


class CertificatePayload(Payload, frozen=True):
    """A certificate, by its id."""

    certificate_id: Name | None = None


class PaymentPayload(Payload, frozen=True):
    """``amount`` in ``currency`` (a code of ISO 4217): an amount has four decimals at the most."""

    amount: Money = 0.0
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "USD"
    order_id: Name | None = None

    def columns(self) -> EventColumns:
        return EventColumns(amount=round(self.amount * MONEY_PARTS), currency=self.currency)


class ExtraPayload(Payload, frozen=True):
    """An ``x_…`` event of the platform's own: stored and counted, feeds no metric, keeps no payload."""
