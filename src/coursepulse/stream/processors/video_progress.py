"""How far a student is in each video of a session: what was covered, where the playhead is, where to go on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import msgspec

from coursepulse.definitions.coverage import COMPLETE, clip_segments, merge_segments
from coursepulse.definitions.order import MEANING
from coursepulse.definitions.playback import TOLERANCE, VIDEO_EVENTS, Player, move_player
from coursepulse.definitions.segments import SegmentEnd, WatchReport, find_segment, read_report
from coursepulse.definitions.sessions import IDLE, LONGEST
from coursepulse.events.closing import is_closing
from coursepulse.events.event import Event
from coursepulse.events.payloads import Segment
from coursepulse.events.taxonomy import TYPES
from coursepulse.kit.clock import Micros
from coursepulse.kit.ids import NIL
from coursepulse.stream.processor import LATENESS, Output, make_id, order
from coursepulse.stream.runs import add_run

VIDEO = "video"

#: So many moments of a run are kept; beyond them a burst has to do without its late events.
MOST_MOMENTS = 256

#: Videos of a run that are kept, and separate stretches of each: of more, those with the least between them are joined.
MOST_VIDEOS, MOST_STRETCHES = 40, 100

#: Of what happens outside a player only the moment matters.
_NO_VIDEO = 0


class VideoProgress(msgspec.Struct, frozen=True, gc=False):
    """One video in one session.

    :param last_at: the newest event of its player
    :param position: seconds of the video where the playhead was then, or None
    :param segments: what was covered in this session, in order
    :param covered: their length in seconds
    :param watched_pct: the same of the duration; None while nobody has said it
    :param complete: 90 % of the duration are covered
    :param resume_at: where to go on; 0 at the end, None if nobody knows
    """

    student_id: bytes
    session_id: bytes
    course_id: str
    video_id: str
    last_at: Micros
    playing: bool
    rate: float
    position: float | None
    duration: float | None
    segments: tuple[Segment, ...]
    covered: float
    watched_pct: float | None
    complete: bool
    resume_at: float | None


class Moment(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """What is kept of an event until none can come before it any more.

    :param rank: its type, as a place in the order of events of one moment
    :param tie: its id
    :param video: which video, see :func:`_number`
    """

    at: Micros
    rank: int
    tie: bytes
    video: int = _NO_VIDEO
    position: float | None = None
    position_to: float | None = None
    rate: float | None = None
    duration: float | None = None

    @property
    def event_type(self) -> str:
        """The type of the event."""
        return MEANING[self.rank]

    @property
    def place(self) -> tuple[Micros, int, bytes]:
        """Where it stands among the others."""
        return self.at, self.rank, self.tie


class Watched(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One video after some of the events.

    :param player: None when the session was cut since
    :param left_at: the first event of anything else since the newest of the player, or None
    :param stretches: what was played before that, merged
    """

    last_at: Micros
    player: Player | None = None
    left_at: Micros | None = None
    duration: float | None = None
    stretches: tuple[Segment, ...] = ()


