"""Who is behind the rows of each metric that adds people up, for those who may not see the people."""
