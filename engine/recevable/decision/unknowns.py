"""The data behind an outcome: why a result is unknown, and which values a failed rule compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from msgspec import structs

from recevable.decision.model import Datum, DatumOrigin, Finding
from recevable.decision.wording import day as day_words
from recevable.language.evaluate import Evaluator, Evaluators, Slots
from recevable.language.operations import FIRST, OF_SOME, OPERATIONS
from recevable.language.tree import (
    ABSENT,
    AMOUNT_NAME,
    ANSWER,
    AT,
    DECIDED,
    DEDUCTION,
    EACH,
    ELEMENT,
    FIELD,
    HISTORY,
    IN_GRID,
    IN_SCALE,
    PARAMETER,
    PRESENT,
    RANK,
    REFERENCES,
    VARIABLE,
    Expr,
    answer_member,
    nodes,
    source_of,
)
from recevable.language.types import TABLES, TEXT, Type, lookup
from recevable.language.unparse import unparse
from recevable.pack.graph import Graph
from recevable.pack.model import Check, Context, Definition, Pack

_DATA: Final = (REFERENCES - {HISTORY}) | {VARIABLE}


class Unknowns:
    """Finds the data behind an outcome of one context, with the closures `built` for its expressions."""

    def __init__(self, pack: Pack, context: Context, built: Evaluators) -> None:
        self.pack, self.context, self.built = pack, context, built
        self.layout = context.layout
        self.graph = Graph(context.definitions)
        request = context.request
        roots = [loop.list.root for loop in context.loops]
        if request is not None and request.each:
            roots.append(request.root)
        # the paths of the elements that rules are about, and the slots of their ranks
        self._elements = [(root, self.layout.slots[RANK, root]) for root in roots]
        asked = [rule for loop in context.loops for rule in loop.rules]
        # the questions about each element of a list, by the member of an element that has their answer
        self.asked = {answer_member(rule): rule for rule in asked}
        self._readers: dict[int, list[tuple[Expr, Evaluator]]] = {}

    def evaluator(self, expr: Expr) -> Evaluator:
        """The evaluator of an expression, built once."""
        return self.built.of(expr)

    def of_check(self, check: Check, slots: Slots) -> tuple[Datum, ...]:
        """The data that prevent a check from answering: those of the first unknown test that stops it."""
        for step in check.steps:
            value = self.evaluator(step.test)(slots)
            if value is None and step.unknown is not None:
                return self.of_expr(step.test, slots)
            if step.answer(value) is not None:
                break
        return ()

    def of_expr(self, expr: Expr, slots: Slots) -> tuple[Datum, ...]:
        """The data that make an expression unknown; elements of a list as `factures[1].payee`, counted from 0."""
        search = _Search(self, slots)
        search.expr(expr)
        return tuple(search.found.values())

    def of_definition(self, definition: Definition, slots: Slots) -> tuple[Datum, ...]:
        """The data that make a named value unknown."""
        search = _Search(self, slots)
        search.definition(definition.name)
        return tuple(search.found.values())

    def place(self, path: str, slots: Slots) -> str:
        """The path of a field in the dossier: `embauches[2].salarie` in the request of an element."""
        for element, rank in self._elements:
            if f"{path}.".startswith(f"{element}.") and slots[rank] is not None:
                return f"{element.removesuffix(ELEMENT).removesuffix(EACH)}[{slots[rank]}]{path.removeprefix(element)}"
        return path

    def note(self, expr: Expr, slots: Slots) -> Datum:
        """The datum that describes an unknown reference."""
        if expr.op == PARAMETER:
            parameter = self.pack.parameters[expr.value]
            request = self.context.request
            if not parameter.by_decision and request is not None:
                slot = self.layout.slots.get((FIELD, request.reception))
                reception = lookup(self.pack.facts, request.reception)
                if slot is not None and slots[slot] is None and reception is not None:
                    name = self.place(request.reception, slots)
                    return Datum(name, self.titled(request.reception), reception, None)
            return _marked(DatumOrigin.PARAMETER, expr.value, parameter.title, parameter.type)
        if expr.op == ANSWER:
            return _marked(DatumOrigin.ANSWER, expr.value, self.pack.rules[expr.value].title, TEXT)
        asked = self.pack.manifest.requests.get(expr.value.removeprefix(f"{DECIDED}."))
        if asked is not None and expr.value.startswith(f"{DECIDED}."):
            # nothing was decided, for want of the list
            type_ = lookup(self.pack.facts, asked.each)
            return Datum(asked.each, self.titled(asked.each), type_ or expr.type, None)
        return Datum(self.place(expr.value, slots), self.titled(expr.value), expr.type, None)

    def without_value(self, expr: Expr, day: date) -> Datum:
        """The datum that describes a parameter that has no known value at a date of the law."""
        parameter = self.pack.parameters[expr.value]
        title = f"{parameter.title} (au {day_words(day)})"
        return _marked(DatumOrigin.PARAMETER, f"{parameter.name} au {day}", title, parameter.type)

    def without_holidays(self, expr: Expr) -> Datum:
        """The datum that describes public holidays that the pack does not have."""
        parameter = self.pack.parameters[expr.value]
        last = parameter.until or parameter.values[-1].start
        title = f"{parameter.title} (du {day_words(parameter.values[0].start)} au {day_words(last)} seulement)"
        return _marked(DatumOrigin.PARAMETER, parameter.name, title, parameter.type)

    def titled(self, path: str) -> str:
        """The titles leading to a field when its own is ambiguous: `Décision › Sens`; its path without any title."""
        parts = path.split(".")
        types = [lookup(self.pack.facts, ".".join(parts[:end])) for end in range(1, len(parts) + 1)]
        titles = [type_.title for type_ in types if type_ is not None]
        return " › ".join(dict.fromkeys(filter(None, titles))) if titles and titles[-1] else path

    def absences(self, check: Check) -> frozenset[str]:
        """The names of the data whose presence a check tests, directly or through deductions.

        Elements of a list have no index here: `factures[].payee`.
        """
        present: set[str] = set()
        elements: set[tuple[str, str]] = set()
        loops: list[Expr] = []
        for expr in self.graph.reached(*(step.test for step in check.steps)):
            for node in nodes(expr):
                if node.op in (PRESENT, ABSENT):
                    if isinstance(node.value, str):
                        present.add(node.value)
                    elif node.value is not None:
                        elements.add(node.value)
                elif node.op in OPERATIONS and OPERATIONS[node.op].over_list:
                    loops.append(node)
        return frozenset(present | {place for element in elements for place in _places(*element, loops)})

    def values(self, check: Check, slots: Slots) -> tuple[Datum, ...]:
        """The values read by the deciding tests of a check."""
        return self.read(check.steps[-1].test, slots) if check.steps else ()

    def readers(self, check: Check) -> list[Evaluator]:
        """What gives each of these values."""
        return [read for _, read in self._reading(check.steps[-1].test)] if check.steps else []

    def _reading(self, test: Expr) -> list[tuple[Expr, Evaluator]]:
        readers = self._readers.get(id(test))
        if readers is None:
            # what is read of a parameter is one value; at each element of a list, it has none here
            leaves = dict.fromkeys(node for node in nodes(test) if _reads_one(node))
            readers = self._readers[id(test)] = [(expr, self.evaluator(expr)) for expr in leaves]
        return readers

    def read(self, test: Expr, slots: Slots) -> tuple[Datum, ...]:
        """The values read by an expression."""
        readers = self._reading(test)
        if self._elements:
            names = [self.place(_called(expr), slots) for expr, _ in readers]
        else:
            names = [_called(expr) for expr, _ in readers]
        return tuple(
            [Datum(name, e.type.title, e.type, read(slots)) for name, (e, read) in zip(names, readers, strict=True)]
        )


class _Search:
    """Finds what makes one expression unknown; sets loop variables in its own copy of the slots."""

    def __init__(self, unknowns: Unknowns, slots: Slots) -> None:
        self.unknowns, self.slots = unknowns, slots.copy()
        self.found: dict[str, Datum] = {}
        self._seen: set[str] = set()
        # for each loop variable, the path of the current element and its title
        self._elements: dict[str, tuple[str, str]] = {}

    def expr(self, expr: Expr) -> None:
        """Record what makes an expression unknown; nothing when it is known."""
        if self._value(expr) is not None:
            return
        if expr.op in (DEDUCTION, AMOUNT_NAME):
            self.definition(expr.value)
        elif expr.op in REFERENCES:
            self._note(self.unknowns.note(expr, self.slots))
        elif expr.op == VARIABLE:
            self._note(self._datum(expr, None))
        elif expr.op == AT and (day := self._value(expr.args[1])) is not None:
            self._note(self.unknowns.without_value(expr, day))
        elif expr.op in OPERATIONS and OPERATIONS[expr.op].over_list:
            self._over_list(expr)
        elif self._outside_holidays(expr):
            self._note(self.unknowns.without_holidays(expr.args[-1]))
        elif expr.op == "si" and (condition := self._value(expr.args[0])) is not None:
            self.expr(expr.args[1] if condition else expr.args[2])
        elif any(self._value(arg) is None for arg in expr.args):
            for arg in expr.args:
                self.expr(arg)
        else:
            self._impossible(expr, expr.args)

    def _outside_holidays(self, expr: Expr) -> bool:
        """Whether a calculation on working days goes beyond the years of the pack."""
        row = OPERATIONS.get(expr.op)
        return row is not None and row.on_holidays and all(self._value(arg) is not None for arg in expr.args)

    def definition(self, name: str) -> None:
        """Record what makes a named value unknown."""
        definition = self.unknowns.graph.definitions.get(name)
        if name in self._seen or definition is None:
            return
        self._seen.add(name)
        # its loops may reuse the variable names of the enclosing loops, and evaluating it overwrites their elements
        slots = [self.unknowns.layout.slot(VARIABLE, variable) for variable in self._elements]
        held = [(slot, self.slots[slot]) for slot in slots]
        elements, self._elements = self._elements, {}
        self._define(definition)
        self._elements = elements
        for slot, item in held:
            self.slots[slot] = item

    def _define(self, definition: Definition) -> None:
        if definition.deduction is not None:
            self.expr(definition.deduction)
        excluded = 0
        for amount in definition.amounts:
            applies = amount.when is None or self._value(amount.when)
            if applies:
                self.expr(amount.value)
            elif applies is None and amount.when is not None:
                self.expr(amount.when)
            else:
                excluded += 1
        if definition.amounts and excluded == len(definition.amounts):
            first = definition.amounts[0]
            title = first.rule.title if excluded == 1 else definition.name
            self._note(_marked(DatumOrigin.VALUE, definition.name, title, first.type))

    def _value(self, expr: Expr) -> Any:
        return self.unknowns.evaluator(expr)(self.slots)

    def _note(self, datum: Datum) -> None:
        self.found.setdefault(datum.name, datum)

    def _over_list(self, expr: Expr) -> None:
        source, body = source_of(expr), expr.args[1]
        items = self._value(source)
        if items is None:
            self.expr(source)
            return
        # without a filter, or once it is known of every element, what is unknown is in the body
        filtered = expr.args[0] if expr.args[0] is not source else None
        if filtered is not None and self._value(filtered) is None:
            self._over_elements(expr, items, filtered.args[1], None)
        elif not self._over_elements(expr, items, body, filtered):
            self._impossible(expr, (source,))

    def _over_elements(self, expr: Expr, items: Sequence[Any], body: Expr, filtered: Expr | None) -> bool:
        """Record what makes a body unknown on elements, those that a filter keeps; whether there was one."""
        slot = self.unknowns.layout.slot(VARIABLE, str(expr.value))
        place, named = self._list(source_of(expr))
        unknown = False
        for index, item in enumerate(items):
            self.slots[slot] = item
            if filtered is not None and not self._value(filtered.args[1]):
                continue
            if self._value(body) is None:
                unknown = True
                self._elements[expr.value] = (f"{place}[{index}]", f"{_ordinal(index + 1)} élément de {named}")
                self.expr(body)
            if expr.op == FIRST:
                break
        self._elements.pop(expr.value, None)
        return unknown

    def _list(self, source: Expr) -> tuple[str, str]:
        """The path and the name of a list, of the dossier or of the current element of a loop."""
        if source.op != VARIABLE:
            place = self.unknowns.place(str(source.value), self.slots)
            return place, f"« {source.type.title or place} »"
        variable, path = source.value
        place, element = self._elements[variable]
        return f"{place}.{path}", f"« {source.type.title or path} » ({element})"

    def _datum(self, expr: Expr, value: Any) -> Datum:
        """The datum for a part of the element of a loop variable."""
        variable, path = expr.value
        if path in self.unknowns.asked:
            rule = self.unknowns.pack.rules[self.unknowns.asked[path]]
            return _marked(DatumOrigin.ANSWER, rule.id, rule.title, TEXT)
        place, element = self._elements[variable]
        name = f"{place}.{path}" if path else place
        title = f"{expr.type.title or path}, {element}" if path else element
        origin = DatumOrigin.REQUEST if name.startswith(f"{DECIDED}.") else DatumOrigin.FIELD
        return Datum(name, title, expr.type, value, origin=origin)

    def _impossible(self, expr: Expr, operands: Sequence[Expr]) -> None:
        """Record the operands of an operation that has no result on known values, and the reason."""
        reason = f"{_reason(expr, [self._value(arg) for arg in operands])}, dans `{unparse(expr)}`"
        culprits = operands[1:] if expr.op in ("/", IN_GRID, IN_SCALE) else operands
        leaves = {leaf: None for arg in culprits for leaf in nodes(arg) if leaf.op in _DATA}
        for leaf in leaves:
            value = self._value(leaf)
            if leaf.op == VARIABLE and leaf.value[0] in self._elements:
                datum = self._datum(leaf, value)
            else:
                title = self.unknowns.titled(leaf.value) if leaf.op == FIELD else leaf.type.title or str(leaf.value)
                datum = Datum(self.unknowns.place(str(leaf.value), self.slots), title, leaf.type, value)
            self._note(structs.replace(datum, fault=reason))
        if not leaves:
            self._note(Datum(unparse(expr), "Calcul de la règle", expr.type, None, reason, DatumOrigin.CALCULATION))


def _reads_one(node: Expr) -> bool:
    """Whether a node is a value of the dossier or of the pack, that does not depend on the element of a list."""
    if node.op in (AT, IN_GRID, IN_SCALE):
        return node.type.kind not in TABLES and all(part.op != VARIABLE for part in nodes(node))
    return node.op in REFERENCES - {HISTORY} and node.type.kind not in TABLES


def _called(expr: Expr) -> str:
    return unparse(expr) if expr.args else str(expr.value)


def _places(variable: str, part: str, loops: Sequence[Expr]) -> Iterator[str]:
    """The places that a part of a loop variable may have: `factures[].payee`, `lots[].factures[].payee`."""
    for loop in loops:
        if loop.value == variable:
            source = source_of(loop)
            outer, path = source.value if source.op == VARIABLE else ("", "")
            lists = _places(outer, path, loops) if outer else [str(source.value)]
            yield from (f"{path}[].{part}" for path in lists)


def _marked(origin: DatumOrigin, name: str, title: str, type_: Type) -> Datum:
    """A missing datum that is not a field, named with its origin: `parametre:plafond`."""
    return Datum(f"{origin}:{name}", title, type_, None, origin=origin)


def _ordinal(rank: int) -> str:
    return "1er" if rank == 1 else f"{rank}e"


def _reason(expr: Expr, values: Sequence[Any]) -> str:
    """The reason, in French, why an operation on known values has no result."""
    if expr.op == "/" and len(values) == 2 and values[1] == 0:
        return "division par zéro"
    if expr.op == "age":
        return "date antérieure à la naissance"
    if expr.op in OF_SOME:
        return "aucun élément"
    if expr.op == IN_GRID:
        return f"« {values[0].title} » n'a pas de ligne pour « {' / '.join(map(str, values[1:]))} »"
    if expr.op == IN_SCALE:
        return f"« {values[0].title} » n'a pas de tranche pour ce nombre"
    if expr.op == "siren_de":
        return f"« {values[0]} » n'est pas un SIRET valide"
    if any(isinstance(value, date) for value in values):
        return "date hors du calendrier"
    return "résultat hors des limites du calcul"


def named(datum: Datum) -> str:
    """The display name of a datum: title and path, or the path alone."""
    return f"{datum.title} ({datum.name})" if datum.title != datum.name else datum.name


def missing_message(missing: Sequence[Datum], asked: str = "") -> str:
    """The French sentence naming the missing data; `asked` is the party asked about faulty data (`à l'ASP`)."""
    if not missing:
        return "Aucune règle ne donne cette valeur dans ce cas."
    values = [datum for datum in missing if datum.origin is DatumOrigin.VALUE]
    if values:
        listed = ", ".join(f"« {datum.title} »" for datum in values)
        others = [datum for datum in missing if datum not in values]
        return f"{missing_message(others, asked)} " * bool(others) + f"Aucune règle ne donne {listed} dans ce cas."
    waiting = [datum for datum in missing if datum.origin is DatumOrigin.REQUEST]
    if waiting:
        listed = ", ".join(datum.title for datum in waiting)
        others = [datum for datum in missing if datum not in waiting]
        return f"{missing_message(others, asked)} " * bool(others) + f"Une demande n'est pas encore décidée : {listed}."
    faulty = [datum for datum in missing if datum.fault]
    if faulty:
        listed = " ; ".join(dict.fromkeys(datum.fault for datum in faulty))
        looked = ", ".join(map(named, faulty))
        # when a rule computes without data, only its author can correct it
        known = asked and any(datum.origin is not DatumOrigin.CALCULATION for datum in faulty)
        check = f"À faire vérifier {asked}" if known else "À vérifier"
        message = f"Calcul impossible : {listed}. {check} : {looked}."
        others = [datum for datum in missing if not datum.fault]
        return f"{message} {missing_message(others, asked)}" if others else message
    if all(datum.origin is DatumOrigin.PARAMETER for datum in missing):
        listed = ", ".join(datum.title for datum in missing)
        return f"La valeur de ce paramètre n'est pas connue à la date de référence : {listed}."
    label = "Donnée manquante" if len(missing) == 1 else "Données manquantes"
    return f"{label} : {', '.join(map(named, missing))}."


def merged(data: Iterable[Datum]) -> tuple[Datum, ...]:
    """Each datum once, with all the faults reported by different rules."""
    found: dict[str, Datum] = {}
    for datum in data:
        known = found.setdefault(datum.name, datum)
        if datum.fault not in known.fault:
            found[datum.name] = structs.replace(known, fault=f"{known.fault} ; {datum.fault}".removeprefix(" ; "))
    return tuple(found.values())


def awaits_answer(missing: Sequence[Datum]) -> bool:
    """Whether only human answers are missing."""
    return bool(missing) and all(datum.origin is DatumOrigin.ANSWER for datum in missing)


def unknown_parameters(findings: Iterable[Finding]) -> tuple[Datum, ...]:
    """The parameters without a known value among the missing data of findings."""
    found = {d.name: d for f in findings for d in f.missing if d.origin is DatumOrigin.PARAMETER}
    return tuple(found.values())
