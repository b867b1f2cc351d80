"""The expressions of a rule, as written and in words, and what each reads."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from msgspec import Struct

from recevable.decision.checklist import title_of
from recevable.decision.wording import day, words
from recevable.language.prose import prose
from recevable.language.tree import (
    FIELD,
    HISTORY,
    PARAMETER,
    REFERENCES,
    TODAY,
    Expr,
)
from recevable.language.types import BOOLEAN, HOLIDAYS, TABLES, Type
from recevable.pack.compiled import CompiledPack
from recevable.pack.kinds import written
from recevable.pack.model import Parameter, Rule, Template, Value
from recevable.pack.nodes import Scalar

# A value longer than this is on the page of its parameter only.
_MOST: Final = 60
# Around the name of a parameter, in a sentence whose pieces are still together; no text of a pack shows them.
_OPEN, _CLOSE = "\ue000", "\ue001"

# What stands for a datum of the dossier in a message; no parameter has this name.
PLACE: Final = "{}"

# A sentence in pieces: a text, or the name of the parameter whose value is to be written there.
Sentence = tuple[tuple[str, bool], ...]


class Phrase(Struct, frozen=True):
    """An expression of a rule: its purpose, its text, and its sentences.

    There is one sentence per distinct meaning among contexts (`demande.` is a different field in each).
    """

    role: str
    written: str
    sentences: tuple[tuple[Sentence, tuple[str, ...]], ...]


class Phrases:
    """Formats the expressions of a verified pack as sentences, with the values of parameters on a day."""

    def __init__(self, compiled: CompiledPack, on: date) -> None:
        self.compiled, self.pack, self.on = compiled, compiled.pack, on

    def of(self, rule: Rule) -> list[Phrase]:
        """Every expression of a rule, except those of its causes, in reading order."""
        return [
            Phrase(one.role, one.text.text, self.sentences(rule, one.text)) for one in written(rule) if not one.cause
        ]

    def sentences(self, rule: Rule, text: Scalar) -> tuple[tuple[Sentence, tuple[str, ...]], ...]:
        """Each distinct sentence of an expression, with the contexts where it applies."""
        found: dict[Sentence, list[str]] = {}
        for context in self.compiled.read_in(rule):
            found.setdefault(self.say(self.compiled.expression(context, text, rule, written=True)), []).append(context)
        return tuple((sentence, tuple(contexts)) for sentence, contexts in found.items())

    def say(self, expr: Expr) -> Sentence:
        """A typed tree as a sentence with a capital."""
        if expr.op == FIELD and expr.type.kind != BOOLEAN.kind:
            return ((self.title(FIELD, expr.value), False),)
        text = prose(expr, self.title, self.value, self._mark)
        return _pieces(text[:1].upper() + text[1:])

    def bare(self, expr: Expr) -> str:
        """A typed tree as a sentence, without the values of parameters."""
        if expr.op == FIELD:
            return self.title(FIELD, expr.value)
        text = prose(expr, self.title, self.value, lambda _: "")
        return text[:1].upper() + text[1:]

    def _mark(self, name: str) -> str:
        return f" ({_OPEN}{name}{_CLOSE})" if self.dated(name) else ""

    def message(self, rule: Rule, cause: str) -> list[tuple[str, str]]:
        """A message (or the question, when `cause` is empty) in pieces: each text, and what stands there.

        Empty for the words of the message, `PLACE` for what the dossier gives, else the parameter whose value it is.
        """
        template: Template = self.compiled.template(self.compiled.read_in(rule)[0], rule, cause)
        pieces = [(template.texts[0], "")]
        for expr, text in zip(template.exprs, template.texts[1:], strict=True):
            pieces += [self.placed(expr), (text, "")]
        return [piece for piece in pieces if piece[0]]

    def placed(self, expr: Expr) -> tuple[str, str]:
        """What a message has in the place of an expression: the value of a parameter on the day, or a title."""
        if expr.op == PARAMETER and self.dated(expr.value):
            return self.at(self.pack.parameters[expr.value], self.on), expr.value
        if expr.op in REFERENCES - {TODAY, HISTORY}:
            return self.title(expr.op, expr.value), PLACE
        return self.plain(self.say(expr)), PLACE

    def plain(self, sentence: Sentence) -> str:
        """A sentence with the values of the day."""
        return "".join(self.at(self.pack.parameters[text], self.on) if is_name else text for text, is_name in sentence)

    def dated(self, name: str) -> bool:
        """Whether the values of a parameter are short enough to be written in a sentence."""
        parameter = self.pack.parameters[name]
        if parameter.type.kind in TABLES or parameter.type.format == HOLIDAYS:
            return False
        return all(len(self.shown(parameter, value)) <= _MOST for value in parameter.values)

    def at(self, parameter: Parameter, on: date) -> str:
        """The value of a parameter on a day, in words."""
        found = parameter.at(on)
        return f"sans valeur le {day(on)}" if found is None else self.shown(parameter, found)

    def shown(self, parameter: Parameter, value: Value) -> str:
        """A value of a parameter in words, with the day since which it is in force when there are several."""
        text = "valeur inconnue" if value.value is None else self.value(value.value, parameter.type)
        return f"{text} depuis le {day(value.start)}" if len(parameter.values) > 1 else text

    def title(self, op: str, name: str) -> str:
        """The title of a reference."""
        return title_of(self.compiled, op, name)

    def value(self, value: Any, type_: Type) -> str:
        """A value formatted for a sentence."""
        return words(value, type_, self.pack.manifest.zone)


def _pieces(text: str) -> Sentence:
    found: list[tuple[str, bool]] = []
    for rank, part in enumerate(text.replace(_CLOSE, _OPEN).split(_OPEN)):
        if part:
            found.append((part, rank % 2 == 1))
    return tuple(found)
