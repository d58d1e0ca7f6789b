-- Drop the oldest letters of a sender beyond the number that is kept of each.
DELETE FROM letters WHERE source = :source AND id <= (
    SELECT id FROM letters WHERE source = :source ORDER BY id DESC LIMIT 1 OFFSET :most
)
