"""``coursepulse simulate``: a campus sent to a server, with a progress bar."""

from __future__ import annotations

from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from coursepulse.client.local_server import listens
from coursepulse.kit.clock import DAY, Micros, system_clock
from coursepulse.kit.errors import SettingError
from coursepulse.kit.moments import read_day_or_moment
from coursepulse.simulator.campus import SimulatedCampus
from coursepulse.simulator.simulate import Loaded, click, load

#: The collector takes nothing from before 1970; courses that end after the history need a calendar beyond it.
_LAST = read_day_or_moment("2100-01-01")


def run(
    url: str,
    key: str,
    *,
    students: int,
    courses: int,
    days: int,
    seed: int,
    now: str | None,
    rate: float,
    history: bool,
    truth: Path | None = None,
) -> None:
    """Send the past, if wanted, and go on with the present, if there is a rate.

    :param now: where past and present meet, ISO 8601; with the same ``now`` and seed it is the same campus
    :param truth: a file for what is true of the campus and no event says
    :raises SettingError: when ``now`` or a number makes no sense
    """
    check_size(students, courses, days)
    campus = SimulatedCampus.make(seed, students, courses, days, _read_now(now, days))
    console = Console(stderr=True)
    if not listens(url):
        console.print(f"{url} does not answer yet; trying for two minutes.")
    if history:
        loaded = show_load(console, url, key, campus)
        console.print(_tell(loaded))
    if truth is not None:
        truth.write_bytes(msgspec.json.format(msgspec.json.encode(campus.truth()), indent=1))
    if rate > 0:
        try:
            click(url, key, campus, rate)
        except KeyboardInterrupt:
            console.print("Stopped.")


def check_size(students: int, courses: int, days: int) -> None:
    """Of one student in one course over one day there are events; of less there are none.

    :raises SettingError: when a campus of these numbers would be empty
    """
    if min(students, courses, days) < 1:
        raise SettingError("A campus needs at least one student, one course and one day.")


def show_load(console: Console, url: str, key: str, campus: SimulatedCampus) -> Loaded:
    """Send roster, consents and history under a progress bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Sending the campus", total=campus.size)
        loaded = load(url, key, campus, lambda sent: progress.update(task, completed=sent))
        progress.update(task, completed=loaded.events, total=loaded.events)
    return loaded


def _read_now(text: str | None, days: int) -> Micros:
    try:
        now = system_clock() if text is None else read_day_or_moment(text)
    except ValueError:
        raise SettingError(f"--now must be a moment such as 2026-11-22T12:00:00Z, not {text!r}.") from None
    if not days * DAY <= now < _LAST:
        raise SettingError("A campus must lie between 1970 and 2100; change --now or --days.")
    return now


def _tell(loaded: Loaded) -> str:
    refused = ", ".join(f"{count:,} for {reason}" for reason, count in loaded.rejected.most_common())
    roster = f"{loaded.people:,} people, {loaded.courses:,} courses and {loaded.consents:,} consents"
    return f"{roster} stored; {loaded.accepted:,} of {loaded.events:,} events accepted" + (
        f", refused: {refused}." if refused else "."
    )
