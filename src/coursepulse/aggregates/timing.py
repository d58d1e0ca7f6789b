"""Sessions, time on task and played segments over columns: those of ``tests/reference``, line by line.

Rows are of windows: ``n`` numbers a window, ``day`` is its day, and its events are those of one session_id on that
day and the days beside it.
"""

from __future__ import annotations

from math import floor

import polars as pl

from coursepulse.definitions.playback import STARTS, STOPS, TOLERANCE
from coursepulse.definitions.segments import SHORTEST
from coursepulse.definitions.sessions import IDLE, LONGEST
from coursepulse.definitions.time_on_task import CAP, PLAYING_CAP
from coursepulse.events.taxonomy import TaskKind, names
from coursepulse.kit.clock import DAY, SECOND

_VIDEO = pl.col("event_type").is_in(names(category="video"))
_QUIZ_KIND = pl.col("event_type").is_in(names(kind=TaskKind.QUIZ))
#: What timing reads of an event.
TIMED = (
    *("n", "day", "at", "event_type", "course_id", "video_id"),
    *("position", "position_to", "duration", "rate"),
)

_PLAYER = ("session", "course_id", "video_id")

#: Microseconds that a gap counts at most while nothing plays.
_CAP = floor(CAP * SECOND)

at = pl.col("at")
_type, _first = pl.col("event_type"), pl.col("first")
today = (at // DAY).cast(pl.Int32) == pl.col("day")


def cut_sessions(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds ``session``, the number of the session, and ``gap``, microseconds to the next event of it.

    :param rows: sorted by (n, at, meaning, event_id)
    """
    follows = (pl.col("n") == pl.col("n").shift()) & (at - at.shift() <= IDLE)
    run_start = pl.when(~follows.fill_null(value=False)).then(at).forward_fill()
    lap = (at - run_start) // LONGEST
    begins = ~(follows & (lap == lap.shift())).fill_null(value=False)
    session = begins.cum_sum()
    gap = pl.when(session == session.shift(-1)).then(at.shift(-1) - at)
    return rows.with_columns(session=session, gap=gap)


def follow_players(rows: pl.DataFrame) -> pl.DataFrame:
    """The video events, with the state of the player after each, and with what tells where a segment ended.

    :param rows: of :func:`cut_sessions`
    """
    players = _line_up(rows.filter(_VIDEO))
    lately = at - at.shift()
    players = players.with_columns(
        pl.when(~_first & pl.col("playing").shift())
        .then((lately * pl.col("speed").shift()).floor().cast(pl.Int64))
        .otherwise(0)
        .alias("step")
    ).with_columns(told=_told(), played=pl.col("step").cum_sum())
    follows = pl.col("player") == pl.col("player").shift(-1)
    return _locate(players).with_columns(
        pl.when(follows).then(at.shift(-1)).alias("tells_at"),
        pl.when(follows).then(pl.col("told").shift(-1)).alias("tells"),
    )


def _line_up(rows: pl.DataFrame) -> pl.DataFrame:
    """Player by player, so that what follows a row is what its player said next and filling forward stays inside,
    with ``first``, ``playing``, ``speed`` and ``length``."""
    rate = pl.col("rate")
    begins = (pl.col("session") != pl.col("session").shift()).fill_null(value=True)
    chosen = pl.when(begins).then(rate.fill_null(1.0)).otherwise(rate).forward_fill()
    players = rows.with_columns(chosen=chosen).sort(_PLAYER, maintain_order=True)
    players = players.with_columns(
        player=pl.struct(_PLAYER).rle_id(),
        length=pl.when(pl.col("duration") > 0).then(pl.col("duration")),
    ).with_columns(
        first=(pl.col("player") != pl.col("player").shift()).fill_null(value=True),
        length=pl.col("length").max().over("player"),
    )
    # A player may call a video complete long before it ends.
    goes_on = (_type == "video_complete") & (pl.col("position") < pl.col("length") - TOLERANCE)
    stops = _type.is_in(STOPS) & ~goes_on.fill_null(value=False)
    state = pl.when(_type.is_in(STARTS)).then(True).when(stops).then(False)
    taken_up = _first | (_type == "video_play")
    return players.with_columns(
        playing=pl.when(_first).then(state.fill_null(value=False)).otherwise(state).forward_fill(),
        speed=pl.when(taken_up).then("chosen").otherwise(rate).forward_fill(),
    )


def _told() -> pl.Expr:
    """The position that an event tells. That of before the seek that came right before it is not believed."""
    position, left = pl.col("position"), pl.col("position").shift()
    landed = pl.col("position_to").shift() + pl.col("step") / SECOND
    after_seek = ~_first & (_type.shift() == "video_seek")
    prompt = (_type == "video_play") | (at - at.shift() <= TOLERANCE * SECOND)
    off = (position - left).abs()
    stale = after_seek & prompt & (off <= TOLERANCE) & (off < (position - landed).abs())
    # A player that says play has not played since the seek.
    landing = pl.when(_type == "video_play").then(pl.col("position_to").shift())
    return pl.when(stale.fill_null(value=False)).then(landing).otherwise(position)


def _locate(players: pl.DataFrame) -> pl.DataFrame:
    """Adds ``start_s``, where the playhead is: as said, or as far on as it has played since it was said."""
    seek = _type == "video_seek"
    lands = pl.when(seek).then(pl.col("position_to")).otherwise(pl.col("told"))
    said = _first | seek | lands.is_not_null()
    players = players.with_columns(lands=lands).with_row_index("row")
    place = players.select(pl.when(said).then("row").forward_fill()).to_series()
    since = players["played"] - players["played"].gather(place)
    anchor, reached = pl.col("anchor"), pl.col("anchor") + pl.col("since") / SECOND
    end = pl.max_horizontal("length", "anchor")
    within = pl.when(pl.col("length").is_null()).then(reached).otherwise(pl.min_horizontal(reached, end))
    return players.with_columns(anchor=players["lands"].gather(place), since=since).with_columns(
        start_s=pl.when(anchor.is_null() | (pl.col("since") == 0)).then(anchor).otherwise(within)
    )


def credit_gaps(rows: pl.DataFrame, players: pl.DataFrame, *more: str) -> pl.DataFrame:
    """What each event of the window's day opened: (n, course_id, kind, micros).

    :param more: further columns of the events
    """
    rest = (pl.col("length") - pl.col("start_s")) / pl.col("speed")
    playing = pl.when(rest.is_null()).then(PLAYING_CAP).otherwise(rest.clip(CAP, PLAYING_CAP))
    cap = pl.when("playing").then((playing * SECOND).floor().cast(pl.Int64)).otherwise(_CAP)
    idle = pl.when(pl.col("event_type") == "session_end").then(0).otherwise(_CAP)
    opened = today & pl.col("gap").is_not_null()
    kind = pl.when(_QUIZ_KIND).then(pl.lit("quiz")).otherwise(pl.lit("reading"))
    keys = ("n", "course_id", *more)
    return pl.concat(
        [
            players.filter(opened).select(
                *keys, pl.lit("video").alias("kind"), pl.min_horizontal("gap", cap).alias("micros")
            ),
            rows.filter(opened & ~_VIDEO).select(
                *keys, kind.alias("kind"), pl.min_horizontal("gap", idle).alias("micros")
            ),
        ]
    )


def name_lessons(credits_: pl.DataFrame) -> pl.DataFrame:
    """Those credits that belong to a lesson: (n, course_id, lesson_id, micros)."""
    counts = (pl.col("lesson_id") != "") & (pl.col("micros") > 0)
    return credits_.filter(counts).select("n", "course_id", "lesson_id", "micros")


def pair_segments(players: pl.DataFrame) -> pl.DataFrame:
    """The segments opened on the window's day: (n, course_id, video_id, start_s, end_s)."""
    start, speed = pl.col("start_s"), pl.col("speed")
    wall = pl.coalesce(pl.col("tells_at") - at, "gap") / SECOND
    told = (pl.col("tells") >= start).fill_null(value=False)
    end = pl.when(told).then(pl.col("tells")).otherwise(start + pl.min_horizontal(wall, CAP) * speed)
    end = pl.min_horizontal(end, start + wall * speed + TOLERANCE, pl.col("length"))
    return (
        players.filter(today & pl.col("playing") & (pl.col("video_id") != "") & start.is_not_null())
        .with_columns(end_s=end, wall=wall)
        .filter((pl.col("end_s") - start >= SHORTEST) & (pl.col("wall") >= SHORTEST))
        .select("n", "course_id", "video_id", "start_s", "end_s")
    )


def sum_visits(rows: pl.DataFrame) -> pl.DataFrame:
    """Visits that began on the window's day, and their length: (n, course_id, visits, visit_micros)."""
    return (
        rows.group_by("session", "course_id")
        .agg(pl.col("n", "day").first(), at=at.min(), micros=at.max() - at.min())
        .filter(today)
        .group_by("n", "course_id")
        .agg(visits=pl.len(), visit_micros=pl.col("micros").sum())
    )


def sum_credits(credits_: pl.DataFrame) -> pl.DataFrame:
    """Time on task by kind: (n, course_id, time_video, time_quiz, time_reading)."""
    return credits_.group_by("n", "course_id").agg(
        pl.col("micros").filter(pl.col("kind") == kind).sum().alias(f"time_{kind}")
        for kind in ("video", "quiz", "reading")
    )
