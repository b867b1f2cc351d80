"""Texts for the solver: numbers that stand for them, functions about which only a few laws are known.

What is proved holds for every text, since nothing is assumed of a function beyond its laws and its values on the texts
that the pack writes.  An example, on the contrary, is looked for among concrete texts, on which each function has its
true value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import z3

from recevable.language.operations import OPERATIONS
from recevable.language.types import Kind, Type
from recevable.proofs.terms import TRUE, both, integer

# Functions that change nothing the second time.
_IDEMPOTENT: Final = frozenset({"siret_compact", "iban_compact", "bic_complet"})
# A check that answers the same about a text and about its compact form.
_SAME_ANSWER: Final = {"siret_valide": "siret_compact", "iban_valide": "iban_compact"}
# A function that has a result when a check is true only.
_PARTIAL: Final = {"siren_de": "siret_valide"}

_SIRETS: Final = ("73282932000074", "732 829 320 00074", "55210055400013", "73282932000075", "44306184100047")
_IBANS: Final = ("FR7630006000011234567890189", "FR76 3000 6000 0112 3456 7890 189", "FR1420041010050500013M02606")
_BICS: Final = ("AGRIFRPP", "AGRIFRPPXXX", "BNPAFRPP", "AGRI")
_PLAIN: Final = ("Texte A", "texte a", "Texte B")
# Concrete texts for an example, by format of the schema.
SAMPLES: Final = {
    "siret": (*_SIRETS, "732829320", "552100554", "732 829 320"),
    "iban": (*_IBANS, "FR7630006000011234567890188"),
    "bic": _BICS,
}


class Texts:
    """The texts of one question: their numbers, and the functions applied to them."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._functions: dict[str, tuple[Any, Callable[..., Any]]] = {}
        self.laws: list[Any] = []
        self._written: set[str] = set()
        self._lawful: dict[tuple[str, int], Any] = {}
        self._facts: dict[tuple[str, str], tuple[Any, Any]] = {}
        self._together: dict[tuple[object, ...], Any] = {}

    def number(self, text: str) -> int:
        """The number of a text."""
        return self._numbers.setdefault(text, len(self._numbers))

    def write(self, text: str) -> int:
        """The number of a text that the pack writes: the functions have their true values on it."""
        self._written.add(text)
        return self.number(text)

    def text(self, number: int) -> str:
        """The text of a number; raises KeyError for the number of no text."""
        for text, known in self._numbers.items():
            if known == number:
                return text
        raise KeyError(number)

    def samples(self, type_: Type, more: Iterable[str]) -> tuple[str, ...]:
        """Concrete texts that a field may take in an example: `more`, some of its format, those that rules name."""
        return tuple(dict.fromkeys([*more, *SAMPLES.get(type_.format, _PLAIN), *sorted(self._written)]))

    def apply(self, op: str, term: Any, *others: Any) -> tuple[Any, Any]:
        """A function of one text, the `others` written in the rule: when it has a result, and its term."""
        name = ":".join((op, *map(str, others)))
        if name not in self._functions:
            row = OPERATIONS[op]
            kind = _RESULTS[op]
            sort = z3.BoolSort() if kind is Kind.BOOLEAN else z3.IntSort()
            compute = row.compute
            assert compute is not None
            function = z3.Function(name, z3.IntSort(), sort)
            self._functions[name] = (function, lambda text: compute(text, *others))
        function, _ = self._functions[name]
        self._state_laws(op, term)
        known = self.apply(_PARTIAL[op], term)[1] if op in _PARTIAL else z3.BoolVal(True)
        return known, function(term)

    def _state_laws(self, op: str, term: Any) -> None:
        key = (op, term.get_id())
        if key in self._lawful:
            return
        self._lawful[key] = term  # kept: the identity of a term that is gone may serve again
        if op in _IDEMPOTENT:
            function = self._functions[op][0]
            self.laws.append(function(function(term)) == function(term))
        compact = _SAME_ANSWER.get(op)
        if compact is not None:
            check = self._functions[op][0]
            _, shortened = self.apply(compact, term)
            self.laws.append(check(shortened) == check(term))

    @property
    def functions(self) -> Mapping[str, Any]:
        """The functions that were applied, by name: that of the operation, then the texts that a rule gives it."""
        return {name: function for name, (function, _) in self._functions.items()}

    def stated(self, functions: Iterable[str]) -> Any:
        """The true values of functions on the texts that the pack writes."""
        return self.facts(sorted(self._written), functions)

    def facts(self, texts: Iterable[str], functions: Iterable[str]) -> Any:
        """The true values of functions on some texts, and on their results."""
        waiting, names = list(dict.fromkeys(texts)), tuple(functions)
        key = (*names, "", *waiting)
        if key not in self._together:
            seen: set[str] = set()
            found = []
            while waiting:
                text = waiting.pop()
                if text in seen:
                    continue
                seen.add(text)
                for name in names:
                    fact, result = self._fact(name, text)
                    if fact is not None:
                        found.append(fact)
                    if isinstance(result, str):
                        waiting.append(result)
            self._together[key] = both(TRUE, *found)
        return self._together[key]

    def _fact(self, name: str, text: str) -> tuple[Any, Any]:
        """The true value of one function on one text, None when it has none; and that value."""
        known = self._facts.get((name, text))
        if known is None:
            function, compute = self._functions[name]
            value = compute(text)
            fact = None
            if value is not None:
                number = self.number(value) if isinstance(value, str) else value
                term = z3.BoolVal(value) if isinstance(value, bool) else integer(number)
                fact = function(integer(self.number(text))) == term
            known = self._facts[name, text] = (fact, value)
        return known


_RESULTS: Final = {
    "normalise": Kind.TEXT,
    "siret_compact": Kind.TEXT,
    "siren_de": Kind.TEXT,
    "iban_compact": Kind.TEXT,
    "bic_complet": Kind.TEXT,
    "longueur": Kind.INTEGER,
    "commence_par": Kind.BOOLEAN,
    "contient": Kind.BOOLEAN,
    "motif": Kind.BOOLEAN,
    "siret_valide": Kind.BOOLEAN,
    "iban_valide": Kind.BOOLEAN,
    "bic_valide": Kind.BOOLEAN,
}
FUNCTIONS: Final = frozenset(_RESULTS)
