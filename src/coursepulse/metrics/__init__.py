"""The numbers: declared once, computed over columns and by SQL one can read, and never answered without a viewer."""

# Before anything here imports Polars: the room to the left says how many threads it gets.
import coursepulse.aggregates  # noqa: F401
