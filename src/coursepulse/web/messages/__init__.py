"""Messages to students: drafts, and the templates that they are made of."""
