"""EXP-LISTE-ENTIERE: a rule reads a whole list where one element, or some of them only, was probably meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from recevable.language.diagnostics import Severity
from recevable.language.operations import OPERATIONS
from recevable.language.tree import (
    ABSENT,
    AMOUNT_NAME,
    AND,
    ANSWER,
    DECIDED,
    DEDUCTION,
    EACH,
    ELEMENT,
    FIELD,
    NOT,
    OR,
    PRESENT,
    VARIABLE,
    Expr,
    nodes,
    references,
    source_of,
)
from recevable.lint.model import Fault, View
from recevable.pack.model import Rule

CODE: Final = "EXP-LISTE-ENTIERE"
SEVERITY: Final = Severity.WARNING
_CONNECTED: Final = frozenset({AND, OR, NOT, "si"})
_TESTS: Final = frozenset({"nombre", "tous", "certains"})
_TOLERATE: Final = "Si le texte compte bien tous les éléments, tolérez le constat avec ce motif."


def check(view: View) -> Iterator[Fault]:
    """Report each such reading once, in the first context where it is one."""
    manifest = view.pack.manifest
    if not manifest.lists and not any(request.each for request in manifest.requests.values()):
        return
    for rule in view.pack.rules.values():
        seen: set[tuple[str, int]] = set()
        for context in view.compiled.evaluated_in(rule):
            use = _ListUse(view, context, rule)
            for part in view.analysis.parts_in(context, rule):
                for atom in _atoms(part.expr):
                    for loop in nodes(atom):
                        if loop.op not in OPERATIONS or not OPERATIONS[loop.op].over_list:
                            continue
                        fault = use.fault(atom, loop)
                        if fault is not None and (part.text.text, loop.start) not in seen:
                            seen.add((part.text.text, loop.start))
                            yield Fault(part.place(loop), *fault, rule.id)


def _atoms(expr: Expr) -> Iterator[Expr]:
    """What connectives join: an element that one of them reads says nothing of the others."""
    if expr.op in _CONNECTED:
        for arg in expr.args:
            yield from _atoms(arg)
    else:
        yield expr


class _ListUse:
    """How a rule reads lists in one context."""

    def __init__(self, view: View, context: str, rule: Rule) -> None:
        self.view, self.context, self.rule = view, context, rule
        requests = view.pack.manifest.requests.values()
        self.each = {request.each: request for request in requests if request.each}
        self.named = {one.name: one.exprs for one in view.compiled.context(context).definitions}

    def fault(self, atom: Expr, loop: Expr) -> tuple[str, str] | None:
        """The message and the help; None when the list is rightly read."""
        source = source_of(loop)
        if source.op != FIELD:
            return None
        path = str(source.value)
        request, own = self.each.get(path), self.rule.loop
        if own is not None and own.path == path:
            return None if self._about(atom, path + EACH) else _of_one(path, own.variable)
        if request is not None and request.name == self.context:
            return None if self._about(atom, path + ELEMENT) else _of_one(path, "demande")
        if request is not None and loop.args[0] is source:
            message = f"`{path}` réunit toutes les demandes `{request.name}`, celles qui sont rejetées aussi"
            help = (
                f"Lisez ce qui en est décidé, dans `{DECIDED}.{request.name}`, ou dites lesquelles compter : "
                f"`{loop.op}({loop.value} dans {path} si …, …)`."
            )
            return message, help
        others = self.view.compiled.setting_aside.get(path, ())
        if not others or any(self.context in other.requests for other in others) or self._restated(loop, others):
            return None
        names = " et ".join(f"`{other.id}`" for other in others)
        verb = "écarte" if len(others) == 1 else "écartent"
        where = "le recouvrement" if self.context not in self.view.pack.manifest.requests else f"`{self.context}`"
        message = f"{where} lit tous les éléments de `{path}`, aussi ceux que {names} {verb} ailleurs"
        help = f"Reprenez leur condition : `{loop.op}({loop.value} dans {path} si …, …)`. {_TOLERATE}"
        return message, help

    def _about(self, expr: Expr, root: str) -> bool:
        """Whether an expression reads the element that the rule is about, through names too."""
        for node in nodes(expr):
            if node.op == ANSWER:
                return True
            if node.op in (FIELD, PRESENT, ABSENT) and not node.args and f"{node.value}.".startswith(f"{root}."):
                return True
        names = references(expr, AMOUNT_NAME, DEDUCTION)
        return any(self._about(one, root) for name in names for one in self.named.get(name, ()))

    def _restated(self, loop: Expr, others: tuple[Rule, ...]) -> bool:
        """Whether what retains elements reads a field that the rules which set them aside read."""
        kept = list(loop.args[0].args[1:]) if loop.args[0] is not source_of(loop) else []
        if loop.op in _TESTS:
            kept.append(loop.args[1])
        variables = {node.value[1] for test in kept for node in nodes(test) if node.op == VARIABLE}
        for other in others:
            assert other.loop is not None
            root = f"{other.loop.root}."
            for part in self.view.analysis.parts(other):
                read = (str(node.value) for node in nodes(part.expr) if node.op in (FIELD, PRESENT, ABSENT))
                if any(field.removeprefix(root) in variables for field in read if field.startswith(root)):
                    return True
        return False


def _of_one(path: str, name: str) -> tuple[str, str]:
    message = f"cette règle porte sur un élément de `{path}`, et lit ici la liste entière"
    return message, f"Écrivez `{name}.` suivi du champ, pour lire cet élément seul. {_TOLERATE}"
