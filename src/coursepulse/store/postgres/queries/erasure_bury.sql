-- Remembers that a student was erased, so that consents given before hold no more.
INSERT INTO erased_students (tombstone, erased_at) VALUES (%(tombstone)s, %(at)s)
ON CONFLICT (tombstone) DO UPDATE SET erased_at = excluded.erased_at
