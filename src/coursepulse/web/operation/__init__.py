"""What operators watch: numbers for Prometheus, and the runs of jobs."""
