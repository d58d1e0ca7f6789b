"""Pages, sequences and forums: what learners opened, read and wrote."""

from __future__ import annotations

from coursepulse.formats.openedx.line import Result, TrackingLine
from coursepulse.formats.openedx.places import block_of, course_of, jump_of, lesson_of, thread_of, type_of
from coursepulse.formats.outcome import Skip, Skipped, missing
from coursepulse.formats.values import fit_id, mapping, number, present, text


def map_sequence(line: TrackingLine) -> Result:
    """A place in a subsection is opened: next, previous or chosen."""
    block = text(line.fields.get("id"))
    if not block:
        return missing("$.event.id")
    # The newer front end names the unit, one level below the subsection that its page shows.
    lesson = lesson_of(line.page) if type_of(block) == "vertical" else ""
    return [line.event("lesson_start", {}, lesson_id=lesson or block_of(block))]


def map_outline(line: TrackingLine) -> Result:
    """A place in the course is chosen from the outline or a link: a visit, even if its lesson is unknown."""
    target = text(line.fields.get("target_url"))
    lesson = lesson_of(target)
    if not lesson and not jump_of(target):
        return Skipped(Skip.NOT_MAPPED)
    # Not the page that the learner leaves.
    return [line._replace(page=target).event("lesson_start", {})]


def map_close(line: TrackingLine) -> Result:
    """A page is closed: this begins nothing and opens no time on task. The session continues on another page."""
    return [line.event("session_end", {})]


#: Also the prefix of other actions in a textbook.
TEXTBOOK = "textbook."


def map_textbook(line: TrackingLine) -> Result:
    """A page of a textbook is opened: a visit that does not belong to a lesson."""
    turned = line.name == "book" or line.name.endswith(".navigated")
    return [line.event("lesson_start" if turned else "x_openedx_textbook", {})]


def map_completion(line: TrackingLine) -> Result:
    """A block is completed. Only a subsection is a lesson; for other blocks this is a visit."""
    block = text(line.fields.get("block_id")) or text(line.fields.get("block_key"))
    if not block:
        return missing("$.event.block_id")
    done = number(line.fields.get("completion", line.fields.get("percent")))
    if done is None:
        return missing("$.event.completion")
    if done >= 1 and type_of(block) == "sequential":
        return [line.event("lesson_complete", {}, lesson_id=block_of(block))]
    return [line.event("x_openedx_progressed", {})]


def map_page(line: TrackingLine) -> Result:
    """A page was served: the name of the event is its address."""
    placed = line if line.course_id else line._replace(course_id=fit_id(course_of(line.name)))
    thread = thread_of(line.name)
    if thread:
        return [placed.event("forum_view", {"thread_id": fit_id(thread)})]
    lesson = lesson_of(line.name)
    return [placed.event("lesson_start", {}, lesson_id=lesson)] if lesson else Skipped(Skip.NOT_MAPPED)


def map_forum(line: TrackingLine) -> Result:
    """Threads, responses and comments; not what was written in them."""
    if line.name.startswith("edx.forum.thread."):
        thread = text(line.fields.get("id"))
        event_type = "forum_post" if line.name.endswith(".created") else "forum_view"
    else:
        thread = text(mapping(line.fields.get("discussion")).get("id"))
        event_type = "forum_reply"
    return [line.event(event_type, present(thread_id=fit_id(thread)))]
