"""Terms, dates, message and the review."""
