"""What is kept per session, course day, learner, video and student: replaced whole, never incremented."""

import os

# Read by Polars when it is imported. The frames of a batch are small: a second thread would mostly wait for the first,
# and burn what the stores need meanwhile.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
