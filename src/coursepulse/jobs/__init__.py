"""One table of jobs, each idempotent, and the scheduler that runs them in this process."""
