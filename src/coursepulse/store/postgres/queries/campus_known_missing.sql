-- Of what holds today and came from a source, enrolments and teaching: how much, and how much a delivery does not name.
SELECT count(*), count(*) FILTER (WHERE delivery IS DISTINCT FROM %(delivery)s)
FROM (
    SELECT delivery
    FROM enrolments
    WHERE source = %(source)s AND status = 'active' AND coalesce(ends_on, 'infinity') >= %(today)s
    UNION ALL
    SELECT delivery
    FROM teaching
    WHERE source = %(source)s AND coalesce(ends_on, 'infinity') >= %(today)s
) AS holding
