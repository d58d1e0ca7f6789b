-- A letter was replayed; its body is in the log now and is not needed here.
UPDATE letters SET replayed_at = ?, body = x'' WHERE id = ?
