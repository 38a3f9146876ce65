"""The believable beginning of both vendors."""
