"""Pages made of cards, one card by itself, and live updates."""
