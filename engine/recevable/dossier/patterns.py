"""Regular expressions of a schema, matched in a time proportional to the text.

They are those of jsonschema-rs for both validators, on an engine that never goes back over what it has read: a pattern
such as `^(a+)+$` cannot hold up a dossier.  What such an engine cannot express (a look ahead, a reference to a group),
or only with so many states that each character costs (repetitions within repetitions), is refused when the schema is
read.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import jsonschema_rs

# The bytes that a compiled pattern may take: `^[A-Za-z0-9 ]{1,4000}$` fits, `^(a{0,100}){0,1000}$` does not.
_BYTES: Final = 1 << 18
LINEAR: Final = jsonschema_rs.RegexOptions(size_limit=_BYTES)


@lru_cache(maxsize=1024)
def matcher(pattern: str) -> Callable[[object], bool]:
    """Whether a text has a part of the form of `pattern`; raises ValueError when it is no pattern of this engine."""
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=LINEAR).is_valid
    except jsonschema_rs.ValidationError as error:
        raise ValueError(str(error)) from None
