-- An id that comes back on another day is another event (docs/decisions/0001), and another achievement.
ALTER TABLE academic_records DROP CONSTRAINT academic_records_pkey, ADD PRIMARY KEY (event_id, at);
