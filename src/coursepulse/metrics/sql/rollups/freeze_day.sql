-- Freezes one day, and only then drops its raw events: a crash in between loses nothing.
INSERT INTO frozen_days VALUES ({day:Date});
ALTER TABLE events DROP PARTITION {day:Date}
