"""The event log in Apache Kafka: one topic of events, and one beside it that says who was erased."""
