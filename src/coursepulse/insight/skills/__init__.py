"""Fits the model of mastery to answers, and measures how well it foretells them."""
