"""The vocabulary: the event types, what each may contain, and how bytes become events. No I/O."""
