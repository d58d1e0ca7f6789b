"""A believable campus from a seed: people, courses, and every click they make."""
