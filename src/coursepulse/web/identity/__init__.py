"""Accounts, keys, signing in, and tokens for embedding."""
