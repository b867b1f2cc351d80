"""MON-ARRONDI: an amount that is not rounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.tree import AMOUNT_NAME, HISTORY, IN_SCALE, LITERAL, PARAMETER, Expr, nodes, references
from recevable.language.types import Kind
from recevable.lint.model import Fault, View
from recevable.pack.model import Parameter, Rule

CODE: Final = "MON-ARRONDI"
SEVERITY: Final = Severity.WARNING
_ROUND: Final = "arrondi"
_CENT: Final = Decimal("0.01")


def check(view: View) -> Iterator[Fault]:
    """Report amounts of money; rates and plain numbers are not paid."""
    users = _Users(view)
    for rule in view.pack.rules.values():
        defined = rule.defined
        if defined is None or defined.type.kind is not Kind.AMOUNT or _to_the_cent(rule):
            continue
        part = view.analysis.part(rule, defined.key)
        if defined.rounding is not None:
            # a value finer than a cent is fine in an intermediate result, not in a payment
            if users.pay(rule.defines):
                step = defined.rounding.step
                message = f"`{rule.defines}` est à payer, et son arrondi à `{step}` n'est pas au centime"
                help = 'Écrivez `pas: "0.01"`, ou un multiple du centime.'
                yield Fault(part.place(part.expr), message, help, rule.id, severity=Severity.ERROR)
            continue
        fine = view.pack.parameters
        broken = next((node for node in _outside_rounding(part.expr) if _breaks_cents(node, fine)), None)
        if broken is not None and not users.round_off(rule.defines):
            message = f"`{rule.defines}` peut avoir plus de deux décimales et n'est pas arrondi"
            help = 'Ajoutez `arrondi: {pas: "0.01", sens: demi_superieur}`, ou le sens que le texte fixe.'
            severity = Severity.ERROR if users.pay(rule.defines) else SEVERITY
            yield Fault(part.place(broken), message, help, rule.id, severity=severity)


class _Users:
    """The uses of an amount in the rules that read it."""

    def __init__(self, view: View) -> None:
        self.paid = {request.amount for request in view.pack.manifest.requests.values()}
        self.by_name: dict[str, list[Rule | None]] = {}
        for rule in view.pack.rules.values():
            for part in view.analysis.parts(rule):
                for name in references(part.expr, AMOUNT_NAME):
                    counts = rule.defined is not None and not rule.defined.truth and part.key == rule.defined.key
                    self.by_name.setdefault(name, []).append(rule if counts else None)
            for _, expr in view.analysis.spoken(rule):
                for name in references(expr, AMOUNT_NAME):
                    self.by_name.setdefault(name, []).append(None)

    def round_off(self, name: str) -> bool:
        """Whether every rule that reads an amount rounds its result; false when nothing reads it."""
        users = self.by_name.get(name, [])
        return bool(users) and name not in self.paid and all(self._rounds(user) for user in users)

    def pay(self, name: str) -> bool:
        """Whether an amount reaches, without rounding, an amount that a request proposes to pay."""
        users = (user for user in self.by_name.get(name, []) if user is not None and not _to_the_cent(user))
        return name in self.paid or any(self.pay(user.defines) for user in users)

    def _rounds(self, user: Rule | None) -> bool:
        if user is None:
            return False
        return _rounded(user) or self.round_off(user.defines)


def _rounded(rule: Rule) -> bool:
    return rule.defined is not None and rule.defined.rounding is not None


def _to_the_cent(rule: Rule) -> bool:
    rounding = rule.defined.rounding if rule.defined is not None else None
    return rounding is not None and Decimal(rounding.step) % _CENT == 0


def _outside_rounding(expr: Expr) -> Iterator[Expr]:
    """The nodes that contribute to the value, without rounded parts and conditions."""
    if expr.type.kind is Kind.BOOLEAN:
        return
    if expr.op != _ROUND:
        for arg in expr.args:
            yield from _outside_rounding(arg)
    yield expr


def _breaks_cents(node: Expr, parameters: Mapping[str, Parameter]) -> bool:
    """Whether a literal or an operation can give a fraction of a cent."""
    if node.type.kind is not Kind.AMOUNT:
        return False
    if node.op == LITERAL:
        return _finer(node.value)
    if node.op in (PARAMETER, HISTORY):
        return any(_finer(value.value) for value in parameters[node.value].values)
    if node.op == _ROUND:
        return _finer(node.args[1].value)
    if node.op == IN_SCALE and node.args[0].type.format:
        return True
    if node.op not in ("*", "/"):
        return False
    return node.op == "/" or not any(_is_whole(arg) for arg in node.args)


def _finer(value: object) -> bool:
    """Whether a literal number is not a whole number of cents; False when unknown."""
    return isinstance(value, int | str | Decimal) and Decimal(value) % _CENT != 0


def _is_whole(arg: Expr) -> bool:
    """Whether an operand is a whole number, including a literal such as `2.00`."""
    if arg.op == LITERAL:
        return Decimal(arg.value) == Decimal(arg.value).to_integral_value()
    return arg.type.kind is Kind.INTEGER and all(node.op != "/" for node in nodes(arg))
