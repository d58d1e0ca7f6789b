"""Places in a course: block ids and the addresses of pages."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote

#: How often an address may have been percent-encoded.
_MOST_ENCODINGS = 3

_COURSE = r"(?P<course>course-v1:[^/?]+|[^/?]+/[^/?]+/[^/?]+)"
#: Prefixes of course keys, and suffixes: a block within the course, or a version of it.
_KEY = re.compile(r"(?P<kind>course|block|asset|ccx|ccx-block)-v1:\s*(?P<key>.+)", re.IGNORECASE | re.DOTALL)
_BEYOND_KEY = re.compile(r"\+(?:type|branch|version)@")
_BARE_KEY = re.compile(r"[\w.~-]+\+[\w.~-]+\+[\w.~-]+")
_JUMP = re.compile(r"/jump_to(?:_id)?/(?P<block>[^?#]+)")
_COURSEWARE = re.compile(rf"/courses/{_COURSE}/courseware/[^/?]+/(?P<section>[^/?]+)")
_LEARNING = re.compile(r"/learning/course/(?P<course>[^/?]+)/(?P<section>block-v1:[^/?]+@sequential[^/?]+)")
_THREAD = re.compile(rf"/courses/{_COURSE}/discussion/forum/[^/?]+/threads/(?P<thread>\w+)")
_BLOCK = re.compile(r"block-v1:.+@(?P<type>[\w-]+)\+block@(?P<block>[^/?]+)")


@lru_cache(maxsize=4096)
def canonical_course(spelled: str) -> str:
    """The canonical key of a course, however it is written.

    Addresses encode the ``+`` of ``course-v1:Org+Course+Run``, and decode it to a blank where it was not. Blocks name
    their course, except those of ``i4x://`` ids, which do not know the run: only their block ``course`` does. A key of
    the old form ``Org/Course/Run`` is another course than one of the new form.
    """
    plain = _decode(spelled)
    found = _KEY.search(plain)
    if found:
        return _new_key(found["kind"].lower(), found["key"])
    if plain.lower().startswith("slashes:"):
        return plain[8:].replace("+", "/")
    if plain.startswith("i4x:"):
        parts = plain.removeprefix("i4x:").strip("/").split("/")
        return f"{parts[0]}/{parts[1]}/{parts[3]}" if len(parts) > 3 and parts[2] == "course" else ""
    return f"course-v1:{plain}" if _BARE_KEY.fullmatch(plain) else plain.strip("/")


def _new_key(kind: str, key: str) -> str:
    joined = re.sub(r"\s*\+\s*|\s+", "+", key.strip())
    course = re.split(r"[/?#]", _BEYOND_KEY.split(joined)[0])[0]
    return f"{'ccx' if kind.startswith('ccx') else 'course'}-v1:{course}"


def _decode(spelled: str) -> str:
    plain = spelled.strip()
    for _ in range(_MOST_ENCODINGS):
        if "%" not in plain:
            break
        plain = unquote(plain).strip()
    return plain


def course_of_block(usage_key: str) -> str:
    """The course of a block; empty if its id does not contain it."""
    plain = _decode(usage_key)
    return canonical_course(plain) if _KEY.match(plain) or plain.startswith("i4x:") else ""


def block_of(usage_key: str) -> str:
    """The canonical id of a block, however it is written.

    ``block-v1:…+type@video+block@0b9e`` and ``0b9e`` are one block; so are ``i4x://a/b/video/c`` and
    ``i4x-a-b-video-c``: pages use the second of each, apps the first.
    """
    found = _find_block(usage_key)
    if found:
        return found["block"]
    if usage_key.startswith("i4x://"):
        return usage_key.replace("://", "-").replace("/", "-")
    return usage_key


def type_of(usage_key: str) -> str:
    """The type of a block (problem, video, sequential …); empty if its id does not contain it."""
    found = _find_block(usage_key)
    if found:
        return found["type"]
    parts = usage_key.removeprefix("i4x://").split("/")
    return parts[2] if len(parts) > 3 else ""


def _find_block(usage_key: str) -> re.Match[str] | None:
    if "block-v1:" not in usage_key and "%" not in usage_key:
        return None
    plain = _decode(usage_key)
    # A space is a ``+`` that was decoded once too often.
    return _BLOCK.search(re.sub(r"(?<!:)\s+", "+", plain) if " " in plain else plain)


@lru_cache(maxsize=4096)
def lesson_of(address: str) -> str:
    """The subsection on a page, or empty. A subsection is our lesson."""
    plain = unquote(address)
    found = _COURSEWARE.search(plain) or _LEARNING.search(plain)
    if found:
        return block_of(found["section"])
    block = jump_of(address)
    return block_of(block) if type_of(block) == "sequential" else ""


def jump_of(address: str) -> str:
    """The block that an address links to, or empty."""
    found = _JUMP.search(_decode(address))
    return found["block"].rstrip("/") if found else ""


@lru_cache(maxsize=4096)
def course_of(address: str) -> str:
    """The course of a courseware or discussion page, or empty."""
    plain = unquote(address)
    found = _COURSEWARE.search(plain) or _LEARNING.search(plain) or _THREAD.search(plain)
    return canonical_course(found["course"]) if found else ""


def thread_of(address: str) -> str:
    """The discussion thread on a page, or empty."""
    found = _THREAD.search(unquote(address))
    return found["thread"] if found else ""
