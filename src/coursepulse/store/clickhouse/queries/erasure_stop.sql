-- Ends what an attempt that was cut off has begun: it would go on, and take the next student for the last one.
KILL MUTATION WHERE database = currentDatabase() AND NOT is_done AND command LIKE '%erasing%'
