"""What the pages say on the first day of an installation."""

from __future__ import annotations

SET_UP_TEXT = {
    "set_up.title": "Welcome to coursepulse",
    "set_up.lead": "Create the first administrator. You can add everyone else afterwards.",
    "set_up.name": "Login name",
    "set_up.password": "Password (10 characters or more)",
    "set_up.submit": "Create administrator",
    "set_up.over": "This set-up link has been used or is out of date. Sign in, or run "
    "`coursepulse users add NAME --role admin` on the server.",
    "set_up.none_yet": "There are no accounts yet. Open the set-up link that the server printed when it started, or "
    "run this on the server:",
    "set_up.command": "coursepulse users add admin --role admin",
    "steps.title": "First steps",
    "steps.lead": "Three steps from an empty server to the first dashboard.",
    "steps.banner": "No events have arrived yet.",
    "steps.open": "Show first steps",
    "steps.done": "done",
    "steps.events.title": "Send events",
    "steps.events.lead": "Make an API key with the scopes ingest and roster, and put it into the variable KEY. Then "
    "record that the student agreed to analytics, and send an event.",
    "steps.events.key": "Make an API key",
    "steps.events.paste": "the key you made",
    "steps.events.more": "How to send events",
    "steps.roster.title": "Bring a roster",
    "steps.roster.lead": "Courses, people, who is enrolled where and who teaches what: from OneRoster CSV files, or "
    "with the roster API. The example names the course of the event and its instructor.",
    "steps.roster.more": "API reference",
    "steps.people.title": "Invite people",
    "steps.people.lead": "Give instructors, managers and students an account, or connect your identity provider with "
    "the COURSEPULSE_OIDC settings.",
    "steps.people.add": "Add an account",
    "steps.copy": "Copy",
    "steps.copied": "Copied",
}
