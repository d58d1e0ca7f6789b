"""Watching a video as people do: pausing, going back in dense parts, giving up in weak ones."""

from __future__ import annotations

from random import Random

from coursepulse.simulator.offering import Clip
from coursepulse.simulator.sitting import Sitting

#: Seconds between two heartbeats of a playing video.
HEARTBEAT = 30
_RATES = (1.0, 1.25, 1.5, 1.75, 2.0)


class _SimulatedPlayer:
    """One playback of one video: the playhead, and the player's reports."""

    def __init__(self, sitting: Sitting, clip: Clip, position: float) -> None:
        self.sitting, self.clip, self.position = sitting, clip, position
        self.rate = sitting.learner.rate
        self._played: list[tuple[float, float]] = []
        quality = sitting.rng.choice(("480p", "720p", "720p", "1080p"))
        self._fixed = f'"video_duration":{clip.seconds},"video_quality":"{quality}"'

    def report(self, name: str, extra: str = "") -> None:
        self.sitting.send(
            name,
            self.clip.context,
            f'{{"current_time":{self.position:.1f},{self._fixed},"playback_rate":{self.rate}{extra}}}',
        )

    def play(self) -> None:
        self.report("video_play", f',"buffer_health":{self.sitting.rng.uniform(0, 8):.1f}')

    def stop(self, name: str) -> None:
        """A pause or the end; some players report the segments played so far."""
        segments = ",".join(f"[{start:.1f},{end:.1f}]" for start, end in self._played)
        self.report(name, f',"played_segments":[{segments}]' if self.sitting.learner.reports else "")

    def run(self, target: float) -> None:
        """Plays on to ``target``, with a heartbeat every 30 seconds of wall time."""
        start, sitting, rate, fixed = self.position, self.sitting, self.rate, self._fixed
        send, context, random = sitting.send_at, self.clip.context, sitting.rng.random
        wall, begun = (target - start) / rate, sitting.at
        for elapsed in range(HEARTBEAT, int(wall) + 1, HEARTBEAT):
            # The hottest code of the simulation: every third event is a heartbeat.
            send(
                begun + elapsed * 1000 + int(40 * random()),
                "video_progress",
                context,
                f'{{"current_time":{start + elapsed * rate:.1f},{fixed},"playback_rate":{rate},'
                f'"buffer_health":{9 + 20 * random():.1f}}}',
            )
        # Slightly after the last heartbeat, in case both have the same time.
        sitting.at = begun + int(1000 * wall) + 41
        self.position = target
        self._played.append((start, target))

    def seek(self, target: float) -> None:
        target = min(max(0.0, target), self.clip.seconds - 1.0)
        self.report("video_seek", f',"from_time":{self.position:.1f},"to_time":{target:.1f}')
        self.position = target


def watch(sitting: Sitting, clip: Clip, start: float = 0.0) -> float:
    """Plays ``clip`` from ``start``; returns the fraction of it (0 to 1) that the playhead passed."""
    player = _SimulatedPlayer(sitting, clip, start)
    leave = _choose_end(sitting, clip)
    returns = sitting.rng.random() < (0.45 if sitting.learner.skill < 0 else 0.22)
    player.play()
    while True:
        dense = clip.dense if returns and player.position < clip.dense else float(clip.seconds)
        calm = sitting.rng.expovariate(1 / sitting.learner.persona.calm) + 4
        player.run(max(player.position, min(player.position + calm, dense, leave, float(clip.seconds))))
        if player.position >= clip.seconds - 0.5:
            player.stop("video_complete")
            return 1.0
        if player.position >= leave:
            _walk_away(player)
            return leave / clip.seconds
        if player.position == dense:
            returns = False
            player.seek(clip.dense - sitting.rng.uniform(20, 70))
        else:
            _touch(player)


def _choose_end(sitting: Sitting, clip: Clip) -> float:
    """Half of those who give up do so around the weak spot; everyone else anywhere."""
    rng = sitting.rng
    # Long videos lose viewers: at 3 minutes the persona's chance applies, at 15 minutes it is lower.
    stay = sitting.learner.persona.stay - 0.25 * max(0, clip.seconds - 300) / 600
    if rng.random() < stay:
        return clip.seconds + 1.0
    if rng.random() < 0.5:
        return max(5.0, min(clip.seconds - 1.0, rng.gauss(clip.weak, 8)))
    return rng.uniform(5.0, clip.seconds - 1.0)


def _walk_away(player: _SimulatedPlayer) -> None:
    if not player.sitting.learner.silent and player.sitting.rng.random() < 0.9:
        player.stop("video_pause")


def _touch(player: _SimulatedPlayer) -> None:
    """One interruption: a pause most of the time, now and then a jump or another speed."""
    sitting = player.sitting
    rng: Random = sitting.rng
    dice = rng.random()
    if dice < 0.62:
        if not sitting.learner.silent:
            player.stop("video_pause")
        sitting.at += int(1000 * min(1500.0, 4 + rng.expovariate(1 / 45)))
        player.play()
    elif dice < 0.80:
        player.seek(player.position - rng.choice((10, 10, 15, 30, 60)))
    elif dice < 0.91:
        player.seek(player.position + rng.choice((10, 15, 30, 30, 60)))
    else:
        player.rate = rng.choice(_RATES)
        player.report("video_rate_change")
