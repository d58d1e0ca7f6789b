"""What is learned from the data, and how far it may be trusted."""
