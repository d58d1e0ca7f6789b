"""The privacy centre, requests of students, and the compliance report."""
