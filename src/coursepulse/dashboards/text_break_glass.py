"""What the pages say about records that are opened with a reason."""

from __future__ import annotations

BREAK_GLASS_TEXT = {
    "menu.break_glass": "Opened records",
    "break_glass.title": "Opened records",
    "break_glass.lead": "In an emergency you can open a record that neither your role nor your courses let you see. "
    "You must give a reason, the record stays open for an hour, and every administrator and the student can see that "
    "it was opened. Accounts tied to a person and new keys with the scope read are listed here too, because they open "
    "records as well.",
    "break_glass.list": "Who opened what",
    "break_glass.none": "No record has been opened.",
    "break_glass.kind.account": "An account was tied to this person: {about}",
    "break_glass.kind.key": "A key that shows any record: {about}",
    "break_glass.open": "Open a record",
    "break_glass.open_about": "For an hour, for you alone.",
    "break_glass.student": "Student",
    "break_glass.student_hint": "The platform's own id, or the pseudonym from the address of a page.",
    "break_glass.reason": "Why do you need to see it?",
    "break_glass.reason_hint": "At least {shortest} characters. Your words are recorded, and the student "
    "can read them.",
    "break_glass.submit": "Open this record",
    "break_glass.incomplete": "Name a student, and say why in up to {longest} characters.",
    "break_glass.refused": "You may not see this record",
    "break_glass.refused_lead": "Neither your role nor your courses let you see the whole record of this student. "
    "If you must see it nevertheless, say why. It is then open to you for an hour.",
    "break_glass.elsewhere": "Records opened before",
    "break_glass.banner": "Opened by break-glass",
    "break_glass.banner_text": "{who} ({role}) sees this record until {until} UTC, for this reason: “{reason}” "
    "It is recorded. Administrators review it, and the student sees it.",
    "break_glass.on_behalf": "Export or erase it at the student's request",
    "break_glass.column.student": "Student",
    "break_glass.column.who": "Who",
    "break_glass.column.reason": "Why",
    "break_glass.column.opened": "Opened (UTC)",
    "break_glass.column.until": "Open until",
    "break_glass.column.state": "Looked into",
    "break_glass.over": "over",
    "break_glass.waiting": "not yet",
    "break_glass.acknowledge": "I looked into it",
    "break_glass.own": "You opened this record yourself; another administrator has to look into it.",
    "break_glass.for_others": "not yet; you opened it yourself, so another administrator has to",
    "break_glass.acknowledged": "by {who}, {at}",
    "break_glass.trail": "in the audit trail",
    "break_glass.done": "Noted: you looked into opening {number}.",
    "break_glass.flagged.one": "{count} opened record, tied account or reading key waits to be looked into",
    "break_glass.flagged.many": "{count} opened records, tied accounts or reading keys wait to be looked into",
    "accesses.action.open": "opened",
    "accesses.what.identity:person:tie": "Tied an account to you, or gave it a new role or password: it has your "
    "rights as a teacher or leader",
    "accesses.what.identity:student:tie": "Tied an account to you, or gave it a new password: it can see your record",
    "accesses.what.roster:person:granted": "Made you a teacher of a course or a leader of a team",
    "accesses.embedded": "a page of your learning platform",
}
