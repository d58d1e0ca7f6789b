"""The progress of one student in one course: the only state of a person that changes."""

from __future__ import annotations

from coursepulse.simulator.learner import Plan, SimulatedLearner
from coursepulse.simulator.offering import Offering, Quiz, Task
from coursepulse.simulator.wire import DAY, Millis

#: The most attempts at one quiz that a course allows.
_TRIES = 3


class Track:
    """One student in one course.

    :ivar patience: lessons after which the student gives up
    :ivar eased: whether a new version of the hard lesson would carry the student over it
    :ivar done: lessons completed; lessons are taken in order
    :ivar resume: position at which the video of the next lesson was left, in seconds
    :ivar tries: attempts so far by assessment id
    :ivar settled: assessments passed or handed in
    :ivar over: completed or given up
    """

    __slots__ = ("done", "eased", "offering", "over", "patience", "plan", "resume", "settled", "tries")

    def __init__(self, plan: Plan, offering: Offering, *, stuck: bool = False, eased: bool = False) -> None:
        self.plan, self.offering, self.eased = plan, offering, eased
        self.patience = min(plan.patience, offering.hard) if stuck else offering.hold(plan.patience)
        self.done, self.resume, self.over = 0, 0.0, False
        self.tries: dict[str, int] = {}
        self.settled: set[str] = set()

    def is_running(self, at: Millis, day: int) -> bool:
        """Whether the student is enrolled, and the course has begun and not ended and can be reached."""
        offering = self.offering
        return (
            self.plan.enrolled <= at
            and offering.first <= day
            and offering.closed != day
            and (offering.last is None or day <= offering.last)
        )

    def advance(self, day: int) -> None:
        """A lesson is completed. Who comes to the hard one after it was made anew may not stop there."""
        self.done += 1
        offering = self.offering
        renewed = offering.changed is not None and day >= offering.changed
        if self.eased and renewed and self.done == offering.hard == self.patience:
            self.patience = max(self.plan.patience, offering.beyond)

    def has_lesson(self, day: int) -> bool:
        """Whether the next lesson is open and the student has not given up."""
        return not self.over and self.done < min(self.offering.open_units(day), self.patience)

    def find_quiz(self) -> Quiz | None:
        """The first quiz of completed lessons that is not passed and has attempts left."""
        for quiz in self.offering.quizzes:
            if quiz.after >= self.done:
                return None
            if quiz.assessment_id not in self.settled and self.tries.get(quiz.assessment_id, 0) < _TRIES:
                return quiz
        return None

    def find_task(self, at: Millis, lead: Millis) -> Task | None:
        """The first assignment due within ``lead``, or up to two days overdue, or without a date."""
        for task in self.offering.tasks:
            if task.assessment_id in self.settled or task.after > self.done + 2 or self.over:
                continue
            if task.due is None or task.due - lead < at < task.due + 2 * DAY:
                return task
        return None

    def is_pressing(self, at: Millis) -> bool:
        """Whether something is due within three days."""
        return not self.over and any(
            due is not None and at < due < at + 3 * DAY and assessment_id not in self.settled
            for assessment_id, due in self.offering.list_due()
        )


class LearnerState:
    """The state of a learner. ``busy`` is the end of the last sitting."""

    __slots__ = ("busy", "learner", "sittings", "tracks")

    def __init__(self, learner: SimulatedLearner, tracks: list[Track]) -> None:
        self.learner, self.tracks, self.busy = learner, tracks, 0
        self.sittings = (-1, 0)

    def sit(self, day: int) -> None:
        """Count an extra sitting, added for a higher rate."""
        self.sittings = (day, self.sittings_on(day) + 1)

    def sittings_on(self, day: int) -> int:
        """The number of extra sittings on a day."""
        last, number = self.sittings
        return number if last == day else 0
