"""Activities of a student other than watching: reading, quizzes, assignments, exercises, forum, live class."""

from __future__ import annotations

from math import exp

from coursepulse.simulator import back_end
from coursepulse.simulator.learner import SimulatedLearner
from coursepulse.simulator.offering import LessonPlan, Offering, Quiz, Task
from coursepulse.simulator.sitting import Sitting
from coursepulse.simulator.track import Track
from coursepulse.simulator.watching import watch
from coursepulse.simulator.wire import MINUTE, Post

_JSON = ("false", "true")

#: How wrong answers are spread over three wrong choices: in most items one or two of them work, by T. M. Haladyna and
#: S. M. Downing (1993), "How many options is enough for a multiple-choice test item?".
_LURES = (62, 35, 3)

#: How difficult an assignment is, in logits, and by how many points marks of one piece of work differ. Fitted to the
#: tutor-marked assignments of OULAD: a mean of 72 and a standard deviation of 17 points.
_TASK, _MARKING = -0.25, 9

#: Of so many threads one finds no answer.
_UNANSWERED = 5


#: What a student gains in ability, in logits, from an attempt at the same questions and from a completed lesson.
FROM_ATTEMPT, FROM_LESSON = 0.5, 0.04

#: The number of completed lessons at which a student is as able as ``ability`` says.
MIDWAY = 6


def chance_correct(skill: float, difficulty: float, attempt: int) -> float:
    """The chance of a right answer: a logistic curve (Rasch), with some learning from each earlier attempt."""
    return 1 / (1 + exp(difficulty - skill - FROM_ATTEMPT * (attempt - 1)))


def ability(learner: SimulatedLearner, skill: str, done: int) -> float:
    """How able somebody is at a skill after so many lessons of the course, on the scale of difficulty."""
    return learner.skill + learner.strengths.get(skill, 0.0) + FROM_LESSON * (done - MIDWAY)


def take_lesson(sitting: Sitting, track: Track, unit: LessonPlan) -> bool:
    """Opens a lesson, watches, reads, tries the exercise; True if it was finished."""
    rng = sitting.rng
    sitting.send("lesson_start", unit.context)
    sitting.wait(3, 40)
    seen = watch(sitting, unit.clip, track.resume)
    sitting.wait(2, 20)
    if seen < 0.5 and rng.random() < 0.7:
        track.resume = seen * unit.clip.seconds
        return False
    track.resume = 0.0
    # Readers scroll back and forth; without events in between, reading a long text would look like absence.
    sitting.wait(0.3 * unit.reading, 0.8 * unit.reading)
    if unit.exercise:
        try_exercise(sitting, unit.context, unit.exercise)
        sitting.wait(4, 40)
    sitting.send("lesson_complete", unit.context)
    sitting.wait(2, 30)
    return True


def try_exercise(sitting: Sitting, context: str, exercise: str) -> None:
    """An interactive exercise, repeated until it is right or patience runs out."""
    rng = sitting.rng
    for attempt in range(1, 4):
        sitting.wait(15, 90)
        correct = rng.random() < chance_correct(sitting.learner.skill, 0.2, attempt)
        sitting.send(
            "interactive_attempt",
            context,
            f'{{"interactive_id":"{exercise}","question_id":"{exercise}","is_correct":{_JSON[correct]},"attempt":{attempt}}}',
        )
        if correct or rng.random() < 0.3:
            return


