"""Exit codes, the same for every verb, and the refusal that gives one.  The heaviest of a run wins.

Beyond them, a command that was interrupted, or whose reader went away, ends as shells expect: 128 plus the signal.
"""

from typing import Final

import click

ACCEPTED: Final = 0
NOT_ACCEPTED: Final = 1
USAGE: Final = 2
INVALID_RULES: Final = 3
INTERNAL: Final = 4

INTERRUPTED: Final = 130
READER_GONE: Final = 141


def usage(message: str) -> click.UsageError:
    """A refusal of the command line by the verb that runs, to be raised: the run ends with USAGE."""
    return click.UsageError(message, click.get_current_context(silent=True))
