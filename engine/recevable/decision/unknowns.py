"""Why a result is unknown, and what a failed rule compared: the data behind an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from recevable.decision.model import Datum, Finding
from recevable.language.evaluate import Evaluator, Slots, build
from recevable.language.operations import OPERATIONS
from recevable.language.tree import AMOUNT_NAME, ANSWER, DEDUCTION, FIELD, PARAMETER, REFERENCES, Expr, nodes
from recevable.language.types import TEXT, lookup
from recevable.pack.model import Check, Context, Definition, Pack

# How a missing parameter and a missing answer are named among missing data.
PARAMETER_MARK: Final = "parametre:"
ANSWER_MARK: Final = "reponse:"


class Unknowns:
    """Why a result is unknown, and what a failed rule compared; closures are built once per expression."""

    def __init__(self, pack: Pack, context: Context) -> None:
        self.pack, self.context = pack, context
        self.layout = context.layout
        self._built: dict[int, tuple[Expr, Evaluator]] = {}
        self._definitions = {d.name: d for d in context.definitions}
        self._readers: dict[int, list[tuple[Expr, Evaluator]]] = {}

    def evaluator(self, expr: Expr) -> Evaluator:
        """The closure of an expression, built once."""
        # by identity: hashing a tree costs more than evaluating it, and the context keeps its trees alive
        known = self._built.get(id(expr))
        if known is None:
            known = self._built[id(expr)] = (expr, build(expr, self.layout))
        return known[1]

    def of_check(self, check: Check, slots: Slots) -> tuple[Datum, ...]:
        """The data that keep a check from answering: those of the first test that is unknown and stops there."""
        for step in check.steps:
            value = self.evaluator(step.test)(slots)
            if value is None and step.unknown is not None:
                return self.of_expr(step.test, slots)
            if step.answer(value) is not None:
                break
        return ()

    def of_expr(self, expr: Expr, slots: Slots) -> tuple[Datum, ...]:
        """The references that make an expression unknown."""
        found: dict[str, Datum] = {}
        self._search(expr, slots, found, set())
        return tuple(found.values())

    def of_definition(self, definition: Definition, slots: Slots) -> tuple[Datum, ...]:
        """The references that make a named value unknown."""
        found: dict[str, Datum] = {}
        self._follow(definition.name, slots, found, set())
        return tuple(found.values())

    def _search(self, expr: Expr, slots: Slots, found: dict[str, Datum], seen: set[str]) -> None:
        if self.evaluator(expr)(slots) is not None:
            return
        if expr.op in (DEDUCTION, AMOUNT_NAME):
            self._follow(expr.value, slots, found, seen)
        elif expr.op in REFERENCES:
            self._note(expr, slots, found, seen)
        elif expr.op in OPERATIONS and OPERATIONS[expr.op].over_list:
            self._note(expr.args[0], slots, found, seen)
        else:
            for arg in expr.args:
                self._search(arg, slots, found, seen)

    def _follow(self, name: str, slots: Slots, found: dict[str, Datum], seen: set[str]) -> None:
        if name in seen or name not in self._definitions:
            return
        seen.add(name)
        definition = self._definitions[name]
        if definition.deduction is not None:
            self._search(definition.deduction, slots, found, seen)
        for amount in definition.amounts:
            if amount.when is not None:
                applies = self.evaluator(amount.when)(slots)
                if applies is None:
                    self._search(amount.when, slots, found, seen)
                if not applies:
                    continue
            self._search(amount.value, slots, found, seen)

    def _note(self, expr: Expr, slots: Slots, found: dict[str, Datum], seen: set[str]) -> None:
        if expr.op == PARAMETER:
            parameter = self.pack.parameters[expr.value]
            request = self.context.request
            if not parameter.by_decision and request is not None:
                slot = self.layout.slots.get((FIELD, request.reception))
                if slot is not None and slots[slot] is None:
                    reception = lookup(self.pack.facts, request.reception)
                    if reception is not None:
                        found[request.reception] = Datum(request.reception, reception.title, reception, None)
                    return
            found[PARAMETER_MARK + expr.value] = Datum(
                PARAMETER_MARK + expr.value, parameter.title, parameter.type, None
            )
        elif expr.op == ANSWER:
            rule = self.pack.rules[expr.value]
            found[ANSWER_MARK + expr.value] = Datum(ANSWER_MARK + expr.value, rule.title, TEXT, None)
        else:
            found[expr.value] = Datum(expr.value, expr.type.title or expr.value, expr.type, None)

    def values(self, check: Check, slots: Slots) -> tuple[Datum, ...]:
        """What the deciding tests of a check read, with the values."""
        return self.read(check.steps[-1].test, slots) if check.steps else ()

    def read(self, test: Expr, slots: Slots) -> tuple[Datum, ...]:
        """The values that an expression reads."""
        readers = self._readers.get(id(test))
        if readers is None:
            leaves = dict.fromkeys(node for node in nodes(test) if node.op in REFERENCES)
            readers = self._readers[id(test)] = [(expr, self.evaluator(expr)) for expr in leaves]
        return tuple([Datum(str(expr.value), expr.type.title, expr.type, read(slots)) for expr, read in readers])


def missing_message(missing: Sequence[Datum]) -> str:
    """The French sentence that says which data are missing."""
    if not missing:
        return "Aucune règle ne donne cette valeur dans ce cas."
    if all(datum.name.startswith(PARAMETER_MARK) for datum in missing):
        listed = ", ".join(datum.title for datum in missing)
        return f"La valeur de ce paramètre n'est pas connue à la date de référence : {listed}."
    label = "Donnée manquante" if len(missing) == 1 else "Données manquantes"
    return f"{label} : {', '.join(f'{d.title} ({d.name})' for d in missing)}."


def awaits_answer(missing: Sequence[Datum]) -> bool:
    """Whether all that misses is a human's answer."""
    return bool(missing) and all(datum.name.startswith(ANSWER_MARK) for datum in missing)


def unknown_parameters(findings: Iterable[Finding]) -> tuple[Datum, ...]:
    """The parameters whose value is not known, among the missing data of findings."""
    found = {d.name: d for f in findings for d in f.missing if d.name.startswith(PARAMETER_MARK)}
    return tuple(found.values())
