-- Erasing students.

-- The student who is being erased, in memory only: mutations name this table, because their text stays on disk.
CREATE TABLE IF NOT EXISTS erasing
(
    student_id  UUID,
    replacement UUID,
    salt        String
)
ENGINE = Memory
