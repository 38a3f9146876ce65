"""What tests need: real servers, databases of their own, and waiting for a condition."""
