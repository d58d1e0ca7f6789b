-- What goes on right now, told between processes for as long as somebody looks. Nothing here outlives a crash.

-- Of which course or student: `course:…` or `student:…` with the pseudonym, or `platform`.
CREATE UNLOGGED TABLE live_wanted (
    subject text PRIMARY KEY,
    wanted_until timestamptz NOT NULL
);

-- What each worker says of it.
CREATE UNLOGGED TABLE live_told (
    subject text NOT NULL,
    worker text NOT NULL,
    told_at timestamptz NOT NULL,
    outputs bytea NOT NULL,                               -- with pseudonyms (MessagePack); gone seconds after the last look
    PRIMARY KEY (subject, worker)
);
