"""Evaluations on files: each protocol says how data are read, what is trained on and what is measured."""
