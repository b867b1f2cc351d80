"""Exit codes, the same for every verb.  The heaviest of a run wins."""

from typing import Final

ACCEPTED: Final = 0
NOT_ACCEPTED: Final = 1
USAGE: Final = 2
INVALID_RULES: Final = 3
INTERNAL: Final = 4
