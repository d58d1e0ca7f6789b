"""The only room that names adapters: it turns settings into a running system."""
