"""The form of a domain name, the only text of the inputs that this package prints."""

from __future__ import annotations

import re

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_LONGEST = 253


def is_domain(name: str) -> bool:
    """Whether `name`, in lower case, is a host name of at least two labels; anything else is not printed."""
    return len(name) <= _LONGEST and _DOMAIN.fullmatch(name) is not None
