-- Which system a row of the roster comes from, and which delivery named it last: a delivery may say that it is whole.

ALTER TABLE enrolments
    ADD COLUMN IF NOT EXISTS source text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS delivery uuid;

ALTER TABLE teaching
    ADD COLUMN IF NOT EXISTS source text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS delivery uuid;
