"""The definitions: what each number means, as pure functions. ``docs/reference/definitions.md`` has the words.

Every function takes events in any order, with repeats, and answers the same for the same set of events.
"""
