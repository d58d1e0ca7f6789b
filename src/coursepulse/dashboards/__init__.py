"""The cards that pages are made of: what each shows, and how. Rows in, charts and tables out."""
