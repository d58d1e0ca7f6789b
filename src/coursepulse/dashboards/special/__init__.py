"""Cards that need code of their own."""
