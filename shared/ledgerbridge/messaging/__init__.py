"""Events in and out: outbox and relay, inbox, consumers, dead letters, topics (design.md 4 and 5)."""
