"""Cards about the whole platform."""
