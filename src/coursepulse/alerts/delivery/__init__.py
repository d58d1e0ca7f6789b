"""Alerts beyond the screens: digests by e-mail, and signed webhooks."""
