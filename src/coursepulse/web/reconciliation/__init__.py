"""The learning platform's own file beside what is known here: page, JSON and CSV."""
