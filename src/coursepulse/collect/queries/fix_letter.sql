-- Put a mended event in the place of a refused one.
UPDATE letters SET body = :body WHERE id = :id AND replayed_at IS NULL
