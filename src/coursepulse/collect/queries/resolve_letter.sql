-- A letter was replayed; its body is in the log now and is not needed here, nor is the id that the platform gave it.
UPDATE letters SET replayed_at = ?, body = x'', event_id = NULL WHERE id = ?
