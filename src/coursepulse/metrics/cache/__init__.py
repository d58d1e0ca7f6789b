"""The result cache: answers about many people, kept for those who ask the same with the same rights."""
