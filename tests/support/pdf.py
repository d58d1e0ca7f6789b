"""What a PDF says, as a reader and a screen reader find it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader


class ReadPdf:
    """One file."""

    def __init__(self, content: bytes) -> None:
        self.reader = PdfReader(io.BytesIO(content))
        self.catalog: Any = self.reader.root_object
        self.pages = [re.sub(r"\s+", " ", each.extract_text()) for each in self.reader.pages]

    @property
    def text(self) -> str:
        """The words of all pages."""
        return " ".join(self.pages)

    @property
    def fonts(self) -> set[str]:
        """Every font by name, without the mark of a subset."""
        resources: list[Any] = [page["/Resources"] for page in self.reader.pages]
        found = (font for each in resources for font in each.get("/Font", {}).values())
        return {str(font.get_object()["/BaseFont"]).rpartition("+")[2] for font in found}

    @property
    def tags(self) -> list[tuple[str, str]]:
        """What each part of the document is, in reading order, with its alternative text."""
        return list(_walk(self.catalog["/StructTreeRoot"]))


def _walk(node: Any) -> Iterator[tuple[str, str]]:
    found = node.get_object()
    if isinstance(found, list):
        for each in found:
            yield from _walk(each)
    elif isinstance(found, dict):
        if "/S" in found:
            yield str(found["/S"]), str(found.get("/Alt", ""))
        if "/K" in found:
            yield from _walk(found["/K"])
