"""The expressions of a rule, as written and in words, and what each of them reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from recevable.decision.checklist import title_of
from recevable.decision.wording import words
from recevable.language.prose import prose
from recevable.language.tree import (
    AMOUNT_NAME,
    ANSWER,
    DEDUCTION,
    FIELD,
    PARAMETER,
    REFERENCES,
    TODAY,
    Expr,
    references,
)
from recevable.language.types import BOOLEAN, Type
from recevable.pack.compiled import CompiledPack
from recevable.pack.kinds import expressions
from recevable.pack.model import Rule, Template
from recevable.pack.nodes import Scalar

# What a rule may read: fields, parameters, and the names and answers of other rules.
READ: Final = (FIELD, PARAMETER, DEDUCTION, AMOUNT_NAME, ANSWER)
# What each expression of a kind of rule is for.
_ROLES: Final = {
    ("piece", "piece"): "Pièce à produire",
    ("condition", "condition"): "Condition à remplir",
    ("delai", "recu"): "Ce qui est daté",
    ("delai", "au_plus_tard"): "Au plus tard",
    ("montant", "montant"): "Se calcule ainsi",
    ("deduction", "vaut"): "Est vrai quand",
    ("indu", "indu"): "Le cas est établi quand",
    ("indu", "montant"): "Montant en jeu",
}


class Phrase(Struct, frozen=True):
    """An expression of a rule: what it is for, how it is written, and its sentences.

    There is one sentence by context in which it means something else (`demande.` is not the same field in each).
    """

    role: str
    written: str
    sentences: tuple[tuple[str, tuple[str, ...]], ...]


class Reads(Struct, frozen=True):
    """The names that a rule reads, by operation of `READ`, in order of appearance."""

    names: dict[str, tuple[str, ...]]

    def of(self, op: str) -> tuple[str, ...]:
        """The names read through an operation."""
        return self.names.get(op, ())


class Phrases:
    """Puts the expressions of a verified pack in words."""

    def __init__(self, compiled: CompiledPack) -> None:
        self.compiled, self.pack = compiled, compiled.pack

    def contexts(self, rule: Rule) -> tuple[str, ...]:
        """Where a rule is compiled: its requests, else the first context that uses the name it defines."""
        return rule.requests or self.compiled.contexts_of(rule)[:1]

    def of(self, rule: Rule) -> list[Phrase]:
        """Every expression of a rule but those of its causes, in the order in which one reads it."""
        found = [self._phrase(rule, "S'applique quand", rule.when)] if rule.when is not None else []
        return found + [self._phrase(rule, role, text) for role, text in _expressions(rule)]

    def sentences(self, rule: Rule, text: Scalar) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """An expression in words: each distinct sentence, with the contexts that it holds for."""
        found: dict[str, list[str]] = {}
        for context in self.contexts(rule):
            found.setdefault(self.say(self.compiled.expression(context, text)), []).append(context)
        return tuple((sentence, tuple(contexts)) for sentence, contexts in found.items())

    def say(self, expr: Expr) -> str:
        """A typed tree in words, with a capital."""
        if expr.op == FIELD and expr.type.kind != BOOLEAN.kind:
            return self.title(FIELD, expr.value)
        said = prose(expr, self.title, self.value)
        return said[:1].upper() + said[1:]

    def message(self, rule: Rule, cause: str) -> list[tuple[str, bool]]:
        """A message (or the question, under the empty name) in pieces: text, or the title of what is put there."""
        template: Template = self.compiled.template(self.contexts(rule)[0], rule, cause)
        pieces: list[tuple[str, bool]] = [(template.texts[0], False)]
        for expr, text in zip(template.exprs, template.texts[1:], strict=True):
            shown = self.title(expr.op, expr.value) if expr.op in REFERENCES - {TODAY} else self.say(expr)
            pieces += [(shown, True), (text, False)]
        return [piece for piece in pieces if piece[0]]

    def title(self, op: str, name: str) -> str:
        """What people call a reference."""
        return title_of(self.compiled, op, name)

    def value(self, value: Any, type_: Type) -> str:
        """A value as it stands in a sentence."""
        return words(value, type_, self.pack.manifest.zone)

    def reads(self, rule: Rule) -> Reads:
        """Everything that a rule reads, its messages included, in all its contexts."""
        found: dict[str, dict[str, None]] = {}
        for expr in self.expressions(rule):
            for op in READ:
                found.setdefault(op, {}).update(dict.fromkeys(references(expr, op)))
        return Reads({op: tuple(names) for op, names in found.items()})

    def expressions(self, rule: Rule) -> Iterator[Expr]:
        """Every typed tree of a rule."""
        texts = [text for _, text in _expressions(rule)]
        texts += [text for text in (rule.when, *(cause.when for cause in rule.causes)) if text is not None]
        for context in self.contexts(rule):
            for text in texts:
                yield self.compiled.expression(context, text)
            for cause in rule.texts():
                yield from self.compiled.template(context, rule, cause).exprs

    def _phrase(self, rule: Rule, role: str, text: Scalar) -> Phrase:
        return Phrase(role, text.text, self.sentences(rule, text))


def _expressions(rule: Rule) -> Iterator[tuple[str, Scalar]]:
    """What is proper to each kind: what an expression is for, and the expression."""
    for key, _, text in expressions(rule):
        yield _ROLES[rule.kind, key], text
