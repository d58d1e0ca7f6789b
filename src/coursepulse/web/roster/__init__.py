"""The roster, its deliveries and the consents over HTTP."""
