"""A realistic campus from a seed: people, courses, and every click."""
