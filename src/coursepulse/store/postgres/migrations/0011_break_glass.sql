-- Records that somebody opened with a typed reason, for an hour, and whether an administrator has looked at it since.

CREATE TABLE break_glass (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL,
    role text NOT NULL,
    student_id uuid NOT NULL,
    reason text NOT NULL CHECK (char_length(reason) >= 10),
    request_id text NOT NULL DEFAULT '',
    opened_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > opened_at),
    acknowledged_at timestamptz,
    acknowledged_by text NOT NULL DEFAULT ''
);

-- Read on each request.
CREATE INDEX break_glass_by_account ON break_glass (account, expires_at);
