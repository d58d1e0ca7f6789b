-- Keep one refused event, unless the same one of the same sender waits already: whoever sends it again changes nothing.
INSERT INTO letters (received_at, source, reason, event_id, path, sentence, body)
SELECT :received_at, :source, :reason, :event_id, :path, :sentence, :body
WHERE :event_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM letters
    WHERE source = :source AND event_id = :event_id AND body = :body AND replayed_at IS NULL
)
