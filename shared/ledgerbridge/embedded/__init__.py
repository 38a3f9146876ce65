"""The embedded runtime: real Apache Kafka and real PostgreSQL from ordinary packages (design.md 9)."""
