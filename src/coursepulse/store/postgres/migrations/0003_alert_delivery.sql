-- Alerts outside of the screens: mails, webhooks, and how people want them.

-- What an account has chosen; without a row, the settings of the server hold.
CREATE TABLE mail_choices (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    pace text NOT NULL CHECK (pace IN ('off', 'daily', 'hourly', 'at_once')),
    hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23), -- local hour of the daily digest
    quiet_from smallint CHECK (quiet_from BETWEEN 0 AND 23),
    quiet_until smallint CHECK (quiet_until BETWEEN 0 AND 23),
    time_zone text NOT NULL DEFAULT '',                   -- IANA name; empty: that of the person on the roster
    language text NOT NULL DEFAULT '',
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
    CHECK (quiet_from <> quiet_until)
);

-- One row. How far the changes of alerts have been put into the outbox.
CREATE TABLE alert_outbox_position (number bigint NOT NULL);
INSERT INTO alert_outbox_position VALUES (0);

-- One mail to one account. What it says is decided when it is sent, under the rights of that moment.
CREATE TABLE mails (
    mail_id uuid PRIMARY KEY,                             -- from the account and due_at: part of the Message-ID
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    due_at timestamptz NOT NULL,
    try_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'empty', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    claimed_until timestamptz,                            -- a process is at it; if it dies, another one may be then
    maybe_sent boolean NOT NULL DEFAULT false,            -- an attempt may have succeeded unnoticed
    trouble text NOT NULL DEFAULT '',                     -- why it could not be sent
    done_at timestamptz
);

CREATE INDEX mails_waiting ON mails (try_at) WHERE state = 'waiting';
CREATE INDEX mails_by_account ON mails (account_id, due_at);
CREATE INDEX mails_by_end ON mails (done_at);

-- An alert goes into one mail of an account, and never into a second one.
CREATE TABLE mail_alerts (
    alert_id uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    account_id uuid NOT NULL,
    mail_id uuid NOT NULL REFERENCES mails ON DELETE CASCADE,
    PRIMARY KEY (alert_id, account_id)
);

CREATE INDEX mail_alerts_by_mail ON mail_alerts (mail_id);

-- Where alerts are sent.
CREATE TABLE webhooks (
    webhook_id uuid PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('plain', 'slack', 'teams')),
    url text NOT NULL,
    course_id text REFERENCES courses ON DELETE CASCADE,  -- null: every course and the platform
    owner_id uuid REFERENCES accounts ON DELETE CASCADE,  -- whose rights it has; null: those of the installation
    salt bytea NOT NULL,                                  -- of its secret, which is derived and kept nowhere
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
);

-- One alert to one webhook. The body is made when it is sent.
CREATE TABLE webhook_messages (
    message_id uuid PRIMARY KEY,                          -- the same at every attempt, for receivers to recognise
    webhook_id uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    alert_id uuid NOT NULL REFERENCES alerts ON DELETE CASCADE,
    turn integer NOT NULL,                                -- an alert may open again after it has cleared
    happened text NOT NULL CHECK (happened IN ('raised', 'cleared')),
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dropped', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    try_at timestamptz NOT NULL,
    claimed_until timestamptz,
    trouble text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    done_at timestamptz,
    UNIQUE (alert_id, webhook_id, turn)
);

CREATE INDEX webhook_messages_by_webhook ON webhook_messages (webhook_id);
CREATE INDEX webhook_messages_waiting ON webhook_messages (try_at) WHERE state = 'waiting';
CREATE INDEX webhook_messages_dead ON webhook_messages (created_at) WHERE state = 'dead';
CREATE INDEX webhook_messages_by_end ON webhook_messages (done_at);
