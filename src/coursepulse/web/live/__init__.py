"""Open pages are told at once when something that they show has changed."""
