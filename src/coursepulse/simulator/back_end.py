"""Events from a platform's back end: enrolment, payments, grades and certificates, outside any session."""

from __future__ import annotations

from random import Random

from coursepulse.simulator.learner import SimulatedLearner
from coursepulse.simulator.track import Track
from coursepulse.simulator.wire import DAY, MINUTE, Millis, Post, Wire


def enrol(post: Post, rng: Random, learner: SimulatedLearner, track: Track) -> None:
    """A student enrols, and pays if they want the certificate."""
    wire, at = Wire(post, rng, learner.external_id), track.plan.enrolled
    mode = "verified" if track.plan.paid else "audit"
    if track.plan.paid:
        wire.send(at - 20_000, "payment_completed", track.offering.context, _payment(learner, track))
    wire.send(at, "course_enroll", track.offering.context, f'{{"mode":"{mode}"}}')


def leave(post: Post, rng: Random, learner: SimulatedLearner, track: Track, at: Millis) -> None:
    """A student gives up: some unenrol some days later, with a refund within a fortnight."""
    track.over = True
    if rng.random() < 0.4:
        at += int(rng.uniform(1, 8) * DAY)
        wire = Wire(post, rng, learner.external_id)
        wire.send(at, "course_unenroll", track.offering.context)
        if track.plan.paid and at < track.plan.enrolled + 14 * DAY:
            wire.send(at + 90_000, "payment_refunded", track.offering.context, _payment(learner, track))


def complete(post: Post, rng: Random, learner: SimulatedLearner, track: Track, at: Millis) -> None:
    """The last lesson is done: the platform marks the course complete and issues a certificate if it was paid for."""
    track.over = True
    wire = Wire(post, rng, learner.external_id)
    passed = all(quiz.assessment_id in track.settled for quiz in track.offering.quizzes)
    wire.send(at + 2_000, "course_complete", track.offering.context, f'{{"passed":{_json(passed)}}}')
    if track.plan.paid and passed:
        certificate = f'{{"certificate_id":"c-{rng.getrandbits(48):012x}"}}'
        wire.send(at + rng.randrange(3 * MINUTE), "certificate_issued", track.offering.context, certificate)


def grade(
    post: Post, rng: Random, learner: SimulatedLearner, context: str, attempt: int, at: Millis, score: int
) -> None:
    """A teacher grades an assignment some days after it was handed in."""
    payload = f'{{"score":{score},"max_score":100,"passed":{_json(score >= 50)},"attempt":{attempt}}}'
    graded = at + int(rng.uniform(0.6, 5.5) * DAY)
    Wire(post, rng, learner.external_id).send(graded, "assignment_graded", context, payload)


def _payment(learner: SimulatedLearner, track: Track) -> str:
    currency = "EUR" if learner.zone.startswith("Europe") else "USD"
    order = f"o-{track.plan.enrolled // 1000:x}-{track.plan.offering}"
    return f'{{"amount":{track.offering.price},"currency":"{currency}","order_id":"{order}"}}'


def _json(value: bool) -> str:
    return "true" if value else "false"
