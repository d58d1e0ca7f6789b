"""Cards about one team."""
