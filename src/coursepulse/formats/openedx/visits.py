"""Pages, sequences and forums: what a learner opened, read and wrote."""

from __future__ import annotations

from coursepulse.formats.openedx.line import Line, Result
from coursepulse.formats.openedx.places import block_of, course_of, lesson_of, thread_of, type_of
from coursepulse.formats.outcome import Skip, Skipped, missing
from coursepulse.formats.values import fit_id, mapping, present, text


def map_sequence(line: Line) -> Result:
    """Next, previous or chosen: a place in a subsection is opened."""
    block = text(line.fields.get("id"))
    if not block:
        return missing("$.event.id")
    # The newer front end names the unit, one level below the subsection that its page shows.
    lesson = lesson_of(line.page) if type_of(block) == "vertical" else ""
    return [line.event("lesson_start", {}, lesson_id=lesson or block_of(block))]


def map_outline(line: Line) -> Result:
    """A subsection is chosen from the outline."""
    lesson = lesson_of(text(line.fields.get("target_url")))
    return [line.event("lesson_start", {}, lesson_id=lesson)] if lesson else Skipped(Skip.NOT_MAPPED)


def map_close(line: Line) -> Result:
    """A page is closed. Nothing is begun by that, but it ends the time on the page."""
    return [line.event("x_openedx_page_close", {})]


def map_page(line: Line) -> Result:
    """A page served: its address is the name of the event."""
    placed = line if line.course_id else line._replace(course_id=fit_id(course_of(line.name)))
    thread = thread_of(line.name)
    if thread:
        return [placed.event("forum_view", {"thread_id": fit_id(thread)})]
    lesson = lesson_of(line.name)
    return [placed.event("lesson_start", {}, lesson_id=lesson)] if lesson else Skipped(Skip.NOT_MAPPED)


def map_forum(line: Line) -> Result:
    """Threads, responses and comments; not what was written in them."""
    if line.name.startswith("edx.forum.thread."):
        thread = text(line.fields.get("id"))
        event_type = "forum_post" if line.name.endswith(".created") else "forum_view"
    else:
        thread = text(mapping(line.fields.get("discussion")).get("id"))
        event_type = "forum_reply"
    return [line.event(event_type, present(thread_id=fit_id(thread)))]
