"""The numbers: declared once, computed over columns and by SQL one can read, and never answered without a viewer."""

import os

# Read by Polars when it is imported. The frames of a cycle are small: a second thread would mostly wait for the first,
# and burn what the stores need meanwhile.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
