"""The numbers: declared once, computed from events by SQL one can read, and never answered without a viewer."""
