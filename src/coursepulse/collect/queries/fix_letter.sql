-- Put a mended event in the place of a refused one, of one sender or of anybody.
UPDATE letters SET body = :body WHERE id = :id AND replayed_at IS NULL AND (:source IS NULL OR source = :source)
