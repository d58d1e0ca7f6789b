"""People, courses and consents as a platform describes them, with the checks of each row. No I/O."""
