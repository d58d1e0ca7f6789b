"""Video players of browsers and apps."""

from __future__ import annotations

from coursepulse.formats.openedx.line import Result, TrackingLine
from coursepulse.formats.openedx.places import block_of
from coursepulse.formats.outcome import missing
from coursepulse.formats.values import Json, fit_id, length, number, present, rate, seconds, text

#: Event types by both families of names. ``stop_video`` is sent when the player stops at the end.
EVENTS: dict[str, str] = {
    "play_video": "video_play",
    "edx.video.played": "video_play",
    "pause_video": "video_pause",
    "edx.video.paused": "video_pause",
    "stop_video": "video_pause",
    "edx.video.stopped": "video_pause",
    "seek_video": "video_seek",
    "edx.video.position.changed": "video_seek",
    "edx.video.seeked": "video_seek",
    "speed_change_video": "video_rate_change",
    "edx.video.speed.changed": "video_rate_change",
    "edx.bi.video.speed.changed": "video_rate_change",
    # It means that nearly all was played. Playback continues until a pause or ``stop_video``.
    "complete_video": "video_progress",
    "edx.video.completed": "video_progress",
    "load_video": "x_openedx_load_video",
    "edx.video.loaded": "x_openedx_load_video",
    "show_transcript": "x_openedx_show_transcript",
    "edx.video.transcript.shown": "x_openedx_show_transcript",
    "hide_transcript": "x_openedx_hide_transcript",
    "edx.video.transcript.hidden": "x_openedx_hide_transcript",
    "edx.video.closed_captions.shown": "x_openedx_show_captions",
    "edx.video.closed_captions.hidden": "x_openedx_hide_captions",
    "video_show_cc_menu": "x_openedx_show_cc_menu",
    "edx.video.language_menu.shown": "x_openedx_show_cc_menu",
    "video_hide_cc_menu": "x_openedx_hide_cc_menu",
    "edx.video.language_menu.hidden": "x_openedx_hide_cc_menu",
}


def map_video(line: TrackingLine) -> Result:
    """Play, pause, seek, stop and speed; loading and transcripts are kept as ``x_openedx_…``."""
    video = text(line.fields.get("module_id")) or text(line.fields.get("id"))
    if not video:
        return missing("$.event.id")
    event_type = EVENTS[line.name]
    payload = {} if event_type.startswith("x_") else _player(line, event_type)
    return [line.event(event_type, payload, video_id=fit_id(block_of(video)))]


def _player(line: TrackingLine, event_type: str) -> dict[str, object]:
    fields = line.fields
    place = _place(fields, "currentTime", "current_time")
    payload = present(current_time=place, video_duration=length(fields.get("duration")))
    if event_type == "video_seek":
        payload |= _jump(fields, place)
    elif event_type == "video_rate_change":
        payload |= present(playback_rate=rate(fields.get("new_speed")))
    return payload


def _jump(fields: Json, place: float | None) -> dict[str, object]:
    """Where a seek started and landed. Some apps give one of these and the distance."""
    left, landed = _place(fields, "old_time"), _place(fields, "new_time")
    left = place if left is None else left
    skip = number(fields.get("requested_skip_interval"))
    if landed is None and left is not None and skip is not None:
        landed = seconds(left + skip)
    return present(from_time=left, to_time=landed)


def _place(fields: Json, *names: str) -> float | None:
    """The first field that holds a position."""
    return next((place for name in names if (place := seconds(fields.get(name))) is not None), None)
