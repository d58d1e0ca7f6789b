"""The order that people expect of names with numbers in them."""

from __future__ import annotations

import re


def natural_key(text: str) -> list[tuple[bool, int, str]]:
    """What to sort by: 2 before 10."""
    parts = re.findall(r"\d+|\D+", text)
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]
