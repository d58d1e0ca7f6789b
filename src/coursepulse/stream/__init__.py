"""From the log to the stores: the pipeline that makes every number, and what it does when a store fails."""
