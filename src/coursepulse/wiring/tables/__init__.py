"""The table of components, by what they are for."""
