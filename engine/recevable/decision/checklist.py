"""The rules turned round: what an applicant of a given profile must provide for a request, before there is a dossier.

Only the profile is known.  A rule that surely applies is asked for always, one that surely does not is left out, and
one that depends on something else is listed under its condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from msgspec import Struct

from recevable.decision.decide import Decider
from recevable.decision.wording import words
from recevable.dossier.dossier import Dossier
from recevable.inference.branches import (
    FALSE,
    TRUE,
    Connective,
    Constant,
    Deduced,
    Formula,
    Variable,
    evaluate,
    formula,
)
from recevable.language.evaluate import Slots, build
from recevable.language.prose import prose
from recevable.language.tree import AND, ANSWER, DEDUCTION, FIELD, PARAMETER, Expr, references
from recevable.language.types import Type, lookup
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import Consequence, Context, Rule

ALWAYS: Final = ""
_LISTED: Final = ("piece", "condition", "delai")


class Item(Struct, frozen=True):
    """Something to provide or to respect; `details` are the defects that would have it refused."""

    rule: str
    kind: str
    title: str
    action: str
    source: str
    party: str
    warning: bool
    details: tuple[str, ...] = ()


class Section(Struct, frozen=True):
    """The items of one condition (ALWAYS: no condition)."""

    condition: str
    items: list[Item] = []


def checklist(decider: Decider, request: str, profile: str, today: date) -> list[Section]:
    """What must be provided, by condition, the unconditional first."""
    return _Checklist(decider, request, profile, today).sections()


class _Checklist:
    def __init__(self, decider: Decider, request: str, profile: str, today: date) -> None:
        self.decider, self.compiled = decider, decider.compiled
        self.runner = decider.runner(request)
        self.context: Context = self.runner.context
        self.profile_path = decider.pack.manifest.profile
        self.profile, self.today = profile, today
        self.deductions = {d.name: d.deduction for d in self.context.definitions if d.deduction is not None}
        self.slots = self._slots()

    def _slots(self) -> Slots:
        data: dict[str, Any] = {}
        node = data
        *parents, last = self.profile_path.split(".")
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = self.profile
        return self.runner.slots(self.decider.facts(Dossier("", data, ""), [self.runner]), self.today, {})

    def sections(self) -> list[Section]:
        found: dict[str, Section] = {ALWAYS: Section(ALWAYS)}
        for rule in self.context.rules.values():
            if rule.kind not in _LISTED:
                continue
            condition = self._condition(rule)
            if condition is not None:
                found.setdefault(condition, Section(condition)).items.append(self._item(rule))
        return [section for section in found.values() if section.items]

    def _condition(self, rule: Rule) -> str | None:
        """ALWAYS, the condition in words, or None when the rule cannot apply to this profile."""
        when = self.compiled.applicability(self.context.name, rule)
        if when is None:
            return ALWAYS
        value = self._settle(formula(when))
        if value == FALSE:
            return None
        if value == TRUE:
            return ALWAYS
        left = self._residue(when)
        return prose(left, self._title, self._words)

    # --- what is settled by the profile alone -------------------------------------------------------------------------

    def _settle(self, node: Formula) -> int | None:
        known: dict[Variable, int] = {}
        for variable in _variables(node):
            value = self._value(variable)
            if value is not None:
                known[variable] = value
        return evaluate(node, known)

    def _value(self, variable: Variable) -> int | None:
        if isinstance(variable, Deduced):
            return self._settle(formula(self.deductions[variable.name]))
        expr = variable.expr
        # before there is a dossier the profile is known, and that no human has answered anything
        settled = {self.profile_path, *references(expr, ANSWER)}
        if set(references(expr)) - settled and references(expr, FIELD, ANSWER) != [self.profile_path]:
            return None
        value = build(expr, self.context.layout)(self.slots)
        return None if value is None else TRUE if value else FALSE

    def _residue(self, expr: Expr) -> Expr:
        """The parts of a conjunction that the profile does not settle."""
        if expr.op == AND:
            parts = tuple(self._residue(arg) for arg in expr.args if self._settle(formula(arg)) != TRUE)
            return parts[0] if len(parts) == 1 else Expr(AND, parts, expr.type)
        if expr.op == DEDUCTION:
            return self._residue_of_deduction(expr)
        return expr

    def _residue_of_deduction(self, expr: Expr) -> Expr:
        """`est_acheteur` for a declared buyer comes down to what else it depends on."""
        inner = self.deductions[expr.value]
        if inner.op == AND and any(self._settle(formula(arg)) == TRUE for arg in inner.args):
            return self._residue(inner)
        return expr

    # --- words --------------------------------------------------------------------------------------------------------

    def _item(self, rule: Rule) -> Item:
        first, *others = rule.causes
        details = tuple(dict.fromkeys(c.repair for c in others if c.repair and c.consequence is not Consequence.SIGNAL))
        return Item(
            rule.id,
            rule.kind,
            rule.title,
            self._deadline(rule) if rule.kind == "delai" else first.repair,
            rule.source,
            rule.party,
            all(c.consequence is Consequence.SIGNAL for c in rule.causes),
            details,
        )

    def _deadline(self, rule: Rule) -> str:
        expr = self.compiled.expression(self.context.name, rule.body.latest)
        value = build(expr, self.context.layout)(self.slots)
        if value is None and expr.op == PARAMETER:
            dated = self.decider.pack.parameters[expr.value].at(self.today)
            value = dated.value if dated else None
        return (
            f"au plus tard le {words(value, expr.type, self.decider.zone)}"
            if value is not None
            else "date non connue à ce jour"
        )

    def _title(self, op: str, name: str) -> str:
        return title_of(self.compiled, op, name)

    def _words(self, value: Any, type_: Type) -> str:
        return words(value, type_, self.decider.zone)


def title_of(compiled: CompiledPack, op: str, name: str) -> str:
    """What people call a field, a parameter, a deduction, a number or an appraisal."""
    pack = compiled.pack
    if op == FIELD:
        type_ = lookup(pack.facts, name)
        return type_.title if type_ is not None and type_.title else name
    if op == PARAMETER:
        return pack.parameters[name].title
    if op == ANSWER:
        return pack.rules[name].title
    # a name that several rules give is none of them alone
    *others, last = [rule.title for rule in compiled.definers.get(name, ())] or [name]
    return f"{', '.join(others)} ou {last}, selon le cas" if others else last


def _variables(node: Formula) -> Iterator[Variable]:
    if isinstance(node, Connective):
        for part in node.parts:
            yield from _variables(part)
    elif not isinstance(node, Constant):
        yield node
