"""The faults of an expression, at their place in the file that holds it."""

from __future__ import annotations

from collections.abc import Iterable

from recevable.language.diagnostics import Diagnostic
from recevable.language.syntax import ExpressionError, SentenceFault, SyntaxFault
from recevable.pack import hints
from recevable.pack.nodes import Scalar


def expression_fault(text: Scalar, error: ExpressionError, names: Iterable[str] = ()) -> Diagnostic:
    """The diagnostic for a fault in an expression; `names` are those that a sentence in its place may mean."""
    code = "EXP-NOM" if error.unknown else "EXP-SYNTAXE" if isinstance(error, SyntaxFault) else "EXP-TYPE"
    help = error.help or "Corrigez l'expression à cet endroit."
    if isinstance(error, SentenceFault):
        help += hints.recalled(text.text[error.start : error.end], names)
    return Diagnostic(
        code, error.message, text.place(error.start, error.end - error.start), help, subject=error.unknown
    )
