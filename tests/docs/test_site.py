"""The documentation as a site: it is built without a warning, and a browser loads nothing from other servers for it."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.docs.pages import DOCS, ROOT

#: What a browser fetches by itself: scripts, styles, fonts and pictures.
FETCHED = re.compile(
    r'<(?:script|img)[^>]* src="([^"]+)"|<link[^>]* rel="(?!canonical)[^"]*"[^>]* href="([^"]+)"'
)


@pytest.mark.long
def test_the_site_is_built_and_keeps_to_itself() -> None:
    built = subprocess.run(
        ["/bin/bash", "-c", "make site"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    pages = list((ROOT / "build/site").rglob("*.html"))
    assert len(pages) >= len(list(DOCS.rglob("*.md")))
    for page in pages:
        for found in FETCHED.findall(page.read_text()):
            assert not re.match("(?:https?:)?//", "".join(found)), (page.name, found)
