"""Stream processors, one a file. Each is pure, and runs in any runner."""
