-- Pages and letters that are sent by e-mail at regular times.
CREATE TABLE report_schedules (
    report_id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,  -- who gets it, and under whose rights it is made
    kind text NOT NULL CHECK (kind IN ('page', 'letter')),
    title text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',                     -- of the page, without the host
    student_id uuid,                                      -- the student whose page it is
    form text NOT NULL DEFAULT 'pdf' CHECK (form IN ('pdf', 'csv', 'link')),
    weekday smallint CHECK (weekday BETWEEN 0 AND 6),     -- from Monday
    month_day smallint CHECK (month_day BETWEEN 1 AND 31),
    hour smallint NOT NULL CHECK (hour BETWEEN 0 AND 23),
    time_zone text NOT NULL DEFAULT '',                   -- empty: that of the person on the roster
    paused boolean NOT NULL DEFAULT false,
    trouble text NOT NULL DEFAULT '',                     -- why it was paused, where nobody did it
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    next_at timestamptz NOT NULL,
    CHECK ((weekday IS NULL) <> (month_day IS NULL))
);

CREATE INDEX report_schedules_due ON report_schedules (next_at) WHERE NOT paused;
CREATE INDEX report_schedules_by_account ON report_schedules (account_id);
CREATE INDEX report_schedules_by_student ON report_schedules (student_id) WHERE student_id IS NOT NULL;
CREATE UNIQUE INDEX report_schedules_letter ON report_schedules (account_id) WHERE kind = 'letter';

-- A mail is about alerts, or it is one report.
ALTER TABLE mails ADD COLUMN report_id uuid REFERENCES report_schedules ON DELETE CASCADE;
CREATE INDEX mails_by_report ON mails (report_id) WHERE report_id IS NOT NULL;
