"""Views draw any metric from its columns and their units. They know no metric by name."""
