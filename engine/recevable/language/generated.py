"""The second evaluator of typed trees: one generated Python function that computes many at once.

It has the semantics of `evaluate.py` and shares only the trees with it: straight-line code, each distinct
sub-expression once, over the operations of `generated_operations.py`.  Both run on every decision and must agree.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import count
from types import CodeType
from typing import Any

from recevable.language.evaluate import Layout, Slots
from recevable.language.generated_operations import CALLED, FOLDED, INLINE, NUMBERS, ZONED, bounded, selected
from recevable.language.tree import (
    ABSENT,
    AND,
    FIELD,
    FILTER,
    LITERAL,
    OR,
    PRESENT,
    REFERENCES,
    VARIABLE,
    Expr,
)
from recevable.language.types import NUMERIC, Kind

# The content of a slot: an expression, or a function of the values of expressions.
Stored = Expr | tuple[Callable[..., Any], tuple[Expr, ...]]


class Program:
    """Computes `results`, in order, from slots.  It can be pickled, as compiled code and constants.

    `stores` are computed first, in order: each writes a slot, which later expressions may read.
    """

    def __init__(self, results: Sequence[Expr], layout: Layout, stores: Sequence[tuple[int, Stored]] = ()) -> None:
        writer = _Writer(layout)
        for slot, value in stores:
            writer.store(slot, value)
        names = [writer.name(expr) for expr in results]
        body = "\n".join(f"    {line}" for line in [*writer.lines, f"return [{', '.join(names)}]"])
        # constants are default arguments: local names are faster than global ones
        bound = "".join(f", {name}={name}" for name in writer.constants)
        # the source consists of slot numbers and generated names: no text of a rule or of a dossier enters it
        self._code = compile(f"def run(s{bound}):\n{body}\n", "<recevable>", "exec")
        self._constants = writer.constants
        self._run = self._function()

    def __call__(self, slots: Slots) -> list[Any]:
        """The values of the results; also writes the slots of the stores."""
        return self._run(slots)

    def _function(self) -> Callable[[Slots], list[Any]]:
        namespace: dict[str, Any] = dict(self._constants)
        exec(self._code, namespace)  # see above
        run: Callable[[Slots], list[Any]] = namespace["run"]
        return run

    def __getstate__(self) -> tuple[bytes, dict[str, Any]]:
        return marshal.dumps(self._code), self._constants

    def __setstate__(self, state: tuple[bytes, dict[str, Any]]) -> None:
        code = marshal.loads(state[0])
        assert isinstance(code, CodeType)
        self._code, self._constants = code, state[1]
        self._run = self._function()


class _Writer:
    def __init__(self, layout: Layout, items: dict[str, str] | None = None) -> None:
        """`items` maps each enclosing loop variable to the Python variable of its item."""
        self.layout, self.items = layout, items or {}
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {}
        self.shared: dict[int, str] = {}
        self.functions = count()
        self.known: dict[Expr, str] = {}

    def store(self, slot: int, value: Stored) -> None:
        if isinstance(value, Expr):
            text = self.name(value)
        else:
            function, operands = value
            text = f"{self.constant(function)}({', '.join(self.name(operand) for operand in operands)})"
        self.lines.append(f"s[{slot}] = {text}")

    def constant(self, value: Any) -> str:
        """The name of a constant of the function; equal constants share one name."""
        name = self.shared.setdefault(id(value), f"k{len(self.shared)}")
        self.constants[name] = value
        return name

    def name(self, expr: Expr) -> str:
        """The name of the variable that holds an expression, computed on first use."""
        if expr not in self.known:
            text = self.text(expr)
            if expr.op != LITERAL:
                variable = f"t{len(self.known)}"
                self.assign(variable, text, guarded=expr.op in CALLED or expr.op in NUMBERS or expr.op in FOLDED)
                text = variable
            self.known[expr] = text
        return self.known[expr]

    def assign(self, variable: str, text: str, *, guarded: bool) -> None:
        """Generate an assignment; `guarded` gives unknown when the result exceeds the calendar or the digits."""
        if not guarded:
            self.lines.append(f"{variable} = {text}")
            return
        self.lines += ["try:", f"    {variable} = {text}"]
        self.lines += ["except (ValueError, ArithmeticError):", f"    {variable} = None"]

    def text(self, expr: Expr) -> str:
        if expr.op == LITERAL:
            return str(expr.value) if isinstance(expr.value, bool) else self.constant(expr.value)
        if expr.op in REFERENCES:
            return f"s[{self.layout.slot(expr.op, expr.value)}]"
        if expr.op in (PRESENT, ABSENT) and not expr.args:
            return f"s[{self.layout.slot(FIELD, expr.value)}] is {'not ' if expr.op == PRESENT else ''}None"
        if expr.op == VARIABLE:
            return self.variable(*expr.value)
        if expr.op in FOLDED:
            return self.over_list(expr)
        if expr.op == FILTER:
            return self.filtered(expr)
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
        """A member of the item of a loop; a missing one is unknown."""
        text = self.items[name]
        for part in path.split(".") if path else ():
            text = f"(({text}) or {{}}).get({part!r})"
        return text

    def over_list(self, expr: Expr) -> str:
        """Make the body a function of the item, called on each element; it recomputes what it reads."""
        source, values = self.each(expr)
        zero: Any = 0 if expr.type.kind is Kind.INTEGER else Decimal(0)
        return f"None if {source} is None else {self.constant(FOLDED[expr.op])}({values}, {self.constant(zero)})"

    def filtered(self, expr: Expr) -> str:
        """The elements that meet the condition."""
        source, values = self.each(expr)
        return f"None if {source} is None else {self.constant(selected)}({source}, {values})"

    def each(self, expr: Expr) -> tuple[str, str]:
        """The variable of a list, and the values of the second operand on its elements."""
        source = self.name(expr.args[0])
        body = _Writer(self.layout, {**self.items, expr.value: f"i{len(self.items)}"})
        body.constants, body.shared, body.functions = self.constants, self.shared, self.functions
        result = body.name(expr.args[1])
        function = f"f{next(self.functions)}"
        parameters = ", ".join(body.items.values())
        self.lines.append(f"def {function}(s, {parameters}):")
        self.lines += [f"    {line}" for line in (*body.lines, f"return {result}")]
        outer = "".join(f", {item}" for item in self.items.values())
        return source, f"[{function}(s{outer}, i) for i in {source}]"

    def strict(self, expr: Expr, operands: Sequence[str]) -> str:
        literal = {name for name, arg in zip(operands, expr.args, strict=True) if arg.op == LITERAL}
        open_ = " or ".join(f"{name} is None" for name in dict.fromkeys(operands) if name not in literal)
        if expr.op in INLINE:
            value = INLINE[expr.op].format(*operands)
        elif expr.op in NUMBERS and expr.type.kind in NUMERIC:
            value = f"{self.constant(bounded)}({NUMBERS[expr.op].format(*operands)})"
        else:
            zone = f"{self.constant(self.layout.zone)}, " if expr.op in ZONED else ""
            value = f"{self.constant(CALLED[expr.op])}({zone}{', '.join(operands)})"
        return f"None if {open_} else {value}" if open_ else value
