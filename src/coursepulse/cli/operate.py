"""Commands for operators: serve, migrate, doctor, rebuild."""

from __future__ import annotations

from functools import partial

from rich.console import Console
from rich.progress import track

from coursepulse.cli import checks
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.settings import Settings
from coursepulse.wiring.server import run_server
from coursepulse.wiring.system import System


def serve(settings: Settings, *, collect_only: bool) -> None:
    """Serve until a signal ends it."""
    run_server(settings, collect_only=collect_only, ready=_announce)


def _announce(url: str, set_up: str) -> None:
    console = Console(soft_wrap=True)
    console.print(f"coursepulse is at {url}", highlight=False)
    if set_up:
        console.print(
            f"No account yet. Create the first administrator (the link works once): {set_up}", highlight=False
        )


def migrate(settings: Settings) -> None:
    """Bring both databases up to this version and say what was applied."""
    applied = System(settings).migrate()
    for name in applied:
        Console().print(f"applied {name}", highlight=False)
    Console().print(f"{len(applied)} migrations applied; both databases are up to date", highlight=False)


def rebuild(settings: Settings) -> None:
    """Compute every rollup of the raw retention again."""
    days = System(settings).rebuild(partial(track, description="days", transient=True))
    Console().print(f"rebuilt {days} days", highlight=False)


def doctor(settings: Settings) -> None:
    """Try each part that the settings name.

    :raises CoursepulseError: naming how many do not work, after all were tried
    """
    console = Console()
    failed = 0
    for check in checks.CHECKS:
        try:
            console.print(f"[green]ok[/]    {check.name}: {check.run(settings)}", highlight=False)
        except CoursepulseError as error:
            failed += 1
            console.print(f"[red]wrong[/] {check.name}: {error}", highlight=False, soft_wrap=True)
    if failed:
        raise CoursepulseError(f"{failed} of {len(checks.CHECKS)} checks failed.")
