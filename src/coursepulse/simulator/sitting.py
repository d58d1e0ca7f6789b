"""One sitting: a student at a screen, a running clock, and the events that the browser sends."""

from __future__ import annotations

from random import Random

from coursepulse.simulator.learner import SimulatedLearner
from coursepulse.simulator.wire import HOUR, MINUTE, Millis, Post, Wire, make_uuid


class Sitting:
    """State shared by all activities of a session.

    :ivar at: the current time of this student
    :ivar send_at: writes an event at a given moment
    """

    __slots__ = ("at", "learner", "rng", "send_at")

    def __init__(self, post: Post, rng: Random, learner: SimulatedLearner, at: Millis) -> None:
        mobile = rng.random() < 0.25
        device = learner.devices[mobile]
        wire = Wire(
            post,
            rng,
            learner.external_id,
            make_uuid(rng),
            device,
            _choose_delay(rng, device),
            learner.country,
        )
        self.send_at, self.at, self.learner, self.rng = wire.send, at, learner, rng

    def send(self, name: str, context: str = "{}", payload: str = "{}") -> None:
        """Writes an event at the current time."""
        self.send_at(self.at, name, context, payload)

    def wait(self, low: float, high: float) -> None:
        """Lets some seconds pass."""
        self.at += int(1000 * (low + (high - low) * self.rng.random()))


def _choose_delay(rng: Random, device: str) -> Millis:
    """The delay of events: requests take a moment; one mobile session in 25 is offline and uploads hours later."""
    if '"mobile"' in device and rng.random() < 0.04:
        return rng.randrange(30 * MINUTE, 30 * HOUR)
    return rng.randrange(40, 900)
