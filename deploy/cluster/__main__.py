"""``python -m deploy.cluster up|status``: what ``make cluster`` and ``make cluster-status`` run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from coursepulse.kit.errors import CoursepulseError, SettingError
from deploy.cluster import supervise
from deploy.cluster.layout import ROOT, Layout, choose_parts, recall

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)

DataFolder = Annotated[Path, typer.Option("--data", help="Folder of everything that the cluster keeps.")]
Port = Annotated[int, typer.Option(help="Port for people and platforms.")]
Base = Annotated[int, typer.Option(help="First of the hundred ports that the parts use.")]
Parts = Annotated[str, typer.Option("--with", help="The parts to start, with spaces; all when left out.")]


@app.command()
def up(
    data: DataFolder = ROOT / ".data-cluster", port: Port = 8000, base: Base = 17000, parts: Parts = ""
) -> None:
    """Start everything, and stop it with Ctrl-C."""
    if supervise.tools_missing():
        raise SettingError("The supervisor is not installed: run `make cluster`.")
    supervise.Cluster(Layout(data.absolute(), port, base, choose_parts(parts))).run()


@app.command()
def status(data: DataFolder = ROOT / ".data-cluster") -> None:
    """Print who is up; exit code 1 if anybody is not."""
    sys.exit(not supervise.show(recall(data.absolute())))


if __name__ == "__main__":
    try:
        app()
    except CoursepulseError as error:
        sys.exit(f"cluster: {error}")
