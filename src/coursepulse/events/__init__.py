"""The vocabulary: which events there are, what each may say, and how bytes become events. No I/O."""
