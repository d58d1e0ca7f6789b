"""Reports on paper: templates of Typst that show the values they are given, and compute none."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import BoundedSemaphore
from typing import Final, Literal

import msgspec
import typst

from coursepulse.reports.compliance import Compliance
from coursepulse.reports.paper import Paper

#: Pages that are set side by side: each takes a processor for as long as it takes.
_AT_ONCE = BoundedSemaphore(2)


#: PDF/UA, which screen readers can follow.
_ACCESSIBLE: Final = "ua-1"


def to_pdf(report: Compliance) -> bytes:
    """The report as PDF/UA. Takes a few tenths of a second of the processor."""
    return compile_report(report, "pdf")


def compile_report(report: Compliance, form: Literal["pdf", "html"]) -> bytes:
    """The template with these values in a form of Typst. HTML shows what text the pages hold."""
    return typst.compile(
        _template("compliance"),
        format=form,
        font_paths=_fonts(),
        sys_inputs={"report": msgspec.json.encode(report).decode()},
        pdf_standards=_ACCESSIBLE if form == "pdf" else [],
        timestamp=int(report.made_at.timestamp()),
    )


def print_paper(paper: Paper, fonts: str = "") -> bytes:
    """A page of cards as PDF/UA.

    A text in a script without a font is shown as boxes. PDF/UA refuses that: such a file does not say that it is one.

    :param fonts: a folder with fonts for scripts that the package has none for
    """
    with _AT_ONCE:
        try:
            return _set_paper(paper, fonts, accessible=True)
        except typst.TypstError as error:
            if "PDF/UA" not in str(error):
                raise
            return _set_paper(paper, fonts, accessible=False)


def _set_paper(paper: Paper, fonts: str, *, accessible: bool) -> bytes:
    return typst.compile(
        _template("paper"),
        font_paths=_fonts(fonts),
        sys_inputs={"paper": msgspec.json.encode(paper).decode()},
        pdf_standards=_ACCESSIBLE if accessible else [],
        timestamp=int(paper.made_at.timestamp()),
    )


@cache
def _template(name: str) -> bytes:
    return (files("coursepulse.reports") / "templates" / f"{name}.typ").read_bytes()


@cache
def _fonts(more: str = "") -> typst.Fonts:
    """The fonts of the package, and those of one more folder: the same pages on every machine."""
    folders = [Path(str(files("coursepulse.reports") / "vendor")), *([Path(more)] if more else [])]
    return typst.Fonts(include_system_fonts=False, font_paths=[str(each) for each in folders])
