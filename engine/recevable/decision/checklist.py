"""The checklist: what an applicant with a given profile must provide for a request, before any dossier exists.

Only the profile is known.  A rule that certainly applies is listed unconditionally, one that certainly does not is left
out, and one that depends on other data is listed under its condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from msgspec import Struct

from recevable.decision.decide import Decider
from recevable.decision.model import HouseDefault
from recevable.decision.periods import Period
from recevable.decision.wording import initial, words
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
from recevable.language.calendar import day_of
from recevable.language.evaluate import Slots
from recevable.language.prose import prose
from recevable.language.tree import (
    ABSENT,
    AND,
    ANSWER,
    DEDUCTION,
    FIELD,
    NOT,
    OR,
    PARAMETER,
    PRESENT,
    RESULT,
    TODAY,
    Expr,
    nodes,
    references,
)
from recevable.language.types import Kind, Type
from recevable.pack.compiled import CompiledPack
from recevable.pack.in_force import DECISION, RECEPTION
from recevable.pack.kinds import kind_of
from recevable.pack.kinds.base import Place
from recevable.pack.model import Consequence, Context, InForce, Rule
from recevable.pack.nodes import Scalar

ALWAYS: Final = ""


OPTIONAL: Final = "Facultative : elle peut manquer sans effet"


class Item(Struct, frozen=True):
    """Something to provide, to comply with or to have appraised; `details` lists what its defects or answers require.

    `warning`: a failure neither rejects the request nor asks for completion.  `counts`: the proposed amount reads the
    same fields.  `optional`: it may be missing without effect.  `defaults`: the pack's own choices, where the text is
    silent, that the item depends on.
    """

    rule: str
    kind: str
    place: Place
    title: str
    action: str
    source: str
    party: str
    warning: bool
    details: tuple[str, ...] = ()
    counts: bool = False
    defaults: tuple[HouseDefault, ...] = ()
    optional: bool = False


class Section(Struct, frozen=True):
    """The items of one condition (ALWAYS: no condition)."""

    condition: str
    items: list[Item] = []


def checklist(decider: Decider, request: str, profile: str, today: date) -> list[Section]:
    """The checklist of `request` for `profile` on day `today`: one section per condition, unconditional items first."""
    return _Checklist(decider, request, profile, today).sections()


class _Checklist:
    def __init__(self, decider: Decider, request: str, profile: str, today: date) -> None:
        self.decider, self.compiled = decider, decider.compiled
        self.of_request = decider.context_decider(request)
        self.context: Context = self.of_request.context
        self.profile_path = decider.pack.manifest.profile
        self.profile, self.today = profile, today
        self.deductions = {d.name: d.deduction for d in self.context.definitions if d.deduction is not None}
        self.defaults = self.of_request.defaults
        self.facts = self._facts()
        prepared = self.context.request
        assert prepared is not None
        # the request being prepared is taken as present and received
        self.given = {prepared.root, prepared.reception}
        proposed = self.of_request.unknowns.graph.definitions.get(prepared.amount)
        amounts = [amount.value for amount in proposed.amounts] if proposed is not None else []
        self._amount_fields = self._fields(*amounts) - self.given - {self.profile_path}

    def _facts(self) -> Slots:
        data: dict[str, Any] = {}
        if not self.profile_path:
            return self.decider.facts(Dossier(data, ""), [self.of_request])
        node = data
        *parents, last = self.profile_path.split(".")
        for part in parents:
            node = node.setdefault(part, {})
        node[last] = self.profile
        return self.decider.facts(Dossier(data, ""), [self.of_request])

    def _periods(self, expr: Expr) -> list[Period]:
        """The values of an expression, one per period of reception days."""
        return self.of_request.periods(expr, self.facts, self.today)

    def sections(self) -> list[Section]:
        found: dict[str, Section] = {ALWAYS: Section(ALWAYS)}
        for rule in self.context.rules.values():
            place = kind_of(rule).listed
            condition = self._condition(rule) if place is not None else None
            if place is not None and condition is not None:
                found.setdefault(condition, Section(condition)).items.append(self._item(rule, place))
        return [section for section in found.values() if section.items]

    def _condition(self, rule: Rule) -> str | None:
        """ALWAYS, the condition in French, or None when the rule cannot apply to this profile."""
        # a request prepared today will be received and decided under the text of today
        dated = rule.in_force is not None and not self._of_today(rule.in_force)
        if rule.in_force is not None and not dated and not rule.in_force.holds(self.today):
            return None
        when = self.compiled.applicability(self.context.name, rule, dated=dated)
        if when is None:
            return ALWAYS
        value = self._settle(formula(when))
        if value == FALSE:
            return None
        if value == TRUE:
            return ALWAYS
        left = self._residue(when)
        return prose(left, self._title, self._words)

    def _of_today(self, in_force: InForce) -> bool:
        """Whether the day that counts is that of the request, which is today, and not that of a fact."""
        text = self.context.request.text if self.context.request is not None else None
        on = in_force.on or (text.on if text is not None else None)
        return on is None or on.text in (RECEPTION, DECISION)

    # --- what the profile alone determines --------------------------------------------------------------------------

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
        if expr.op in (PRESENT, ABSENT) and expr.value in self.given:
            return TRUE if expr.op == PRESENT else FALSE
        # the profile, the day and the parameters are known; no question has been answered
        if set(references(expr, FIELD)) - {self.profile_path}:
            return None
        values = {period.value for period in self._periods(expr)}
        if len(values) != 1 or None in values:
            return None
        return TRUE if True in values else FALSE

    def _residue(self, expr: Expr) -> Expr:
        """The part of a conjunction, alternative or negation that the profile and the day leave undetermined."""
        if expr.op in (AND, OR):
            neutral = TRUE if expr.op == AND else FALSE
            parts = tuple(self._residue(arg) for arg in expr.args if self._settle(formula(arg)) != neutral)
            return parts[0] if len(parts) == 1 else Expr(expr.op, parts, expr.type)
        if expr.op == NOT and expr.args[0].op in (AND, OR):
            return Expr(NOT, (self._residue(expr.args[0]),), expr.type)
        if expr.op == DEDUCTION:
            return self._residue_of_deduction(expr)
        return expr

    def _residue_of_deduction(self, expr: Expr) -> Expr:
        """The undetermined part of a deduction: for a known profile, its other conditions."""
        inner = self.deductions[expr.value]
        of_profile = (arg for arg in inner.args if self.profile_path in self._fields(arg))
        if inner.op == AND and any(self._settle(formula(arg)) == TRUE for arg in of_profile):
            return self._residue(inner)
        return expr

    # --- words --------------------------------------------------------------------------------------------------------

    def _item(self, rule: Rule, place: Place) -> Item:
        # the first cause is already described by the action
        asking = rule.causes if rule.question is not None or rule.optional else rule.causes[1:]
        refusing = (c for c in asking if c.repair and c.consequence is not Consequence.SIGNAL)
        details = tuple(dict.fromkeys(c.repair for c in refusing))
        return Item(
            rule.id,
            rule.kind,
            place,
            self._called(rule),
            self._action(rule),
            rule.source,
            rule.party,
            not rule.optional and all(c.consequence is Consequence.SIGNAL for c in rule.causes),
            details,
            not self._amount_fields.isdisjoint(self._looked_at(rule)),
            self.defaults.of_rule(rule),
            rule.optional,
        )

    def _called(self, rule: Rule) -> str:
        """The title of a rule, and the elements of a list that it is about."""
        if rule.loop is None:
            return rule.title
        return f"{rule.title}, pour chaque {initial(self.compiled.pack.manifest.lists[rule.loop.path].title)}"

    def _action(self, rule: Rule) -> str:
        """The action to take, in French; an empty string for a rule that a human appraises."""
        latest = kind_of(rule).latest
        if latest:
            return self._deadline(rule, rule.expressions[latest])
        if rule.optional:
            return OPTIONAL
        return rule.causes[0].repair if rule.causes and rule.question is None else ""

    def _looked_at(self, rule: Rule) -> set[str]:
        """The fields that decide whether a rule passes or fails, without those that decide whether it applies."""
        checks = [check for check in self.context.checks if check.rule == rule.id and check.steps]
        return {path for check in checks for path in self._fields(check.steps[-1].test)}

    def _fields(self, *exprs: Expr) -> set[str]:
        """The fields that expressions read, directly or through names defined by other rules."""
        return {name for op, name in self.of_request.unknowns.graph.follow(*exprs) if op == FIELD}

    def _deadline(self, rule: Rule, latest: Scalar) -> str:
        """The deadline in French; one per period of reception when it depends on the reception day."""
        expr = self.compiled.expression(self.context.name, latest, rule)
        if set(references(expr)) - {*references(expr, PARAMETER), *references(expr, TODAY)}:
            return f"au plus tard : {prose(expr, self._title, self._words)}{self._values_read(expr)}"
        found = self._periods(expr)
        lines = [f"{self._latest(period.value, expr.type)}{period.words}" for period in found]
        return " ; ".join(lines) or "date non connue à ce jour"

    def _values_read(self, expr: Expr) -> str:
        """The values of the parameters that an expression names."""
        shown = {}
        for node in nodes(expr):
            if node.op == PARAMETER and node.value not in shown:
                values = (f"{self._words(p.value, node.type)}{p.words}" for p in self._periods(node))
                shown[node.value] = f"« {self._title(PARAMETER, node.value)} » : {' ; '.join(values)}"
        return f" ({', '.join(shown.values())})" if shown else ""

    def _latest(self, value: Any, type_: Type) -> str:
        if value is None:
            return "date non connue à ce jour"
        day = day_of(value, self.of_request.zone) if type_.kind is Kind.INSTANT else value
        passed = " (date passée)" if day < self.today else ""
        return f"au plus tard le {self._words(value, type_)}{passed}"

    def _title(self, op: str, name: str) -> str:
        return title_of(self.compiled, op, name)

    def _words(self, value: Any, type_: Type) -> str:
        return words(value, type_, self.decider.zone)


def title_of(compiled: CompiledPack, op: str, name: str) -> str:
    """The display title of a field, a parameter, a deduction, a number, an appraisal or another rule."""
    pack = compiled.pack
    if op == FIELD:
        return compiled.field_titles.get(name, name)
    if op == PARAMETER:
        return pack.parameters[name].title
    if op in (ANSWER, RESULT):
        return pack.rules[name].title
    # a name that several rules define has no single title
    *others, last = [rule.title for rule in compiled.definers.get(name, ())] or [name]
    return f"{', '.join(others)} ou {last}, selon le cas" if others else last


def _variables(node: Formula) -> Iterator[Variable]:
    if isinstance(node, Connective):
        for part in node.parts:
            yield from _variables(part)
    elif not isinstance(node, Constant):
        yield node
