-- Few events are ever withdrawn, and a start asks for all of them.
CREATE INDEX student_activity_events_withdrawn ON student_activity_events (event_date)
WHERE event_type = 'x_withdrawn';
