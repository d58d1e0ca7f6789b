-- Remember why a letter was refused again.
UPDATE letters SET reason = ?, event_id = ?, path = ?, sentence = ? WHERE id = ?