class Players(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All videos of a run after some of its events.

    :param place: of the newest of these events
    :param chosen: the rate that was chosen last
    """

    place: tuple[Micros, int, bytes] = (0, -1, b"")
    chosen: float = 1.0
    videos: dict[int, Watched] = {}


_NOTHING = Players()


class WatchRun(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The events of one session_id without a long silence between them.

    :param names: course and video by number
    :param reports: the longest report of each player
    :param base: after the events before which nothing can come any more
    :param moments: the events since then, in order
    :param tip: after all events
    """

    began_at: Micros
    last_at: Micros
    moments: tuple[Moment, ...]
    names: dict[int, tuple[str, str]] = {}
    reports: dict[int, WatchReport] = {}
    base: Players = _NOTHING
    tip: Players = _NOTHING


class Watching(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The runs of one student and session_id, which lie more than :data:`IDLE` apart."""

    student_id: bytes
    session_id: bytes
    runs: tuple[WatchRun, ...]


class VideoProgressing:
    """Pairs events as they come, by the rules of ``tests/reference/segments.py``.

    It has heard only of what has happened: a player that tells the length of its video late is believed from then on.
    """

    name, version = "video_progress", 1
    types = frozenset(TYPES)
    state = Watching
    lateness: Micros = LATENESS

    def key(self, event: Event) -> bytes | None:
        if event.session_id == NIL or is_closing(event):
            return None
        return event.student_id + event.session_id

    def on_event(self, state: Watching | None, event: Event) -> Watching:
        moment, runs = _note(event), () if state is None else state.runs
        if state is not None and len(runs) == 1 and _follows(runs[0], moment):
            return Watching(state.student_id, state.session_id, (_append(runs[0], moment, event),))
        added = add_run(runs, _read(event, moment), IDLE, _join)
        begun = tuple(run if _is_known(run.tip) else _begin(run) for run in added)
        return Watching(event.student_id, event.session_id, begun)

    def outputs(self, state: Watching, now: Micros) -> list[Output]:  # noqa: ARG002 - time alone changes nothing
        return [output for run in state.runs for output in _say(state, run)]

    def due(self, state: Watching, now: Micros) -> Micros:
        moments = (run.last_at + IDLE + self.lateness + 1 for run in state.runs)
        return min((moment for moment in moments if moment > now), default=now + 1)

    def settle(self, state: Watching, horizon: Micros) -> Watching | None:
        kept = tuple(_fold(run, horizon) for run in state.runs if run.last_at + IDLE >= horizon)
        if kept == state.runs:
            return state
        return Watching(state.student_id, state.session_id, kept) if kept else None


def _number(course: str, video: str) -> int:
    """A video in four bytes; a session in which two videos share a number is one in millions."""
    return crc32(f"{course}\0{video}".encode()) or 1


def _note(event: Event) -> Moment:
    """What is kept of an event."""
    at, rank, event_id = order(event)
    if event.event_type not in VIDEO_EVENTS:
        return Moment(at, rank, event_id)
    if not event.video_id:
        # A player without a name still chooses the rate of the next one.
        return Moment(at, rank, event_id, rate=event.rate)
    number = _number(event.course_id, event.video_id)
    told = (event.position, event.position_to, event.rate, event.duration or None)
    return Moment(at, rank, event_id, number, *told)


def _read(event: Event, moment: Moment) -> WatchRun:
    """The run that an event is alone."""
    if moment.video == _NO_VIDEO:
        return WatchRun(moment.at, moment.at, (moment,))
    names = {moment.video: (event.course_id, event.video_id)}
    return WatchRun(moment.at, moment.at, (moment,), names, _read_reports(event, moment))


def _read_reports(event: Event, moment: Moment) -> dict[int, WatchReport]:
    report = read_report(event) if event.segments else None
    return {moment.video: report._replace(pieces=_unite(report.pieces))} if report else {}


def _follows(run: WatchRun, moment: Moment) -> bool:
    """Whether a moment comes right behind all others, as most do."""
    last = run.moments[-1].place if run.moments else run.base.place
    return last < moment.place and moment.at - run.last_at <= IDLE and len(run.moments) < MOST_MOMENTS


def _append(run: WatchRun, moment: Moment, event: Event) -> WatchRun:
    """:func:`_join` with what comes right behind."""
    names, reports = run.names, run.reports
    if moment.video != _NO_VIDEO:
        if moment.video not in names:
            names = names | {moment.video: (event.course_id, event.video_id)}
        for number, report in _read_reports(event, moment).items():
            reports = reports | {number: _longer(run, number, report)}
    tip = _step(run.tip, moment, run.began_at)
    return WatchRun(run.began_at, moment.at, (*run.moments, moment), names, reports, run.base, tip)


def _join(one: WatchRun, other: WatchRun) -> WatchRun:
    """Two runs as one. What both know of the past is with the earlier one: nothing came before the later one yet."""
    first, second = (one, other) if one.began_at <= other.began_at else (other, one)
    fresh = _sort(first, second)
    joined = WatchRun(
        first.began_at,
        max(one.last_at, other.last_at),
        fresh,
        first.names | second.names,
        first.reports | {number: _longer(first, number, report) for number, report in second.reports.items()},
        first.base,
    )
    joined = msgspec.structs.replace(joined, tip=_continue(first, fresh))
    return joined if len(fresh) <= MOST_MOMENTS else _let_go(joined, len(fresh) - MOST_MOMENTS // 2)


def _is_known(players: Players) -> bool:
    return players.place != _NOTHING.place


def _begin(run: WatchRun) -> WatchRun:
    return msgspec.structs.replace(run, tip=_play(run.base, run.moments, run.began_at))


def _sort(first: WatchRun, second: WatchRun) -> tuple[Moment, ...]:
    """The moments of both, each once, without those that come before what is folded."""
    if len(second.moments) == 1 and first.moments and first.moments[-1].place < second.moments[0].place:
        return first.moments + second.moments
    known = {moment.place: moment for moment in first.moments + second.moments}
    return tuple(known[place] for place in sorted(known) if place > first.base.place)


def _continue(first: WatchRun, moments: tuple[Moment, ...]) -> Players:
    """After all moments: if only new ones have come at the end, those before them need not be looked at again."""
    if _is_known(first.tip) and moments[: len(first.moments)] == first.moments:
        return _play(first.tip, moments[len(first.moments) :], first.began_at)
    return _play(first.base, moments, first.began_at)


def _longer(run: WatchRun, number: int, report: WatchReport) -> WatchReport:
    return max(run.reports.get(number, report), report)


def _fold(run: WatchRun, horizon: Micros) -> WatchRun:
    count = bisect_left(run.moments, horizon, key=lambda moment: moment.at)
    return _let_go(run, count) if count else run


def _let_go(run: WatchRun, count: int) -> WatchRun:
    """A run that keeps fewer moments."""
    base = _play(run.base, run.moments[:count], run.began_at) if count < len(run.moments) else run.tip
    kept = base.videos.keys() | run.tip.videos.keys() | {moment.video for moment in run.moments[count:]}
    return msgspec.structs.replace(
        run,
        base=base,
        moments=run.moments[count:],
        names={number: name for number, name in run.names.items() if number in kept},
        reports={number: report for number, report in run.reports.items() if number in kept},
    )


def _play(players: Players, moments: Iterable[Moment], began_at: Micros) -> Players:
    for moment in moments:
        players = _step(players, moment, began_at)
    return players


def _step(players: Players, moment: Moment, began_at: Micros) -> Players:
    """After one more event."""
    if _is_known(players) and _lap(players.place[0], began_at) != _lap(moment.at, began_at):
        players = Players(players.place, 1.0, {number: _cut(each) for number, each in players.videos.items()})
    videos, chosen = players.videos, moment.rate or players.chosen
    changed = {
        number: Watched(each.last_at, each.player, moment.at, each.duration, each.stretches)
        for number, each in videos.items()
        if each.left_at is None and number != moment.video
    }
    if moment.video != _NO_VIDEO:
        changed[moment.video] = _watch(videos.get(moment.video) or Watched(moment.at), moment, chosen)
    videos = {**videos, **changed} if changed else videos
    if len(videos) > MOST_VIDEOS:
        videos = {number: each for number, each in videos.items() if number != _oldest(videos)}
    return Players(moment.place, chosen, videos)


def _lap(at: Micros, began_at: Micros) -> int:
    return (at - began_at) // LONGEST


def _oldest(videos: dict[int, Watched]) -> int:
    return min(videos, key=lambda number: (videos[number].last_at, number))


def _watch(before: Watched, moment: Moment, chosen: float) -> Watched:
    duration = max(before.duration or 0.0, moment.duration or 0.0) or None
    player, told = move_player(before.player, moment, chosen, duration)
    played = _played(before, SegmentEnd(moment.at, told))
    stretches = _unite((*before.stretches, *played)) if played else before.stretches
    return Watched(moment.at, player, None, duration, stretches)


def _cut(video: Watched) -> Watched:
    """A session of 24 hours is over, and the next one starts from nothing."""
    stretches = _unite((*video.stretches, *_left(video)))
    return msgspec.structs.replace(video, player=None, left_at=video.last_at, stretches=stretches)


def _left(video: Watched) -> list[Segment]:
    """What was played until something else happened."""
    return [] if video.left_at is None else _played(video, SegmentEnd(video.left_at, None))


def _played(video: Watched, end: SegmentEnd) -> list[Segment]:
    if video.player is None:
        return []
    segment = find_segment(video.player.at, video.player.playback(video.duration), end)
    return [segment] if segment else []


def _unite(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    merged = merge_segments(segments)
    while len(merged) > MOST_STRETCHES:
        gaps = [after[0] - before[1] for before, after in pairwise(merged)]
        least = gaps.index(min(gaps))
        merged[least : least + 2] = [(merged[least][0], merged[least + 1][1])]
    return tuple(merged)


def _say(state: Watching, run: WatchRun) -> Iterator[Output]:
    for number, video in sorted(run.tip.videos.items()):
        name = run.names[number]
        output_id = _output_id(state.student_id, state.session_id, name, run.began_at)
        progress = _describe(state, name, video, run.reports.get(number))
        yield Output(output_id, VIDEO, run.last_at + IDLE, progress)


@lru_cache(16_384)
def _output_id(student: bytes, session: bytes, name: tuple[str, str], began_at: Micros) -> bytes:
    return make_id(VIDEO, student, session, "\0".join(name).encode(), began_at)


def _describe(
    state: Watching, name: tuple[str, str], video: Watched, report: WatchReport | None
) -> VideoProgress:
    left = _left(video)
    said = report.pieces if report else (*video.stretches, *left)
    segments = tuple(merge_segments(clip_segments(said, video.duration)))
    covered = sum((end - start for start, end in segments), 0.0)
    duration, player = video.duration, video.player
    playback = player.playback(duration) if player else None
    position = left[0][1] if left else playback and playback.position
    return VideoProgress(
        state.student_id,
        state.session_id,
        *name,
        video.last_at,
        bool(playback and playback.playing and video.left_at is None),
        playback.rate if playback else 1.0,
        position,
        duration,
        segments,
        covered,
        None if duration is None else min(100.0, 100.0 * covered / duration),
        duration is not None and covered >= COMPLETE * duration,
        resume_point(position, duration),
    )


def resume_point(position: float | None, duration: float | None) -> float | None:
    """Where to go on: at the end from the beginning."""
    at_the_end = position is not None and duration is not None and position >= duration - TOLERANCE
    return 0.0 if at_the_end else position
