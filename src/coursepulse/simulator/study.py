"""One session on the platform from sign-in to sign-out: due work comes first, then the next lesson."""

from __future__ import annotations

from random import Random

from coursepulse.simulator import activities, back_end
from coursepulse.simulator.offering import Offering
from coursepulse.simulator.sitting import Sitting
from coursepulse.simulator.track import LearnerState, Track
from coursepulse.simulator.watching import watch
from coursepulse.simulator.wire import DAY, MINUTE, Millis, Post

#: How long before the due date each persona begins an assignment, in days.
_LEAD = {"steady": 5, "crammer": 1.5, "night owl": 3, "struggling": 2, "dropout": 2, "excelling": 7}


def study(post: Post, rng: Random, student: LearnerState, at: Millis, day: int) -> None:
    """A sitting with as many steps as the persona's patience allows."""
    running = [track for track in student.tracks if track.is_running(at, day)]
    sitting = _sign_in(post, rng, student, at)
    steps = 1 + int(rng.expovariate(1 / max(0.1, student.learner.persona.steps - 0.6)))
    if not running:
        _browse(sitting, student, day)
        steps = 0
    for _ in range(min(steps, 6)):
        _do_step(post, sitting, _choose_track(rng, running, day), day)
        sitting.wait(5, 90)
    _sign_out(sitting, student)


def come_back(post: Post, rng: Random, student: LearnerState, track: Track, at: Millis, day: int) -> None:
    """A sitting for the one course that a message was about."""
    sitting = _sign_in(post, rng, student, at)
    _do_step(post, sitting, track, day)
    sitting.wait(5, 90)
    _sign_out(sitting, student)


def attend(post: Post, rng: Random, student: LearnerState, offering: Offering, at: Millis, day: int) -> None:
    """A sitting for a live class."""
    sitting = _sign_in(post, rng, student, at)
    sitting.wait(20, 200)
    activities.attend_live(sitting, offering, day)
    sitting.wait(5, 120)
    _sign_out(sitting, student)


def supervise(post: Post, rng: Random, student: LearnerState, at: Millis, day: int) -> None:
    """A teacher reads through a course and answers in the forum."""
    open_ = [track.offering for track in student.tracks if track.offering.closed != day]
    if not open_:
        return
    sitting = _sign_in(post, rng, student, at)
    offering = rng.choice(open_)
    sitting.wait(10, 60)
    sitting.send("lesson_start", rng.choice(offering.units).context)
    for _ in range(rng.randint(1, 5)):
        sitting.wait(40, 300)
        number = rng.randrange(4 + max(1, day))
        thread = f'{{"thread_id":"{offering.course_id}-t{number}"}}'
        sitting.send("forum_view", offering.context, thread)
        sitting.wait(60, 400)
        if activities.is_answered(number):
            sitting.send("forum_reply", offering.context, thread)
    _sign_out(sitting, student)


def _sign_in(post: Post, rng: Random, student: LearnerState, at: Millis) -> Sitting:
    sitting = Sitting(post, rng, student.learner, at)
    sitting.send("session_start")
    sitting.wait(4, 45)
    return sitting


def _sign_out(sitting: Sitting, student: LearnerState) -> None:
    """Signs out. One in four closes the tab instead, which sends nothing."""
    if sitting.rng.random() < 0.75:
        sitting.send("session_end")
    student.busy = sitting.at


def _choose_track(rng: Random, running: list[Track], day: int) -> Track:
    """A course with something to do, if there is one."""
    open_ = [track for track in running if track.has_lesson(day) or track.find_quiz()]
    return rng.choice(open_ or running)


def _do_step(post: Post, sitting: Sitting, track: Track, day: int) -> None:
    rng, learner = sitting.rng, sitting.learner
    task = track.find_task(sitting.at, int(_LEAD[learner.persona.name] * DAY))
    quiz = track.find_quiz()
    dice = rng.random()
    if task and rng.random() < 0.6:
        activities.do_assignment(sitting, track, task, post)
    elif (
        quiz
        and not track.over
        and rng.random() < (0.8 if track.tries.get(quiz.assessment_id, 0) == 0 else 0.35)
    ):
        activities.take_quiz(sitting, track, quiz)
    elif track.has_lesson(day) and dice < 0.86:
        _advance(post, sitting, track, day)
    else:
        _revisit(sitting, track, day)
    _consider_leaving(post, sitting, track)


def _advance(post: Post, sitting: Sitting, track: Track, day: int) -> None:
    offering = track.offering
    if activities.take_lesson(sitting, track, offering.units[track.done]):
        track.advance(day)
    if track.done == len(offering.units):
        back_end.complete(post, sitting.rng, sitting.learner, track, sitting.at)


def _consider_leaving(post: Post, sitting: Sitting, track: Track) -> None:
    if not track.over and track.done >= track.patience:
        back_end.leave(post, sitting.rng, sitting.learner, track, sitting.at)


def _revisit(sitting: Sitting, track: Track, day: int) -> None:
    """Nothing new to do, or no motivation for it: the forum, an old video, a note."""
    rng = sitting.rng
    dice = rng.random()
    if dice < 0.55 or track.done == 0:
        activities.visit_forum(sitting, track.offering, day)
    elif dice < 0.9:
        unit = rng.choice(track.offering.units[: track.done])
        sitting.send("lesson_start", unit.context)
        sitting.wait(3, 15)
        watch(sitting, unit.clip, rng.choice((0.0, max(0.0, unit.clip.dense - 30))))
    else:
        activities.take_note(sitting, track.offering.context)


def _browse(sitting: Sitting, student: LearnerState, day: int) -> None:
    """Between courses: a visit to the forum of an old one."""
    past = [
        track
        for track in student.tracks
        if track.plan.enrolled <= sitting.at and track.offering.closed != day
    ]
    if past:
        activities.visit_forum(sitting, sitting.rng.choice(past).offering, day)


#: The shortest break between two sittings of one student.
BREAK = 40 * MINUTE
