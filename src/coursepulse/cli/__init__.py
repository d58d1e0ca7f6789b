"""The command line: parse, call one function, print."""

from coursepulse.cli.main import main

__all__ = ["main"]
