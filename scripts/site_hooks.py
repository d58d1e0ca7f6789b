"""MkDocs hooks: headings get the same anchors as on GitHub and in the product."""

from __future__ import annotations

import re
from typing import Any


def slugify(heading: str, separator: str = "-") -> str:
    """The anchor of a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", separator)


def on_config(config: Any) -> Any:
    """Pass the function to Markdown, which cannot import it by name."""
    config.mdx_configs["toc"]["slugify"] = slugify
    return config
