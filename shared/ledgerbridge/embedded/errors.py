"""Why the embedded runtime does not start."""


class CannotStartError(Exception):
    """Something that the runtime needs is missing, taken or broken; the text says what and what to do about it."""
