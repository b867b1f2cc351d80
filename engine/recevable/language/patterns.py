"""Regular expressions, of a schema or of a rule, matched in linear time.

Both validators of a dossier and both evaluators use the engine of jsonschema-rs, which never backtracks: a pattern such
as `^(a+)+$` is harmless.  Patterns that this engine cannot express (lookahead, backreferences), or that need too many
states (nested repetitions), are rejected when the schema or the rule is read.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import jsonschema_rs

# The size limit of a compiled pattern in bytes: `^[A-Za-z0-9 ]{1,4000}$` fits, `^(a{0,100}){0,1000}$` does not.
_BYTES: Final = 1 << 18
LINEAR: Final = jsonschema_rs.RegexOptions(size_limit=_BYTES)


@lru_cache(maxsize=1024)
def matcher(pattern: str) -> Callable[[object], bool]:
    """A function that tells whether a text matches `pattern` anywhere; raises ValueError on an unsupported pattern."""
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=LINEAR).is_valid
    except jsonschema_rs.ValidationError as error:
        raise ValueError(str(error)) from None


def whole(pattern: str) -> str:
    """The pattern that a whole text must match."""
    return f"^(?:{pattern})$"
