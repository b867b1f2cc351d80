"""Exit codes, the same for every verb.  The heaviest of a run wins.

Beyond them, a command that was interrupted, or whose reader went away, ends as shells expect: 128 plus the signal.
"""

from typing import Final

ACCEPTED: Final = 0
NOT_ACCEPTED: Final = 1
USAGE: Final = 2
INVALID_RULES: Final = 3
INTERNAL: Final = 4

INTERRUPTED: Final = 130
READER_GONE: Final = 141
