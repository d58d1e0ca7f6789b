"""Cards about one course, for those who teach it."""
