"""The wizard: its steps on stored drafts, what they take and answer, what can be chosen (S-15 to S-38)."""
