"""Rules about each element of a list: `pour_chaque: f dans factures`.

Such a rule is compiled once, on a field that no rule can write (`factures[*]`), and evaluated for each element.  What
it names of an element, and whether it sets the element aside, are expressions on that field: a function on the list
reads them in place, on its own variable, so that both engines compute them wherever they are used.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from msgspec import structs

from recevable.language.diagnostics import Diagnostic, Span
from recevable.language.operations import OPERATIONS
from recevable.language.syntax import ExpressionError
from recevable.language.tree import (
    ABSENT,
    AMOUNT_NAME,
    AND,
    ANSWER,
    DEDUCTION,
    ELEMENT,
    FIELD,
    FILTER,
    LITERAL,
    NOT,
    OR,
    PRESENT,
    VARIABLE,
    Expr,
    answer_member,
    source_of,
)
from recevable.language.types import BOOLEAN, Kind, Type, lookup
from recevable.lazy import pattern
from recevable.pack.model import (
    MISSING,
    NOT_APPLICABLE,
    RECOVERY,
    WHEN,
    Check,
    Consequence,
    Defined,
    Listed,
    Loop,
    Manifest,
    Outcome,
    Result,
    Rule,
    Step,
)
from recevable.pack.nodes import Mapping, Node, Sequence

if TYPE_CHECKING:  # imported late: a command that finds its pack prepared reads no pack
    from recevable.pack.reader import Reader

KEY: Final = "pour_chaque"
_WRITTEN: Final = pattern(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s+dans\s+([A-Za-z_][A-Za-z0-9_.]*)\s*")
_DEMANDE: Final = "demande."
# What a name given to each element cannot have: it has one value for each.
_ALWAYS: Final = (WHEN, "exception_a", "en_vigueur")


def read_loop(reader: Reader, manifest: Manifest, requests: abc.Sequence[str]) -> Loop | None:
    """`pour_chaque: f dans factures`; None when absent, or when it is faulty."""
    text = reader.scalar(KEY, required=False)
    if text is None:
        return None
    found = _WRITTEN.fullmatch(text.text)
    if found is None:
        help = "Écrivez par exemple `pour_chaque: f dans factures`."
        reader.fault("PAQ-VALEUR", f"`{KEY}` nomme un élément, puis sa liste", text.span, help)
        return None
    if RECOVERY in requests:
        help = "Donnez-lui d'autres `demandes` ; le recouvrement lit une liste par une somme."
        reader.fault("PAQ-DEMANDE", "le recouvrement n'a pas de règle sur chaque élément", text.span, help)
        return None
    variable, path = found[1], found[2]
    if path.startswith(_DEMANDE):
        roots = dict.fromkeys(manifest.requests[name].root for name in requests if name in manifest.requests)
        if len(roots) != 1:
            message = f"`{path}` n'est pas la même liste dans chacune de ces demandes"
            reader.fault("PAQ-CHAMP", message, text.span, "Écrivez une règle pour chaque demande.")
            return None
        path = f"{next(iter(roots))}.{path.removeprefix(_DEMANDE)}"
    outer = outer_list(path, [*manifest.lists, *(one.each for one in manifest.requests.values() if one.each)])
    if outer:
        each = any(one.each == outer for one in manifest.requests.values())
        message, help = nested(found[2], outer, variable, "demande" if each else "e")
        reader.fault("PAQ-CHAMP", message, text.span, help)
        return None
    if path not in manifest.lists:
        from recevable.pack.hints import did_you_mean

        help = did_you_mean(path, manifest.lists) or (
            f"Déclarez-la dans programme.yaml : `listes: {{{path}: {{titre: …, cle: …}}}}`, où `cle` est le champ qui "
            "distingue ses éléments."
        )
        reader.fault("PAQ-CHAMP", f"`{path}` n'est pas une liste que le programme déclare", text.span, help, path)
        return None
    return Loop(variable, path, text)


def outer_list(path: str, lists: Iterable[str]) -> str:
    """The list whose elements hold what is at a path (`embauches` for `embauches[].primes`); empty when none does."""
    plain = path.replace(ELEMENT, "")
    return next((outer for outer in lists if plain.startswith(f"{outer}.")), "")


def nested(written: str, outer: str, variable: str, element: str) -> tuple[str, str]:
    """The message and the help of a rule about each element of a list that is inside elements."""
    message = f"`{written}` est une liste dans chaque élément de `{outer}`, et nulle règle ne porte sur un seul d'eux"
    name = f"{element}.{written.rpartition('.')[2]}"
    return message, f"Lisez-la dans une règle sur chaque élément de `{outer}` : `tous({variable} dans {name}, …)`."


def loop_faults(facts: Type, rules: Iterable[Rule]) -> Iterator[Diagnostic]:
    """Faults of rules about each element, and of elements that a rule about none sets aside."""
    known = {rule.id: rule for rule in rules}
    owners: dict[str, Rule] = {}
    for rule in known.values():
        if rule.loop is None:
            yield from _of_no_element(rule)
            continue
        other = known.get(rule.exception_to.text) if rule.exception_to is not None else None
        elsewhere = other is not None and (other.loop is None or other.loop.path != rule.loop.path)
        if rule.exception_to is not None and other is not None and elsewhere:
            message = f"`{other.id}` ne porte pas sur chaque élément de `{rule.loop.path}`"
            help = "L'exception et sa règle portent sur la même liste."
            yield Diagnostic("PAQ-EXCEPTION", message, rule.exception_to.span, help)
        if rule.defined is not None:
            first = owners.setdefault(rule.defines, rule)
            yield from _named(facts, rule.loop, rule, rule.defined, first)


def _of_no_element(rule: Rule) -> Iterator[Diagnostic]:
    for cause in rule.causes:
        if cause.consequence is Consequence.SET_ASIDE:
            message = "`ecarter` écarte un élément d'une liste, et cette règle ne porte sur aucun"
            help = "Ajoutez `pour_chaque`, avec la liste, ou donnez une autre conséquence."
            yield Diagnostic("PAQ-CAUSE", message, _consequence(rule, cause.path), help)


def _named(facts: Type, loop: Loop, rule: Rule, defined: Defined, first: Rule) -> Iterator[Diagnostic]:
    """Faults of a name given to each element."""
    list_, name = lookup(facts, loop.path), defined.name
    if list_ is not None and list_.item is not None and name.text in list_.item.fields:
        message = f"`{name.text}` est déjà un champ de chaque élément de `{loop.path}`"
        yield Diagnostic("PAQ-NOM", message, name.span, "Choisissez un autre nom.")
    elif first is not rule:
        message = f"`{name.text}` est déjà donné à chaque élément par `{first.id}` ({first.span})"
        yield Diagnostic("PAQ-NOM", message, name.span, "Écrivez une seule règle, avec `si … alors … sinon …`.")
    for key in _ALWAYS:
        if rule.node is not None and key in rule.node.keys:
            message = f"ce qui est donné à chaque élément n'a pas de `{key}`"
            help = "Écrivez `si … alors … sinon …`, pour qu'aucun élément ne reste sans valeur."
            yield Diagnostic("PAQ-CLE-INCONNUE", message, rule.node.keys[key].span, help)


def _consequence(rule: Rule, path: abc.Sequence[str | int]) -> Span:
    """The place of the consequence of a cause."""
    node: Node | None = rule.node
    for step in (*path, "consequence"):
        node = node.entries[step] if isinstance(node, Mapping) and isinstance(step, str) else (
            node.items[step] if isinstance(node, Sequence) and isinstance(step, int) else None
        )  # fmt: skip
    return node.span if node is not None else rule.span


def with_field(facts: Type, path: str, type_: Type) -> Type:
    """The facts, and a field at a path whose parents are objects."""
    head, _, rest = path.partition(".")
    fields = {**facts.fields, head: with_field(facts.fields[head], rest, type_) if rest else type_}
    return structs.replace(facts, fields=fields)


def with_named(facts: Type, manifest: Manifest, rules: Iterable[Rule]) -> Type:
    """The facts, and in each element the names that rules give to it."""
    named: dict[str, dict[str, Type]] = {}
    for rule in rules:
        if rule.loop is not None and rule.defined is not None:
            type_ = structs.replace(rule.defined.type, title=rule.title)
            named.setdefault(rule.loop.path, {}).setdefault(rule.defines, type_)
    for path, names in named.items():
        list_ = lookup(facts, path)
        assert list_ is not None
        assert list_.item is not None
        item = structs.replace(list_.item, fields={**names, **list_.item.fields})
        facts = with_field(facts, path, structs.replace(list_, item=item))
        facts = with_field(facts, manifest.lists[path].root, item)
    return facts


def of_each(one: Listed, check: Check, aside: Expr | None) -> Check:
    """The check of a rule about each element: it waits for the list, and asks nothing without an element.

    Nor does it when the element is set aside (`aside`).
    """
    there = Expr(PRESENT, (), BOOLEAN, one.root)
    # any function on the list is unknown without it
    listed = Expr("tous", (Expr(FIELD, (), Type(Kind.LIST), one.path), _TRUE), BOOLEAN, _EACH)
    steps = (
        Step(Expr(OR, (there, listed), BOOLEAN), None, None, MISSING, implied=True),
        Step(there, None, NOT_APPLICABLE, implied=True),
        *((Step(aside, NOT_APPLICABLE, None, None, implied=True),) if aside is not None else ()),
    )
    return structs.replace(check, steps=(*steps, *check.steps))


def excluded(rule: Rule, check: Check) -> Expr:
    """Whether a check of a rule sets the element aside; unknown when its outcome is."""
    causes = rule.causes_aside

    def aside(outcome: Outcome | None, rest: Expr) -> Expr:
        if outcome is None:
            return rest
        return _TRUE if outcome.result is Result.FAILED and outcome.cause in causes else NEVER

    found = aside(check.final, NEVER)
    for step in reversed(check.steps):
        found = _either(step.test, aside(step.true, found), aside(step.false, found))
    return found


def _either(test: Expr, yes: Expr, no: Expr) -> Expr:
    """`si test alors yes sinon no`, known where one operand settles it."""
    if yes == no:
        return yes
    if no == NEVER:
        return test if yes == _TRUE else Expr(AND, (test, yes), BOOLEAN)
    opposite = Expr(NOT, (test,), BOOLEAN)
    if yes == NEVER:
        return opposite if no == _TRUE else Expr(AND, (opposite, no), BOOLEAN)
    return Expr(OR, (test, no), BOOLEAN) if yes == _TRUE else Expr("si", (test, yes, no), BOOLEAN)


class ElementRewriter:
    """Reads lists as the rules about each of their elements have it: without those set aside, with what they name.

    `lists` are the declared ones by path; `named` gives the expression of a name on the field of an element, `aside`
    that of being set aside and the rules that do it (None: none does); `asked` are the questions about each element.
    """

    def __init__(
        self,
        lists: abc.Mapping[str, Listed],
        names: abc.Mapping[str, abc.Mapping[str, str]],
        named: Callable[[str], Expr],
        aside: Callable[[str], tuple[Expr, str] | None],
        fresh: Iterator[int],
        asked: abc.Container[str],
    ) -> None:
        self.lists, self.names, self.named, self.aside = lists, names, named, aside
        self._roots = {one.root: path for path, one in lists.items()}
        self._fresh, self.asked = fresh, asked

    def rewritten(self, expr: Expr) -> Expr:
        """The expression, so rewritten; the same object when nothing changes."""
        return self._visit(expr, {})

    def _visit(self, expr: Expr, loops: abc.Mapping[str, str]) -> Expr:
        if expr.op == FIELD:
            return self._field(expr)
        if expr.op in (PRESENT, ABSENT):
            self._presence(expr, loops)
            return expr
        if expr.op == VARIABLE:
            variable, path = expr.value
            name = path.partition(".")[0]
            list_ = loops.get(variable, "")
            if name not in self.names.get(list_, {}):
                return expr
            return self.on_variable(self.named(name), self.lists[list_].root, variable)
        if not expr.args:
            return expr
        if expr.op in OPERATIONS and OPERATIONS[expr.op].over_list:
            return self._loop(expr, loops)
        return _with(expr, tuple(self._visit(arg, loops) for arg in expr.args))

    def _field(self, expr: Expr) -> Expr:
        root, _, name = str(expr.value).rpartition(".")
        list_ = self._roots.get(root, "")
        if name not in self.names.get(list_, {}):
            return expr
        return Expr(self.names[list_][name], (), expr.type, name, expr.start, expr.end)

    def _presence(self, expr: Expr, loops: abc.Mapping[str, str]) -> None:
        if expr.args:
            variable, name = expr.value
            list_ = loops.get(variable, "")
        else:
            root, _, name = str(expr.value).rpartition(".")
            list_ = self._roots.get(root, "")
        if name in self.names.get(list_, {}):
            message = f"`{name}` n'est pas un champ du dossier : sa présence n'a pas de sens"
            raise ExpressionError(message, expr.start, expr.end)

    def _loop(self, expr: Expr, loops: abc.Mapping[str, str]) -> Expr:
        source = source_of(expr)
        path = str(source.value) if source.op == FIELD else ""
        inside = {**loops, str(expr.value): path}
        body = self._visit(expr.args[1], inside)
        kept = self._visit(expr.args[0].args[1], inside) if expr.args[0] is not source else None
        aside = self.aside(path) if path in self.lists else None
        if aside is not None:
            test, rules = aside
            out = self.on_variable(test, self.lists[path].root, str(expr.value))
            stays = Expr(NOT, (out,), BOOLEAN, rules)
            kept = stays if kept is None else Expr(AND, (stays, kept), BOOLEAN)
        if kept is not None:
            source = Expr(FILTER, (source, kept), source.type, expr.value, source.start, source.end)
        return _with(expr, (source, body))

    def on_variable(self, expr: Expr, root: str, variable: str) -> Expr:
        """An expression on the field of an element, on the variable of a loop over its list.

        Its own loops get variables that no other loop has.
        """

        def visit(node: Expr, renamed: abc.Mapping[str, str]) -> Expr:
            if node.op == FIELD:
                rest = _below(str(node.value), root)
                return node if rest is None else Expr(VARIABLE, (), node.type, (variable, rest))
            if node.op in (PRESENT, ABSENT) and not node.args:
                rest = _below(str(node.value), root)
                if rest is None:
                    return node
                item = Expr(VARIABLE, (), BOOLEAN, (variable, rest))
                return Expr(node.op, (item,), BOOLEAN, item.value)
            if node.op == VARIABLE:
                own, path = node.value
                return structs.replace(node, value=(renamed.get(own, own), path))
            if node.op in (PRESENT, ABSENT):
                item = visit(node.args[0], renamed)
                return structs.replace(node, args=(item,), value=item.value)
            if node.op == ANSWER and node.value in self.asked:
                return Expr(VARIABLE, (), node.type, (variable, answer_member(str(node.value))))
            if node.op == AMOUNT_NAME or node.op == DEDUCTION:
                each = any(node.value in names for names in self.names.values())
                return visit(self.named(str(node.value)), renamed) if each else node
            if node.op in OPERATIONS and OPERATIONS[node.op].over_list:
                own = f"{node.value}_{next(self._fresh)}"
                inside = {**renamed, str(node.value): own}
                source = node.args[0]
                if source.op == FILTER:
                    kept = visit(source.args[1], inside)
                    source = structs.replace(source, args=(visit(source.args[0], renamed), kept), value=own)
                else:
                    source = visit(source, renamed)
                return structs.replace(node, args=(source, visit(node.args[1], inside)), value=own)
            return _with(node, tuple(visit(arg, renamed) for arg in node.args))

        return visit(expr, {})


def _below(path: str, root: str) -> str | None:
    """The rest of a path below another; None when it is elsewhere."""
    return path.removeprefix(root).removeprefix(".") if f"{path}.".startswith(f"{root}.") else None


def _with(expr: Expr, args: tuple[Expr, ...]) -> Expr:
    same = all(new is old for new, old in zip(args, expr.args, strict=True))
    return expr if same else structs.replace(expr, args=args)


_TRUE: Final = Expr(LITERAL, (), BOOLEAN, True)
NEVER: Final = Expr(LITERAL, (), BOOLEAN, False)
# The variable of a loop that reads nothing of its element.
_EACH: Final = "element"
