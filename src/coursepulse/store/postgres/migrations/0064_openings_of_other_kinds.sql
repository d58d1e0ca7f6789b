-- What opens records without an hour: an account tied to a student, and a key that reads. Administrators look into those too.

ALTER TABLE break_glass
    ADD COLUMN kind text NOT NULL DEFAULT 'record' CHECK (kind IN ('record', 'account', 'key')),
    ADD COLUMN about text NOT NULL DEFAULT '',
    ALTER COLUMN student_id DROP NOT NULL,
    ADD CHECK ((student_id IS NULL) = (kind = 'key'));

-- Whether the identity provider itself said which student an account is: nobody here can say it.
ALTER TABLE accounts ADD COLUMN confirmed boolean NOT NULL DEFAULT false;
