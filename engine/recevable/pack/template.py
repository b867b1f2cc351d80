"""Messages with placeholders: `{expression}` inside French text, typed like any other expression."""

from __future__ import annotations

import re
from collections.abc import Callable

from recevable.language.syntax import SyntaxFault
from recevable.language.tree import Expr
from recevable.pack.model import Template
from recevable.pack.nodes import Scalar


def compile_template(scalar: Scalar, compile_at: Callable[[str, int], Expr]) -> Template:
    """Split a message; `compile_at(text, offset)` types a placeholder.  Raises ExpressionError at its place."""
    texts: list[str] = []
    exprs: list[Expr] = []
    rest, offset = scalar.text, 0
    while True:
        before, brace, after = rest.partition("{")
        if "}" in before:
            place = offset + before.index("}")
            help = "Ajoutez `{` devant le nom, ou supprimez `}`."
            raise SyntaxFault("`}` sans `{` devant", place, place + 1, help)
        texts.append(before)
        if not brace:
            return Template(tuple(texts), tuple(exprs))
        inner, closing, rest = after.partition("}")
        start = offset + len(before) + 1
        if not closing or "{" in inner.strip()[1:]:
            name = re.match(r"\w+(?:\.\w+)*", inner)
            help = f"Écrivez `{{{name[0]}}}`." if name else "Ajoutez `}` après le nom du champ."
            raise SyntaxFault("`{` n'est jamais fermé", start - 1, start, help)
        exprs.append(compile_at(inner, start))
        offset = start + len(inner) + 1
