-- Whether a student was erased at a moment or later.
SELECT EXISTS (SELECT FROM erased_students WHERE tombstone = %(tombstone)s AND erased_at >= %(since)s)
