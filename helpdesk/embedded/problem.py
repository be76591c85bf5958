"""The one exception that set-up and launcher show to a person: a single clear sentence."""


class SetupError(Exception):
    """Something the person at the keyboard can mend; the message says what and how."""
