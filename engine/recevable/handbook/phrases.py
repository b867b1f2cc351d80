"""The expressions of a rule, as written and in words, and what each reads."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from recevable.decision.checklist import title_of
from recevable.decision.wording import words
from recevable.language.prose import prose
from recevable.language.tree import (
    FIELD,
    HISTORY,
    REFERENCES,
    TODAY,
    Expr,
)
from recevable.language.types import BOOLEAN, Type
from recevable.pack.compiled import CompiledPack
from recevable.pack.kinds import written
from recevable.pack.model import Rule, Template
from recevable.pack.nodes import Scalar


class Phrase(Struct, frozen=True):
    """An expression of a rule: its purpose, its text, and its sentences.

    There is one sentence per distinct meaning among contexts (`demande.` is a different field in each).
    """

    role: str
    written: str
    sentences: tuple[tuple[str, tuple[str, ...]], ...]


class Phrases:
    """Formats the expressions of a verified pack as sentences."""

    def __init__(self, compiled: CompiledPack) -> None:
        self.compiled, self.pack = compiled, compiled.pack

    def of(self, rule: Rule) -> list[Phrase]:
        """Every expression of a rule, except those of its causes, in reading order."""
        return [
            Phrase(one.role, one.text.text, self.sentences(rule, one.text)) for one in written(rule) if not one.cause
        ]

    def sentences(self, rule: Rule, text: Scalar) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Each distinct sentence of an expression, with the contexts where it applies."""
        found: dict[str, list[str]] = {}
        for context in self.compiled.read_in(rule):
            found.setdefault(self.say(self.compiled.expression(context, text)), []).append(context)
        return tuple((sentence, tuple(contexts)) for sentence, contexts in found.items())

    def say(self, expr: Expr) -> str:
        """A typed tree as a sentence with a capital."""
        if expr.op == FIELD and expr.type.kind != BOOLEAN.kind:
            return self.title(FIELD, expr.value)
        said = prose(expr, self.title, self.value)
        return said[:1].upper() + said[1:]

    def message(self, rule: Rule, cause: str) -> list[tuple[str, bool]]:
        """A message (or the question, when `cause` is empty) in pieces: (text, False), (placeholder title, True)."""
        template: Template = self.compiled.template(self.compiled.read_in(rule)[0], rule, cause)
        pieces: list[tuple[str, bool]] = [(template.texts[0], False)]
        for expr, text in zip(template.exprs, template.texts[1:], strict=True):
            shown = self.title(expr.op, expr.value) if expr.op in REFERENCES - {TODAY, HISTORY} else self.say(expr)
            pieces += [(shown, True), (text, False)]
        return [piece for piece in pieces if piece[0]]

    def title(self, op: str, name: str) -> str:
        """The title of a reference."""
        return title_of(self.compiled, op, name)

    def value(self, value: Any, type_: Type) -> str:
        """A value formatted for a sentence."""
        return words(value, type_, self.pack.manifest.zone)
