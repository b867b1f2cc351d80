"""`et` read as `ou`, and the reverse; `tous` as `certains`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from recevable.language.tree import AND, OR, Expr, nodes
from recevable.language.unparse import unparse
from recevable.trials.mutation.model import Change, View
from recevable.trials.mutation.sites import replaced

NAME: Final = "et-ou"
TITLE: Final = "`et` ↔ `ou`, `tous` ↔ `certains`"
NOTICED_BY: Final = "un exemple où une seule des conditions est vraie"
_OPPOSITES: Final = {"et": "ou", "ou": "et", "tous": "certains", "certains": "tous"}


def changes(view: View) -> Iterator[Change]:
    """Each connective, turned into the other; what is shown is the word alone, at its place."""
    for site in view.sites:
        for node in nodes(site.expr):
            if node.op in _OPPOSITES:
                other = _OPPOSITES[node.op]
                text = unparse(replaced(site.expr, node, replace(node, op=other)))
                start = _word(site.scalar.text, node)
                span = site.scalar.place(start, len(node.op))
                yield Change(site.key, span, node.op, other, site.put(replace(site.scalar, text=text)), text)


def _word(text: str, node: Expr) -> int:
    """Where the word stands: between the first two terms, or in front of the list."""
    if node.op not in (AND, OR):
        return node.start
    found = re.search(rf"\b{node.op}\b", text[node.args[0].end : node.args[1].start])
    return node.args[0].end + found.start() if found else node.start
