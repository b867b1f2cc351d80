"""A dossier that is not known: one variable of the solver for each datum that the schema allows, within bounds.

Nothing here says what a rule means: this is what a dossier may be, how a real one is read into the variables, and how a
dossier is written back from values of them.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import count
from typing import Any, Final

import z3
from msgspec import Struct

from recevable.dossier.facts import converter
from recevable.dossier.fields import APPLICANT, Field, fields
from recevable.language.tree import ELEMENT
from recevable.language.types import Kind, Type, lookup
from recevable.pack.model import APPRAISALS, Pack
from recevable.proofs.days import Calendar
from recevable.proofs.terms import (
    SECOND,
    TRUE,
    Items,
    Term,
    Truth,
    Untranslated,
    Value,
    both,
    constant,
    either,
    implies,
    instant,
    integer,
    moment,
    negation,
    real,
)
from recevable.proofs.texts import Texts
from recevable.trials.proved import Bounds

# Digits of an amount and of a rate in a dossier: whole part, decimals.
_DIGITS: Final = {Kind.AMOUNT: (12, 2), Kind.RATE: (1, 4)}
_WHOLE: Final = 18


class Scope(Struct, frozen=True):
    """What a question reads: data of unknown dossiers, answers (with their dossier), and all its names as bits."""

    nodes: dict[Node, None]
    answers: dict[tuple[Unknown, str], None]
    names: int


class Node:
    """A datum of the unknown dossier: `there` is when the dossier holds it, its parents included."""

    def __init__(
        self, owner: Unknown, field: Field, type_: Type, name: str, there: Any, parent: Node | None = None
    ) -> None:
        self.owner, self.field, self.type, self.name, self.there = owner, field, type_, name, there
        self.parent = parent
        self._members: dict[str, Node] = {}
        self._elements: list[Node] = []
        self.value: Term | None = None
        # whether `there` is a variable of its own
        self.free = False
        # the variable that is free, when the value is computed from another
        self.variable: Any = None
        self.length: Any = None
        # what the schema and the bounds say of its variables
        self.limits: list[Any] = []

    @cached_property
    def within(self) -> Any:
        """All of its limits; read once the node is made."""
        return both(TRUE, *self.limits)

    def member(self, name: str) -> Node:
        """A member of an object; raises KeyError when the schema has none of that name."""
        if name not in self._members:
            field = next(field for field in self.field.fields if field.path.rpartition(".")[2] == name)
            self._members[name] = self.owner.make(
                field, self.type.fields[name], f"{self.name}.{name}" if self.name else name, self
            )
        return self._members[name]

    def at(self, path: str) -> Node:
        """A member of a member, by its path; the node itself for an empty path."""
        node = self
        for part in path.split(".") if path else ():
            node = node.member(part)
        return node

    @property
    def elements(self) -> list[Node]:
        """The elements of a list, as many as the bounds allow."""
        item, type_ = self.field.element, self.type.item
        if not self._elements and item is not None and type_ is not None:
            most = min(self.owner.bounds.elements, self.field.bounds.get("maxItems", self.owner.bounds.elements))
            for rank in range(most):
                there = both(self.there, self.length > integer(rank))
                self._elements.append(self.owner.make(item, type_, f"{self.name}[{rank}]", self, there))
        return self._elements

    @property
    def needed(self) -> Iterator[Node]:
        """The nodes without which a dossier that holds this one would not be whole."""
        if self.type.kind is Kind.LIST:
            yield from self.elements
        for below in self.field.fields if self.type.kind is Kind.OBJECT else ():
            if below.required:
                yield self.member(below.path.rpartition(".")[2])

    def known(self) -> Iterator[Node]:
        """The nodes below this one that were asked for, itself included."""
        yield self
        for below in (*self._members.values(), *self._elements):
            yield from below.known()

    def term(self) -> Term:
        """The value of a datum that is no object."""
        if self.type.kind is Kind.LIST:
            return Items(self.there, tuple((one.there, one) for one in self.elements))
        if self.value is None:
            raise Untranslated(f"un champ de type `{self.type.kind}`")
        return self.value


class Unknown:
    """The variables of a dossier: `nodes` for its data, and `answers`; `alternatives` concern several of them."""

    def __init__(self, pack: Pack, bounds: Bounds, texts: Texts, calendar: Calendar, name: str = "") -> None:
        self.pack, self.bounds, self.texts, self.calendar, self.prefix = pack, bounds, texts, calendar, name
        self.alternatives: list[Any] = []
        self.nodes: list[Node] = []
        top = Field("", "", "", "objet", "", (), {}, (), True, "", fields(pack.schema))
        self.root = Node(self, top, pack.facts, "", TRUE)
        self.answers: dict[str, Value] = {}
        self.answer_limits: dict[str, Any] = {}
        self._keys = {one.each: one.key for one in pack.manifest.requests.values() if one.each}
        self._keys |= {path: one.key for path, one in pack.manifest.lists.items()}
        self._alternatives()

    def at(self, path: str) -> Node:
        """The datum at a path."""
        if ELEMENT in path:
            raise Untranslated("une demande pour chaque élément d'une liste")
        if lookup(self.pack.facts, path) is None:
            raise Untranslated(f"`{path}`")
        return self.root.at(path)

    def answer(self, rule: str, answers: tuple[str, ...]) -> Value:
        """The recorded answer to a question, when there is one that is valid."""
        if rule not in self.answers:
            known = z3.Bool(self._named(f"{APPRAISALS}.{rule}?"))
            given = z3.Int(self._named(f"{APPRAISALS}.{rule}"))
            self.answer_limits[rule] = either(*(given == integer(self.texts.number(word)) for word in answers))
            self.answers[rule] = Value(known, given)
        return self.answers[rule]

    def make(self, field: Field, type_: Type, name: str, parent: Node, there: Any = None) -> Node:
        """A node below another: new variables, and their constraints."""
        free = there is None and not field.required
        if free:
            there = z3.Bool(self._named(f"{name}?"))
        node = Node(self, field, type_, name, parent.there if there is None else there, parent)
        self.nodes.append(node)
        node.free = free
        if free:
            node.limits.append(implies(there, parent.there))
        if type_.kind is Kind.LIST:
            node.length = z3.Int(self._named(f"{name}#"))
            most = min(self.bounds.elements, field.bounds.get("maxItems", self.bounds.elements))
            least = field.bounds.get("minItems", 0)
            node.limits += [node.length >= integer(least), node.length <= integer(most)]
        elif type_.kind is not Kind.OBJECT:
            node.value = self._value(node)
        for below in field.fields:
            if below.required:
                node.member(below.path.rpartition(".")[2])
        return node

    def _named(self, name: str) -> str:
        return f"{self.prefix}{name}"

    def _value(self, node: Node) -> Term:
        field, type_, name, add = node.field, node.type, self._named(node.name), node.limits.append
        if type_.kind is Kind.BOOLEAN:
            node.variable = z3.Bool(name)
            return Truth(both(node.there, node.variable), both(node.there, negation(node.variable)))
        node.variable = variable = z3.Int(name)
        if type_.kind is Kind.TEXT:
            if field.choices:
                add(either(*(variable == integer(self.texts.write(str(one))) for one in field.choices)))
            return Value(node.there, variable)
        if type_.kind is Kind.INTEGER:
            low, high = field.bounds.get("minimum", -(10**_WHOLE)), field.bounds.get("maximum", 10**_WHOLE)
            add(variable >= integer(low))
            add(variable <= integer(high))
            return Value(node.there, variable, len(str(max(abs(low), abs(high)))))
        if type_.kind is Kind.DATE:
            add(variable >= integer(self.bounds.first.toordinal()))
            add(variable <= integer(self.bounds.last.toordinal()))
            return Value(node.there, variable)
        if type_.kind is Kind.INSTANT:
            # to the second: what is computed from it is in microseconds
            first = datetime.combine(self.bounds.first, time(12), UTC)
            last = datetime.combine(self.bounds.last, time(12), UTC)
            add(variable >= integer(moment(first) // SECOND))
            add(variable <= integer(moment(last) // SECOND))
            return Value(node.there, variable * integer(SECOND))
        if type_.kind in _DIGITS:
            whole, decimals = _DIGITS[type_.kind]
            high = 10**decimals if type_.kind is Kind.RATE else 10 ** (whole + decimals) - 1
            low = 0 if type_.kind is Kind.RATE or not _signed(field) else -high
            add(variable >= integer(low))
            add(variable <= integer(high))
            return Value(node.there, real(variable) / z3.RealVal(10**decimals), whole, decimals)
        raise Untranslated(f"un champ de type `{type_.kind}`")

    def _alternatives(self) -> None:
        """The requests that the schema asks for, one of them at least (`anyOf` of `required`)."""
        ways = [way.get("required") for way in self.pack.schema.get("anyOf", ()) if isinstance(way, Mapping)]
        names = [way for way in ways if way]
        if names and len(names) == len(ways):
            there = [both(*(self.root.member(name).there for name in way)) for way in names]
            self.alternatives.append(either(*there))

    @property
    def constraints(self) -> Iterator[Any]:
        """All that the schema and the bounds say of the data that were asked for."""
        yield from self.alternatives
        for node in self.nodes:
            yield from node.limits
        yield from self.answer_limits.values()

    # --- real dossiers ----------------------------------------------------------------------------------------------

    def reading(
        self, data: Mapping[str, Any], answers: Mapping[str, str], scope: Scope | None = None
    ) -> Iterator[tuple[str, Any]]:
        """What each variable is in a real dossier, as named conditions; `answers` are the valid ones, by question.

        With a scope, of its data only.  Raises ValueError when one of them is outside the bounds.
        """
        yield from self._read(self.root, data, scope)
        for rule, value in self.answers.items():
            if scope is not None and (self, rule) not in scope.answers:
                continue
            given = answers.get(rule)
            yield f"{APPRAISALS}.{rule}", value.known if given is not None else negation(value.known)
            if given is not None:
                yield f"{APPRAISALS}.{rule}", value.term == integer(self.texts.number(given))

    def _read(self, node: Node, value: Any, scope: Scope | None) -> Iterator[tuple[str, Any]]:
        if scope is not None and node.name and node not in scope.nodes:
            return
        if node.free:
            yield node.name, node.there if value is not None else negation(node.there)
        if value is None:
            return
        if node.type.kind is Kind.OBJECT:
            for member, below in node._members.items():
                yield from self._read(below, value.get(member), scope)
        elif node.type.kind is Kind.LIST:
            if len(value) > self.bounds.elements:
                raise ValueError(node.name)
            yield node.name, node.length == integer(len(value))
            for below, one in zip(node._elements, value, strict=False):
                yield from self._read(below, one, scope)
        else:
            yield node.name, self._equals(node, value)

    def _equals(self, node: Node, written: Any) -> Any:
        convert = converter(node.type, self.calendar.zone)
        value = written if convert is None else convert(written)
        if node.type.kind is Kind.BOOLEAN:
            return node.variable if value else negation(node.variable)
        if node.type.kind is Kind.INSTANT:
            if moment(value) % SECOND or not self.bounds.first < value.date() < self.bounds.last:
                raise ValueError(node.name)
            return node.variable == integer(moment(value) // SECOND)
        if node.type.kind is Kind.DATE and not self.bounds.first <= value <= self.bounds.last:
            raise ValueError(node.name)
        if node.type.kind in _DIGITS:
            return node.variable == integer(int(value * 10 ** _DIGITS[node.type.kind][1]))
        found = constant(value, self.texts)
        assert isinstance(found, Value)
        return node.variable == found.term

    def written(self, model: Any, base: Mapping[str, Any], today: date, scope: Scope) -> dict[str, Any]:
        """The dossier of a model, with the data of a real one where the question reads nothing."""
        found: dict[str, Any] = self._written(self.root, model, base, scope)
        before = base.get(APPRAISALS, {})
        given = {rule: copy.deepcopy(one) for rule, one in before.items() if (self, rule) not in scope.answers}
        for rule, value in self.answers.items():
            if (self, rule) in scope.answers and z3.is_true(model.eval(value.known, model_completion=True)):
                text = self.texts.text(model.eval(value.term, model_completion=True).as_long())
                known = before.get(rule)
                given[rule] = (
                    copy.deepcopy(known) if known is not None and _holds(known, text, today) else record(text, today)
                )
        found.pop(APPRAISALS, None)
        if given:
            found[APPRAISALS] = given
        return found

    def _written(self, node: Node, model: Any, base: Any, scope: Scope) -> Any:
        if node.type.kind is Kind.OBJECT:
            before = base if isinstance(base, Mapping) else {}
            asked = {name: below for name, below in node._members.items() if below in scope.nodes}
            kept = {name: copy.deepcopy(value) for name, value in before.items() if name not in asked}
            for name, below in asked.items():
                if z3.is_true(model.eval(below.there, model_completion=True)):
                    kept[name] = self._written(below, model, before.get(name), scope)
            order = list(node.type.fields)
            return {name: kept[name] for name in sorted(kept, key=lambda name: order.index(name))}
        if node.type.kind is Kind.LIST:
            length = model.eval(node.length, model_completion=True).as_long()
            listed = base if isinstance(base, list) else []
            found = [
                self._written(below, model, listed[rank] if rank < len(listed) else None, scope)
                for rank, below in enumerate(node.elements[:length])
            ]
            return self._keyed(node, found)
        value = model.eval(node.variable, model_completion=True)
        if node.type.kind is Kind.BOOLEAN:
            return bool(z3.is_true(value))
        number = value.as_long()
        if base is not None and self._number(node, base) == number:
            return base
        if node.type.kind is Kind.TEXT:
            return self.texts.text(number)
        if node.type.kind is Kind.DATE:
            return date.fromordinal(number).isoformat()
        if node.type.kind is Kind.INSTANT:
            return instant(number * SECOND).astimezone(self.calendar.zone).isoformat()
        if node.type.kind is Kind.RATE:
            return f"{Decimal(number).scaleb(-4).normalize():f}"
        if node.type.kind is Kind.AMOUNT:
            return f"{Decimal(number).scaleb(-2):.2f}"
        return number

    def _keyed(self, node: Node, elements: list[Any]) -> list[Any]:
        """The elements, each with the key that the programme tells it by, which no rule need read."""
        key, item = self._keys.get(node.name, ""), node.type.item
        if not key or item is None:
            return elements
        taken = {str(one[key]) for one in elements if key in one}
        free = (rank for rank in count(1) if not {str(rank), f"N{rank}"} & taken)
        whole = item.fields[key].kind is Kind.INTEGER
        return [one if key in one else {key: next(free) if whole else f"N{next(free)}", **one} for one in elements]

    def _number(self, node: Node, written: Any) -> int | None:
        """The number that stands for a written moment, amount or rate; None for another kind."""
        convert = converter(node.type, self.calendar.zone)
        if node.type.kind is Kind.INSTANT and convert is not None:
            return moment(convert(written)) // SECOND
        if node.type.kind in _DIGITS and convert is not None:
            return int(convert(written) * 10 ** _DIGITS[node.type.kind][1])
        return None

    def supplied_by_applicant(self, node: Node) -> bool:
        """Whether a datum is one that the applicant supplies."""
        return not node.field.supplied_by or APPLICANT in node.field.supplied_by


def record(answer: str, day: date) -> dict[str, str]:
    """A recorded answer that holds on a day."""
    return {
        "reponse": answer,
        "auteur": "Agent instructeur",
        "motif": "Dossier construit pour un exemple",
        "le": day.isoformat(),
        "expire_le": (day + timedelta(days=365)).isoformat(),
    }


def _holds(known: Mapping[str, Any], answer: str, day: date) -> bool:
    """Whether a recorded answer is the one wanted, and holds on a day."""
    return bool(known["reponse"] == answer and known["le"] <= day.isoformat() <= known["expire_le"])


def _signed(field: Field) -> bool:
    """Whether an amount may be negative: its pattern says so, or it has none."""
    return not str(field.bounds.get("pattern", "^-?")).startswith("^[0-9]")
