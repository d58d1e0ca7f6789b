"""Cards about one student."""
