"""Reports on paper: a template of Typst that shows the values it is given, and computes none."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
import typst

from coursepulse.reports.compliance import Compliance


def to_pdf(report: Compliance) -> bytes:
    """The report as PDF/UA, which screen readers can follow. Takes a few tenths of a second of the processor."""
    return compile_report(report, "pdf")


def compile_report(report: Compliance, form: Literal["pdf", "html"]) -> bytes:
    """The template with these values in a form of Typst. HTML shows what text the pages hold."""
    return typst.compile(
        _template("compliance"),
        format=form,
        font_paths=_fonts(),
        sys_inputs={"report": msgspec.json.encode(report).decode()},
        pdf_standards="ua-1" if form == "pdf" else [],
        timestamp=int(report.made_at.timestamp()),
    )


@cache
def _template(name: str) -> bytes:
    return (files("coursepulse.reports") / "templates" / f"{name}.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """The fonts of the package alone: the same pages on every machine."""
    return typst.Fonts(include_system_fonts=False)
