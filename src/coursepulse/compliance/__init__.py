"""Erasure, export, retention and changed consents, over every store that holds something about a student."""
