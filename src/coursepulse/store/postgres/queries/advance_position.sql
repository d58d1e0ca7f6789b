-- Remember how far a consumer has come; neither its position nor its freshness ever goes back.
INSERT INTO pipeline_positions AS known (name, position, latest_event_at, applied_at)
VALUES (%(name)s, %(position)s, %(latest_event_at)s, %(applied_at)s)
ON CONFLICT (name) DO UPDATE SET
    position = greatest(known.position, excluded.position),
    latest_event_at = greatest(known.latest_event_at, excluded.latest_event_at),
    applied_at = greatest(known.applied_at, excluded.applied_at)
