"""Why a score is what it is: the attempts of which the best counts, or the results of which it is the mean."""

from __future__ import annotations

from collections import defaultdict

from coursepulse.aggregates.row import Row
from coursepulse.definitions.stats import add_decimals
from coursepulse.metrics.evidence import columns as e
from coursepulse.metrics.evidence.proof import Facts, ItemRule, Proof
from coursepulse.metrics.finish import mastery, own_skills
from coursepulse.metrics.metric import Column, Unit

_RESULTS, _TRIES, _SCORES, _VIDEOS = (
    "evidence_results",
    "evidence_tries",
    "evidence_scores",
    "evidence_videos",
)

_ATTEMPT = Column("attempt", Unit.COUNT, "Attempt", "number of the attempt; 0 is a grade given anew")


def _list_results(facts: Facts) -> list[Row]:
    return list(facts.found[_RESULTS])


def _list_attempts(facts: Facts) -> list[Row]:
    tries: dict[int, list[Row]] = defaultdict(list)
    for row in facts.found[_TRIES]:
        # A grade given anew is no attempt.
        if row["attempt"]:
            tries[row["attempt"]].append(row)
    return [_attempt(number, rows) for number, rows in sorted(tries.items())]


def _attempt(number: int, rows: list[Row]) -> Row:
    handed = [row["at"] for row in rows if row["handed_in"]]
    return {"attempt": number, "at": rows[0]["at"], "handed_in_at": min(handed, default=None)}


def _list_scores(facts: Facts) -> list[Row]:
    rows = [row | {"counts": bool(row["stands"])} for row in facts.found[_SCORES]]
    scores = [row["score_pct"] for row in rows if row["counts"] and row["score_pct"] is not None]
    best = max(scores, default=None)
    return [row | {"best": row["counts"] and best is not None and row["score_pct"] == best} for row in rows]


def _list_videos(facts: Facts) -> list[Row]:
    return list(facts.found[_VIDEOS])


#: The mean of the best results in all courses, or in one.
MEAN_SCORE = Proof(
    ItemRule.MEAN,
    "best_scores",
    (
        e.COURSE_ID,
        e.WORK_ID,
        e.TITLE,
        Column("kind", Unit.TEXT, "Kind", "quiz or assignment"),
        Column("attempts", Unit.COUNT, "Attempts", "distinct attempts, started or handed in"),
        e.SCORE._replace(title="Best score", description="best score"),
    ),
    _list_results,
    amount="score_pct",
    reads=(_RESULTS,),
    titled="assessment_id",
)

#: The best scores in what tests one skill: their mean, and how many they are.
SKILL_SCORE = Proof(
    ItemRule.MEAN,
    "best_scores",
    (e.COURSE_ID, e.WORK_ID, e.TITLE, e.SCORE._replace(title="Best score", description="best score")),
    lambda facts: own_skills.scored(facts.row["skill"], facts.found),
    amount="score_pct",
    titled="assessment_id",
)
SKILL_RESULTS = SKILL_SCORE._replace(rule=ItemRule.COUNT, amount="")


def _list_answers(facts: Facts) -> list[Row]:
    return mastery.answers_of(facts.row, facts.found)


#: The answers to the questions of a skill, in one course or in all.
ANSWERS = Proof(
    ItemRule.COUNT,
    "answers",
    (
        e.AT,
        e.COURSE_ID,
        e.WORK_ID,
        e.TITLE,
        Column("question_id", Unit.ID, "Question", "the platform's id of the question"),
        Column("correct", Unit.FLAG, "Right", "whether it was right"),
    ),
    _list_answers,
    titled="assessment_id",
)
RIGHT_ANSWERS = ANSWERS._replace(amount="correct")

#: The attempts at one assessment.
ATTEMPTS = Proof(
    ItemRule.COUNT,
    "attempts",
    (
        _ATTEMPT,
        e.AT._replace(title="Begun", description="first event of the attempt"),
        Column("handed_in_at", Unit.MOMENT, "Handed in", "first hand-in, null without one"),
    ),
    _list_attempts,
    reads=(_TRIES,),
)

#: The best result of one assessment.
BEST_SCORE = Proof(
    ItemRule.BEST,
    "results",
    (
        _ATTEMPT,
        e.AT._replace(description="when the result came"),
        e.SCORE,
        Column("passed", Unit.FLAG, "Passed", "as the platform said, null when it did not"),
        e.COUNTS._replace(
            title="Stands", description="no later result of the same attempt and no regrade has replaced it"
        ),
        Column("best", Unit.FLAG, "Best", "the largest score of those that stand"),
    ),
    _list_scores,
    amount="score_pct",
    of="counts",
    reads=(_SCORES,),
)

#: The mean over the videos of a course.
MEAN_WATCHED = Proof(
    ItemRule.MEAN,
    "videos",
    (
        e.COURSE_ID,
        e.VIDEO_ID,
        e.TITLE,
        Column("duration", Unit.SECONDS, "Length", "length of the video"),
        Column("covered", Unit.SECONDS, "Time covered", "distinct seconds played"),
        Column("watched_pct", Unit.PERCENT, "Watched", "covered seconds of the duration"),
    ),
    _list_videos,
    amount="watched_pct",
    reads=(_VIDEOS,),
    tally=add_decimals,
    titled="video_id",
)
