"""Ctrl-C: one line that says what was kept and how to go on."""

from __future__ import annotations

import sys
from typing import Any

import typer
from typer.core import TyperGroup

#: What is true of every command that says nothing else.
USUAL = "Stopped. What was finished is kept; the same command can be given again."

#: As shells count it: 128 and the number of SIGINT.
_CODE = 130


class Stoppable(TyperGroup):
    """Commands that end with a line when they are interrupted; the exception may carry one of the command's own."""

    def invoke(self, ctx: Any) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            sys.stderr.write(f"coursepulse: {str(stop) or USUAL}\n")
            raise typer.Exit(_CODE) from None
