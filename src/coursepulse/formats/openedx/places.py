"""Where in a course: block ids and the addresses of pages."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

_COURSE = r"(?P<course>course-v1:[^/?]+|[^/?]+/[^/?]+/[^/?]+)"
_COURSEWARE = re.compile(rf"/courses/{_COURSE}/courseware/[^/?]+/(?P<section>[^/?]+)")
_LEARNING = re.compile(r"/learning/course/(?P<course>[^/?]+)/(?P<section>block-v1:[^/?]+@sequential[^/?]+)")
_THREAD = re.compile(rf"/courses/{_COURSE}/discussion/forum/[^/?]+/threads/(?P<thread>\w+)")
_BLOCK = re.compile(r"block-v1:.+@(?P<type>[\w-]+)\+block@(?P<block>[^/?]+)")


def block_of(usage_key: str) -> str:
    """A block by one name, whichever way it is written.

    ``block-v1:…+type@video+block@0b9e`` and ``0b9e`` are one block; so are ``i4x://a/b/video/c`` and
    ``i4x-a-b-video-c``: pages use the second of each, apps the first.
    """
    found = _BLOCK.search(usage_key)
    if found:
        return found["block"]
    if usage_key.startswith("i4x://"):
        return usage_key.replace("://", "-").replace("/", "-")
    return usage_key


def type_of(usage_key: str) -> str:
    """The type of a block (problem, video, sequential …), or empty when its id does not say."""
    found = _BLOCK.search(usage_key)
    if found:
        return found["type"]
    parts = usage_key.removeprefix("i4x://").split("/")
    return parts[2] if len(parts) > 3 else ""


@lru_cache(maxsize=4096)
def lesson_of(address: str) -> str:
    """The subsection that a page shows, or empty. Subsections are what we call lessons."""
    plain = unquote(address)
    found = _COURSEWARE.search(plain) or _LEARNING.search(plain)
    return block_of(found["section"]) if found else ""


@lru_cache(maxsize=4096)
def course_of(address: str) -> str:
    """The course of a courseware or discussion page, or empty."""
    plain = unquote(address)
    found = _COURSEWARE.search(plain) or _LEARNING.search(plain) or _THREAD.search(plain)
    return found["course"] if found else ""


def thread_of(address: str) -> str:
    """The discussion thread that a page shows, or empty."""
    found = _THREAD.search(unquote(address))
    return found["thread"] if found else ""
