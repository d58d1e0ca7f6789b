"""``coursepulse sagemaker``: what runs in containers of Amazon SageMaker. Nobody types it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

group = typer.Typer(help="What runs in containers of Amazon SageMaker.", no_args_is_help=True)


@group.callback()
def in_containers() -> None:
    """What runs in containers of Amazon SageMaker."""


@group.command()
def train(
    root: Annotated[Path, typer.Option(help="The folder of SageMaker's.")] = Path("/opt/ml"),
) -> None:
    """Train a model on the rows that a server has sent. SageMaker starts an image with this word."""
    # Loads what models are made of, which no other command needs.
    from coursepulse.insight.sagemaker.container import train_in_container  # noqa: PLC0415

    typer.echo(train_in_container(root))
