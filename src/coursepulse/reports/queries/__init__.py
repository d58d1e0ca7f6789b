"""SQL of the reports that are sent."""
