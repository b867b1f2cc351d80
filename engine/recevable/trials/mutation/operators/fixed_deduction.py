"""A deduction that always says the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.language.unparse import literal
from recevable.pack.model import Rule
from recevable.trials.mutation.model import Change, View

NAME: Final = "deduction-figee"
TITLE: Final = "Déduction toujours vraie, ou toujours fausse"
NOTICED_BY: Final = "un exemple où la déduction est vraie, et un où elle est fausse"


def changes(view: View) -> Iterator[Change]:
    """Its value, as each truth value."""
    defined = view.subject.defined if isinstance(view.subject, Rule) else None
    key = defined.key if defined is not None and defined.truth else None
    for site in view.sites:
        for text in (literal(True), literal(False)) if site.key == key else ():
            new = site.put(replace(site.scalar, text=text))
            yield Change(site.key, site.scalar.span, site.scalar.text, text, new, text)
