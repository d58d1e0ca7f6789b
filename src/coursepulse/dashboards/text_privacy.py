"""What the privacy centre says."""

from __future__ import annotations

from coursepulse.privacy.consent import Purpose

#: Which wording of the purposes this is; decisions name it.
TEXT_VERSION = "2026-11-29"

#: What each purpose is called and what one agrees to, by the purpose.
PURPOSES: dict[Purpose, tuple[str, str]] = {
    Purpose.ANALYTICS: (
        "Learning analytics",
        "Your clicks, videos and answers are recorded and counted, for you and for those who teach you. "
        "Enrolments, submissions and grades are recorded in any case: the course cannot do without them.",
    ),
    Purpose.PERSONALISATION: (
        "Personal suggestions",
        "What you did is used to suggest what could come next.",
    ),
    Purpose.RESEARCH: ("Research", "Your data, without your name, may be used to study how people learn."),
    Purpose.EMPLOYER_SHARING: (
        "Sharing with your employer",
        "Those who lead your team see, beside your name, your courses and how far you are in each, your results, how "
        "much you watched, how long, how regularly and when you last learned, and your time zone, and may keep that as "
        "a file. They do not see when in the day you learn, what you did with a single video, what is suggested to "
        "you, or whether you are thought to be at risk. Without your agreement they see groups only.",
    ),
}

WORDS = {
    "privacy.title": "Privacy centre",
    "privacy.lead": "What your data is used for is your decision. Here you can change it, take everything with you, "
    "or be forgotten.",
    # The same page for an administrator who acts at a student's wish.
    "privacy.lead_for": "At the student's request you can prepare an archive of everything, or have the student "
    "forgotten. Only the student decides what the data is used for.",
    "privacy.consents_for": "What the student agrees to",
    "privacy.now_yes_for": "agreed",
    "privacy.now_no_for": "not agreed",
    "privacy.download_for": "All data of the student",
    "privacy.download_lead_for": "One archive with everything held about the student, as tables and as a page to read. "
    "It is ready in a moment and kept for seven days.",
    "privacy.download_ask_for": "Prepare the archive",
    "privacy.erase_for": "Forget the student",
    "privacy.erase_lead_for": "The name and everything that leads to the student is removed everywhere. What the law "
    "requires the school to keep, such as grades, stays without the name. This cannot be undone.",
    "privacy.erase_ask_for": "Forget {name}",
    "privacy.erase_confirm_for": "Type FORGET to confirm that {name} is to be forgotten",
    "privacy.acting_for": "You act for {name}, whose record you have opened. What you do here is recorded in the "
    "audit trail, and the student can read it.",
    "privacy.consents": "What you agree to",
    "privacy.agree": "Agree",
    "privacy.withdraw": "Take it back",
    "privacy.now_yes": "you agree",
    "privacy.now_no": "you do not agree",
    "privacy.history": "What you decided so far",
    "privacy.no_history": "You have decided nothing yet. That means no to everything above.",
    "privacy.history_for": "What the student decided so far",
    "privacy.no_history_for": "The student has decided nothing yet. That means no to everything above.",
    "privacy.granted": "agreed",
    "privacy.refused": "refused or taken back",
    "privacy.when": "When (UTC)",
    "privacy.what": "What",
    "privacy.how": "Where, and which wording",
    "privacy.download": "Take your data with you",
    "privacy.download_lead": "One archive with everything held about you, as tables and as a page to read. "
    "It is ready in a moment and kept for seven days.",
    "privacy.download_ask": "Prepare my archive",
    "privacy.download_get": "Download the archive",
    "privacy.pending": "being prepared, look again in a moment",
    "privacy.gone": "no longer there",
    "privacy.erase": "Be forgotten",
    "privacy.erase_lead": "Your name and everything that leads to you is removed everywhere. What the law requires "
    "your school to keep, such as grades, stays without your name. This cannot be undone.",
    "privacy.erase_confirm": "Type FORGET to confirm that you, {name}, are to be forgotten",
    "privacy.erase_ask": "Forget me",
    "privacy.erase_filed": "You are being forgotten. It takes a minute; nothing more is needed from you.",
    "privacy.erase_filed_for": "{name} is being forgotten. It takes a minute; nothing more is needed from you.",
    "consent.lacks.analytics": "Nothing is shown here without an agreement to learning analytics.",
    "consent.lacks.personalisation": "No suggestions are made without an agreement to personal suggestions.",
    "consent.decide": "Decide in the privacy centre",
    "trouble.privacy_nobody": "This page is for students who are signed in.",
    "trouble.privacy_unlisted": (
        "Your learning platform has not told coursepulse who you are yet. Ask it to put you on the roster."
    ),
    "trouble.privacy_archive": "This archive is no longer there. Ask for a new one in the privacy centre.",
    "trouble.privacy_confirm": "To be forgotten, type FORGET into the field.",
    "trouble.privacy_elsewhere": "This form was sent from another site; open the privacy centre and try again.",
}
