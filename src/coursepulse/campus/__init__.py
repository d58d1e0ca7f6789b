"""People, courses and consents as a platform describes them, and what is wrong with a row. No I/O."""
