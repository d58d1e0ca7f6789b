"""What is going on right now: outputs of stream processors, completed from the rollups."""

from __future__ import annotations

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.coverage import COMPLETE, clip_segments, covered_seconds
from coursepulse.metrics.query import Query

#: What a row has to say of a video, and of a quiz.
_OF_VIDEO = ("resume_at", "duration", "covered", "watched_pct", "complete")
_OF_QUIZ = ("attempt", "questions", "correct", "first_try_correct", "score_pct", "handed_in_at")
_NOTHING: Row = dict.fromkeys((*_OF_VIDEO, *_OF_QUIZ))


def list_present(found: QueryRows, query: Query) -> list[Row]:  # noqa: ARG001 - it is always now
    """Learners alone, with what open alerts say of them: the last to come stand on top."""
    left_out = {row["student_id"] for row in found["left_out_now"]}
    stuck = {row["student_id"]: " ".join(row["rules"]) for row in found["stuck_now"]}
    present = [
        row | {"stuck": stuck.get(row["student_id"], "")}
        for row in found["course_now"]
        if row["student_id"] not in left_out
    ]
    return sorted(present, key=lambda row: (row["since"], row["student_id"]), reverse=True)


def list_progress(found: QueryRows, query: Query) -> list[Row]:  # noqa: ARG001 - it is always now
    """Of each video and quiz the newest; what the student did last stands on top."""
    newest: dict[tuple[str, str, str], Row] = {}
    for row in sorted(found["student_now"], key=lambda row: row["last_activity_at"]):
        key = row["kind"], row["course_id"], row["item_id"]
        segments = (*newest.get(key, {}).get("segments", ()), *row.get("segments", ()))
        newest[key] = row | {"segments": segments}
    before = {(row["course_id"], row["video_id"]): row for row in found["watched_so_far"]}
    rows = [_complete(row, before.get((row["course_id"], row["item_id"]))) for row in newest.values()]
    return sorted(rows, key=lambda row: row["last_activity_at"], reverse=True)


def _complete(row: Row, before: Row | None) -> Row:
    if row["kind"] != "video":
        return _NOTHING | row
    known = before["duration"] if before else None
    duration = known or row["duration"]
    segments = [*row["segments"], *(before["segments"] if before else ())]
    covered = covered_seconds(clip_segments(segments, duration))
    return (
        _NOTHING
        | row
        | {
            "duration": duration,
            "covered": covered,
            "watched_pct": min(100.0, 100.0 * covered / duration) if duration else None,
            "complete": duration is not None and covered >= COMPLETE * duration,
        }
    )
