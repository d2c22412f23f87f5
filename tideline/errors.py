"""The one exception that the command line shows without a traceback."""


class TidelineError(Exception):
    """Something a person can put right; the message says what is wrong and what to do."""
