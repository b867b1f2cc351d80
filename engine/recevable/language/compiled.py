"""A second target for typed trees: one Python function that computes many of them at once, for long runs.

Straight-line code, each distinct sub-expression once.  It means exactly what `evaluate.py` means; the tests hold them
together on generated expressions.  Worth its compilation after some tens of dossiers, never for one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from recevable.language.evaluate import FOLDS, Layout, Slots
from recevable.language.operations import OPERATIONS
from recevable.language.tree import (
    ABSENT,
    AND,
    FIELD,
    LITERAL,
    NOT,
    OR,
    PRESENT,
    REFERENCES,
    VARIABLE,
    Expr,
)
from recevable.language.types import NUMERIC, Kind

Program = Callable[[Slots], list[Any]]
# What a slot receives: an expression, or a function of the values of expressions.
Stored = Expr | tuple[Callable[..., Any], tuple[Expr, ...]]

# Operations that Python computes in place; the others call the function of their row.
_INLINE: Final = {
    "=": "{0} == {1}", "!=": "{0} != {1}", "<": "{0} < {1}", "<=": "{0} <= {1}", ">": "{0} > {1}", ">=": "{0} >= {1}",
    "*": "{0} * {1}", "entre": "{1} <= {0} <= {2}", NOT: "not {0}",
}  # fmt: skip


def program(results: Sequence[Expr], layout: Layout, stores: Sequence[tuple[int, Stored]] = ()) -> Program:
    """A function from slots to the values of `results`, in order.

    `stores` come first, in order: each writes a slot, which later expressions may read.
    """
    writer = _Writer(layout)
    for slot, value in stores:
        writer.store(slot, value)
    names = [writer.name(expr) for expr in results]
    body = "\n".join(f"    {line}" for line in [*writer.lines, f"return [{', '.join(names)}]"])
    namespace: dict[str, Any] = dict(writer.constants)
    # constants are default arguments: a local name is read faster than a global one
    bound = "".join(f", {name}={name}" for name, value in writer.constants.items() if value is not None)
    # the source is made of slot numbers and names generated below: no text of a rule or of a dossier enters it
    exec(compile(f"def run(s{bound}):\n{body}\n", "<recevable>", "exec"), namespace)  # see above
    run: Program = namespace["run"]
    return run


class _Writer:
    def __init__(self, layout: Layout, items: dict[str, str] | None = None) -> None:
        """`items` names, for each loop variable around, the Python variable that holds its item."""
        self.layout, self.items = layout, items or {}
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {}
        self.known: dict[Expr, str] = {}

    def store(self, slot: int, value: Stored) -> None:
        if isinstance(value, Expr):
            text = self.name(value)
        else:
            function, operands = value
            text = f"{self.constant(function)}({', '.join(self.name(operand) for operand in operands)})"
        self.lines.append(f"s[{slot}] = {text}")

    def constant(self, value: Any) -> str:
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def name(self, expr: Expr) -> str:
        """The name of the variable that holds an expression, computed on first use."""
        if expr not in self.known:
            text = self.text(expr)
            if expr.op != LITERAL:
                variable = f"t{len(self.known)}"
                self.lines.append(f"{variable} = {text}")
                text = variable
            self.known[expr] = text
        return self.known[expr]

    def text(self, expr: Expr) -> str:
        if expr.op == LITERAL:
            return str(expr.value) if isinstance(expr.value, bool) else self.constant(expr.value)
        if expr.op in REFERENCES:
            return f"s[{self.layout.slot(expr.op, expr.value)}]"
        if expr.op in (PRESENT, ABSENT) and not expr.args:
            return f"s[{self.layout.slot(FIELD, expr.value)}] is {'not ' if expr.op == PRESENT else ''}None"
        if expr.op == VARIABLE:
            return self.variable(*expr.value)
        if OPERATIONS[expr.op].over_list:
            return self.over_list(expr)
        operands = [self.name(arg) for arg in expr.args]
        if expr.op in (PRESENT, ABSENT):
            return f"{operands[0]} is {'not ' if expr.op == PRESENT else ''}None"
        if expr.op in (AND, OR):
            decisive = "False" if expr.op == AND else "True"
            settled = " or ".join(f"{name} is {decisive}" for name in operands)
            open_ = " or ".join(f"{name} is None" for name in operands)
            return f"{decisive} if {settled} else None if {open_} else {'True' if expr.op == AND else 'False'}"
        if expr.op == "si":
            condition, yes, no = operands
            return f"None if {condition} is None else {yes} if {condition} else {no}"
        return self.strict(expr, operands)

    def variable(self, name: str, path: str) -> str:
        """A member of the item that a loop looks at; a missing one is unknown."""
        text = self.items[name]
        for part in path.split(".") if path else ():
            text = f"(({text}) or {{}}).get({part!r})"
        return text

    def over_list(self, expr: Expr) -> str:
        """The body becomes a function of the item, called on each; it computes anew what it reads."""
        source = self.name(expr.args[0])
        body = _Writer(self.layout, {**self.items, expr.value: f"i{len(self.items)}"})
        body.constants = self.constants
        result = body.name(expr.args[1])
        function = f"f{len(self.constants)}"
        self.constants[function] = None
        parameters = ", ".join(body.items.values())
        self.lines.append(f"def {function}(s, {parameters}):")
        self.lines += [f"    {line}" for line in (*body.lines, f"return {result}")]
        outer = "".join(f", {item}" for item in self.items.values())
        zero: Any = 0 if expr.type.kind is Kind.INTEGER else Decimal(0)
        values = f"[{function}(s{outer}, i) for i in {source}]"
        return f"None if {source} is None else {self.constant(FOLDS[expr.op])}({values}, {self.constant(zero)})"

    def strict(self, expr: Expr, operands: Sequence[str]) -> str:
        row = OPERATIONS[expr.op]
        literal = {name for name, arg in zip(operands, expr.args, strict=True) if arg.op == LITERAL}
        open_ = " or ".join(f"{name} is None" for name in dict.fromkeys(operands) if name not in literal)
        if expr.op in _INLINE:
            value = _INLINE[expr.op].format(*operands)
        elif expr.op in ("+", "-") and expr.type.kind in NUMERIC:
            value = f"{operands[0]} {expr.op} {operands[1]}"
        else:
            zone = f"{self.constant(self.layout.zone)}, " if row.zoned else ""
            value = f"{self.constant(row.compute)}({zone}{', '.join(operands)})"
        return f"None if {open_} else {value}" if open_ else value
