"""What MkDocs does differently for us: headings get the anchors that GitHub and the product give them."""

from __future__ import annotations

import re
from typing import Any


def slugify(heading: str, separator: str = "-") -> str:
    """The anchor of a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", separator)


def on_config(config: Any) -> Any:
    """Give the function to Markdown, which takes none by name from a file of ours."""
    config.mdx_configs["toc"]["slugify"] = slugify
    return config
