"""What travels on the message bus: the envelope, events, commands, notices and topics (design.md 5)."""
