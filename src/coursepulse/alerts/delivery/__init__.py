"""Alerts outside of the screens: digests by e-mail, and signed webhooks."""
