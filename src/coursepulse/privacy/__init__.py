"""Who a student is inside the system, and what they agreed to. No I/O."""
