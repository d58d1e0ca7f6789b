-- Dead letters of all servers that share a database. A server alone keeps them in a file.
CREATE TABLE dead_letters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at timestamptz NOT NULL,
    source text NOT NULL,                                 -- the key that sent it, or the part that refused it
    reason text NOT NULL,
    event_id text,
    path text NOT NULL,
    sentence text NOT NULL,
    body bytea NOT NULL,                                  -- the event as it was sent; empty once it was replayed
    replayed_at timestamptz,
    spool text NOT NULL,                                  -- the server in whose file it came, and its number there:
    spooled bigint NOT NULL,                              -- it is taken over once
    UNIQUE (spool, spooled, received_at)
);
CREATE INDEX dead_letters_waiting ON dead_letters (reason, id) WHERE replayed_at IS NULL;
CREATE INDEX dead_letters_by_source ON dead_letters (source, id);
CREATE INDEX dead_letters_by_event ON dead_letters (source, event_id) WHERE replayed_at IS NULL;

-- How many dead letters of a sender went because there were too many.
CREATE TABLE dead_letter_overflows (
    source text PRIMARY KEY,
    letters bigint NOT NULL
);
