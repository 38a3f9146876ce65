"""What QuickBooks is asked to do: orders, their attempts, and the worker that carries them out."""
