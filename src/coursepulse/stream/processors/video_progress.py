"""How far a student is in each video of a session: what was covered, where the playhead is, where to go on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import msgspec
from msgspec.structs import replace

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

#: As many videos as the moments and both ends of a run can name.
MOST_NAMES = MOST_MOMENTS + 2 * MOST_VIDEOS

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
    :param current: the video of the newest event; nothing has happened elsewhere since
    """

    place: tuple[Micros, int, bytes] = (0, -1, b"")
    chosen: float = 1.0
    videos: dict[int, Watched] = {}
    current: int = _NO_VIDEO


_NOTHING = Players()


class WatchRun(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The events of one session_id without a long silence between them.

    :param names: course and video by number
    :param reports: the longest report of each player
    :param base: after the events before which nothing can come any more
    :param moments: the events since then, in order
    :param tip: after all events
    :param halfway: after the first :attr:`half` of the moments; the base to come, so that no moment is played twice
    """

    began_at: Micros
    last_at: Micros
    moments: tuple[Moment, ...]
    names: dict[int, tuple[str, str]] = {}
    reports: dict[int, WatchReport] = {}
    base: Players = _NOTHING
    tip: Players = _NOTHING
    halfway: Players = _NOTHING
    half: int = 0


class Watching(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The runs of one student and session_id, which lie more than :data:`IDLE` apart."""

    student_id: bytes
    session_id: bytes
    runs: tuple[WatchRun, ...]


class VideoProgressing:
    """Pairs events as they come, by the rules of ``tests/reference/segments.py``.

    It has heard only of what has happened: a player that tells the length of its video late is believed from then on.
    """

    name, version = "video_progress", 2
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
        if state is not None and len(runs) == 1 and _is_past(runs[0], moment):
            return Watching(state.student_id, state.session_id, (_pass_over(runs[0], moment, event),))
        added = add_run(runs, _read(event, moment), IDLE, _join)
        begun = tuple(run if _is_known(run.tip) else _play_on(run, run) for run in added)
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
    last = run.tip.place
    return last < moment.place and moment.at - run.last_at <= IDLE and len(run.moments) < MOST_MOMENTS


def _append(run: WatchRun, moment: Moment, event: Event) -> WatchRun:
    """:func:`_join` with what comes right behind."""
    names, reports = run.names, run.reports
    if moment.video != _NO_VIDEO:
        if moment.video not in names:
            names = names | {moment.video: (event.course_id, event.video_id)}
        for number, report in _read_reports(event, moment).items():
            reports = reports | {number: _longer(run, number, report)}
    tip, moments = _step(run.tip, moment, run.began_at), (*run.moments, moment)
    return WatchRun(run.began_at, moment.at, moments, names, reports, run.base, tip, run.halfway, run.half)


def _is_past(run: WatchRun, moment: Moment) -> bool:
    """Whether a moment belongs to what is folded, of which a burst has left nothing to put it among."""
    return _is_known(run.base) and moment.place <= run.base.place and run.began_at - moment.at <= IDLE


def _pass_over(run: WatchRun, moment: Moment, event: Event) -> WatchRun:
    """:func:`_join` with what is past: only what a player says of its whole session still counts."""
    told = _read_reports(event, moment) if moment.video in run.names else {}
    reports = {number: _longer(run, number, report) for number, report in told.items()}
    return replace(run, began_at=min(run.began_at, moment.at), reports=run.reports | reports)


def _join(one: WatchRun, other: WatchRun) -> WatchRun:
    """Two runs as one. What both know of the past is with the earlier one: nothing came before the later one yet."""
    first, second = (one, other) if one.began_at <= other.began_at else (other, one)
    joined = WatchRun(
        first.began_at,
        max(one.last_at, other.last_at),
        _sort(first, second),
        first.names | second.names,
        first.reports | {number: _longer(first, number, report) for number, report in second.reports.items()},
        first.base,
    )
    joined = _play_on(joined, first)
    if len(joined.moments) > MOST_MOMENTS:
        return _shorten(joined)
    # What comes too late in a burst leaves no moment, and must leave no name.
    return joined if len(joined.names) <= MOST_NAMES else _prune(joined)


def _is_known(players: Players) -> bool:
    return players.place != _NOTHING.place


def _play_on(run: WatchRun, known: WatchRun) -> WatchRun:
    """A run that is played to its end: of what is known, as much is kept as nothing new comes before."""
    count, half = len(known.moments), known.half
    if _is_known(known.tip) and run.moments[:count] == known.moments:
        tip = _play(known.tip, run.moments[count:], run.began_at)
    elif half and run.moments[:half] == known.moments[:half]:
        tip = _play(known.halfway, run.moments[half:], run.began_at)
    else:
        return replace(run, tip=_play(run.base, run.moments, run.began_at))
    return replace(run, tip=tip, halfway=known.halfway, half=half)


def _sort(first: WatchRun, second: WatchRun) -> tuple[Moment, ...]:
    """The moments of both, each once, without those that come before what is folded."""
    if len(second.moments) == 1 and first.moments and first.moments[-1].place < second.moments[0].place:
        return first.moments + second.moments
    known = {moment.place: moment for moment in first.moments + second.moments}
    return tuple(known[place] for place in sorted(known) if place > first.base.place)


def _longer(run: WatchRun, number: int, report: WatchReport) -> WatchReport:
    return max(run.reports.get(number, report), report)


def _fold(run: WatchRun, horizon: Micros) -> WatchRun:
    """Without the first half of the moments, once nothing can come before its end any more."""
    if run.half:
        return _let_go(run) if run.halfway.place[0] < horizon else run
    return replace(run, halfway=run.tip, half=len(run.moments)) if run.moments else run


def _let_go(run: WatchRun) -> WatchRun:
    moments = run.moments[run.half :]
    return _prune(replace(run, base=run.halfway, moments=moments, halfway=run.tip, half=len(moments)))


def _prune(run: WatchRun) -> WatchRun:
    """Without names and reports of videos that are forgotten."""
    kept = run.base.videos.keys() | run.tip.videos.keys() | {moment.video for moment in run.moments}
    return replace(
        run,
        names={number: name for number, name in run.names.items() if number in kept},
        reports={number: report for number, report in run.reports.items() if number in kept},
    )


def _shorten(run: WatchRun) -> WatchRun:
    """Half of the moments that a run may have: in a burst, the oldest have to do without what is late."""
    half = len(run.moments) - MOST_MOMENTS // 2
    return _let_go(replace(run, halfway=_play(run.base, run.moments[:half], run.began_at), half=half))


def _play(players: Players, moments: Iterable[Moment], began_at: Micros) -> Players:
    for moment in moments:
        players = _step(players, moment, began_at)
    return players


def _step(players: Players, moment: Moment, began_at: Micros) -> Players:
    """After one more event."""
    if _is_known(players) and _lap(players.place[0], began_at) != _lap(moment.at, began_at):
        cut = {number: _cut(each) for number, each in players.videos.items()}
        players = Players(players.place, 1.0, cut)
    videos, chosen, number = players.videos, moment.rate or players.chosen, moment.video
    if number != players.current != _NO_VIDEO:
        videos = {**videos, players.current: _leave(videos[players.current], moment.at)}
    if number != _NO_VIDEO:
        videos = {**videos, number: _watch(videos.get(number), moment, chosen)}
    if len(videos) > MOST_VIDEOS:
        oldest = min(videos.keys() - {number}, key=lambda other: (videos[other].last_at, other))
        videos = {other: each for other, each in videos.items() if other != oldest}
    return Players(moment.place, chosen, videos, number)


def _lap(at: Micros, began_at: Micros) -> int:
    return (at - began_at) // LONGEST


def _leave(video: Watched, at: Micros) -> Watched:
    return Watched(video.last_at, video.player, at, video.duration, video.stretches)


def _watch(before: Watched | None, moment: Moment, chosen: float) -> Watched:
    if before is None:
        player, _ = move_player(None, moment, chosen, moment.duration or None)
        return Watched(moment.at, player, None, moment.duration or None)
    duration = max(before.duration or 0.0, moment.duration or 0.0) or None
    player, told = move_player(before.player, moment, chosen, duration)
    played = _played(before, SegmentEnd(moment.at, told))
    return Watched(moment.at, player, None, duration, _add(before.stretches, played))


def _cut(video: Watched) -> Watched:
    """A session of 24 hours is over, and the next one starts from nothing."""
    return replace(video, player=None, left_at=video.last_at, stretches=_add(video.stretches, _left(video)))


def _left(video: Watched) -> Segment | None:
    """What was played until something else happened."""
    return None if video.left_at is None else _played(video, SegmentEnd(video.left_at, None))


def _played(video: Watched, end: SegmentEnd) -> Segment | None:
    player = video.player
    if player is None or not player.playing:
        return None
    return find_segment(player.at, player.playback(video.duration), end)


def _add(stretches: tuple[Segment, ...], played: Segment | None) -> tuple[Segment, ...]:
    """Stretches with one more. Most videos are played from the front to the back."""
    if played is None:
        return stretches
    if not stretches or played[0] < stretches[-1][0] or len(stretches) == MOST_STRETCHES:
        return _unite((*stretches, played))
    start, end = stretches[-1]
    if played[0] > end:
        return (*stretches, played)
    return (*stretches[:-1], (start, max(end, played[1])))


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
    duration, player = video.duration, video.player
    segments = _clip(report.pieces if report else _add(video.stretches, left), duration)
    covered = sum((end - start for start, end in segments), 0.0)
    playback = player.playback(duration) if player else None
    position = left[1] if left else playback and playback.position
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


def _clip(merged: tuple[Segment, ...], duration: float | None) -> tuple[Segment, ...]:
    """:func:`clip_segments` of what is in order: only the ends can stick out."""
    if not merged or (merged[0][0] >= 0.0 and (duration is None or merged[-1][1] <= duration)):
        return merged
    return tuple(clip_segments(merged, duration))


def resume_point(position: float | None, duration: float | None) -> float | None:
    """Where to go on: at the end from the beginning."""
    at_the_end = position is not None and duration is not None and position >= duration - TOLERANCE
    return 0.0 if at_the_end else position
