"""Exit codes, shared by every verb; the most severe of a run wins.

An interrupted command, or one whose output pipe is closed, ends with 128 plus the signal number, as shells expect.
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
    """A usage error for the running verb, to be raised: the run then exits with USAGE."""
    return click.UsageError(message, click.get_current_context(silent=True))