def take_quiz(sitting: Sitting, track: Track, quiz: Quiz) -> None:
    """One attempt at a quiz: an answer to each question, then the hand-in; a few leave before it."""
    rng, learner = sitting.rng, sitting.learner
    attempt = track.tries[quiz.assessment_id] = track.tries.get(quiz.assessment_id, 0) + 1
    begun = sitting.at
    sitting.send("quiz_start", quiz.context, f'{{"attempt":{attempt}}}')
    right = 0
    for question in quiz.questions:
        seconds = 6 + min(200.0, rng.lognormvariate(3.1, 0.6))
        sitting.at += int(1000 * seconds)
        able = ability(learner, question.skill, track.done)
        correct = rng.random() < chance_correct(able, question.difficulty, attempt)
        right += correct
        choice = question.choices[0] if correct else rng.choices(question.choices[1:], _LURES)[0]
        sitting.send(
            "quiz_answer",
            quiz.context,
            f'{{"question_id":"{question.question_id}","answer_id":"{choice}","is_correct":{_JSON[correct]},'
            f'"attempt":{attempt},"time_spent":{seconds:.1f}}}',
        )
    if rng.random() < 0.04:
        return
    sitting.wait(3, 40)
    passed = 100 * right >= quiz.pass_mark * len(quiz.questions)
    spent = (sitting.at - begun) // 1000
    sitting.send(
        "quiz_submit",
        quiz.context,
        f'{{"score":{right},"max_score":{len(quiz.questions)},"passed":{_JSON[passed]},"attempt":{attempt},"time_spent":{spent}}}',
    )
    if passed:
        track.settled.add(quiz.assessment_id)


def do_assignment(sitting: Sitting, track: Track, task: Task, post: Post) -> None:
    """Work on an assignment until it is handed in, with visits to earlier lessons."""
    rng, begun = sitting.rng, sitting.at
    sitting.send("assignment_start", task.context, '{"attempt":1}')
    for _ in range(rng.randint(2, 6)):
        sitting.wait(90, 780)
        unit = rng.choice(track.offering.units[: task.after + 1])
        sitting.send("lesson_start", unit.context)
    sitting.wait(120, 900)
    if rng.random() < 0.12:
        return  # saved for another day
    spent = (sitting.at - begun) // 1000
    sitting.send("assignment_submit", task.context, f'{{"attempt":1,"time_spent":{spent}}}')
    track.settled.add(task.assessment_id)
    late = task.due is not None and sitting.at > task.due
    able = ability(sitting.learner, task.skill, track.done)
    score = 100 * chance_correct(able, _TASK, 1) + rng.gauss(0, _MARKING) - 10 * late
    back_end.grade(
        post, rng, sitting.learner, task.context, 1, sitting.at, round(min(100.0, max(5.0, score)))
    )


def visit_forum(sitting: Sitting, offering: Offering, day: int) -> None:
    """Reads a few threads; some answer, fewer ask."""
    rng = sitting.rng
    threads = 4 + max(0, day - offering.first)
    for _ in range(rng.randint(1, 4)):
        number = int(threads * rng.random() ** 0.5)
        thread = f'{{"thread_id":"{offering.course_id}-t{number}"}}'
        sitting.send("forum_view", offering.context, thread)
        sitting.wait(10, 120)
        if rng.random() < 0.10 and is_answered(number):
            sitting.wait(60, 400)
            sitting.send("forum_reply", offering.context, thread)
    if rng.random() < 0.07:
        sitting.wait(90, 600)
        thread = f'{{"thread_id":"{offering.course_id}-t{threads}"}}'
        sitting.send("forum_post", offering.context, thread)


def is_answered(thread: int) -> bool:
    """Whether people know an answer to what a thread asks."""
    return thread % _UNANSWERED != 0


def attend_live(sitting: Sitting, offering: Offering, day: int) -> None:
    """A live class of about an hour with a poll every few minutes; one in eight leaves early."""
    rng = sitting.rng
    live = f'{{"live_session_id":"{offering.course_id}-live-{day}"}}'
    end = sitting.at + (15 * MINUTE if rng.random() < 0.12 else 50 * MINUTE) + rng.randrange(10 * MINUTE)
    sitting.send("live_session_join", offering.context, live)
    poll = 0
    while True:
        sitting.wait(420, 960)
        if sitting.at >= end:
            break
        poll += 1
        identifier = f"{offering.course_id}-poll-{day}-{poll}"
        correct = _JSON[rng.random() < chance_correct(sitting.learner.skill, 0.0, 1)]
        payload = f'{{"interactive_id":"{identifier}","question_id":"{identifier}","is_correct":{correct}}}'
        sitting.send("interactive_attempt", offering.context, payload)
    sitting.send("live_session_leave", offering.context, live)


def take_note(sitting: Sitting, context: str) -> None:
    """A custom event of the platform, of a type unknown to us."""
    sitting.send("x_note_saved", context)
