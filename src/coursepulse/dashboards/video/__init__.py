"""Cards about one video."""
