"""What an expression may be worth, some facts being open, always contains what it is worth once they are given."""

from __future__ import annotations

import decimal
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.bounds import examples
from tests.language.conftest import paris, scope  # noqa: F401  # the fixtures of the small world
from tests.language.test_properties import ANY, WORLDS, evaluate

from recevable.decision.possible import Possible, build, listed, single
from recevable.language.check import Scope, compile_text
from recevable.language.evaluate import EXACT, Layout
from recevable.language.tree import TODAY, references
from recevable.language.types import Kind, Type, lookup

Facts = Mapping[str, Any]


class Some:
    """The facts, but those that are open."""

    def __init__(self, world: Scope, facts: Facts, open_: frozenset[str]) -> None:
        self.scope, self.facts, self.open = world, facts, open_
        self.items: defaultdict[str, list[Possible]] = defaultdict(list)

    def of(self, op: str, name: str) -> Possible:
        if name not in self.open:
            return single(self.facts.get(name))
        type_ = self._type(name)
        if type_.kind is Kind.BOOLEAN:
            return listed((True, False), True, frozenset({name}))
        if type_.values:
            return listed(type_.values, True, frozenset({name}))
        return Possible(None, None, None, True, frozenset({name}))

    def _type(self, name: str) -> Type:
        if name in self.scope.answers:
            return Type(Kind.TEXT, values=self.scope.answers[name])
        found = self.scope.names[name][1] if name in self.scope.names else lookup(self.scope.facts, name)
        assert found is not None
        return found

    def element(self, variable: str) -> Possible:
        return self.items[variable][-1]

    def push(self, variable: str, value: Possible) -> None:
        self.items[variable].append(value)

    def pop(self, variable: str) -> None:
        self.items[variable].pop()


def contains(found: Possible, value: Any) -> bool:
    """Whether a set of values contains one."""
    if value is None:
        return found.unknown
    if found.values is not None:
        return value in found.values
    return (found.low is None or not value < found.low) and (found.high is None or not found.high < value)


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(text=ANY, facts=WORLDS, other=WORLDS, data=st.data())
def test_the_value_is_among_those_that_were_possible(
    text: str,
    facts: Facts,
    other: Facts,
    data: st.DataObject,
    scope: Scope,  # noqa: F811
) -> None:
    expr = compile_text(text, scope)
    # the day of the decision is always known
    read = [name for name in references(expr) if name != TODAY]
    open_ = frozenset(data.draw(st.sets(st.sampled_from(read), max_size=3))) if read else frozenset()
    world = Some(scope, facts, open_)
    with decimal.localcontext(EXACT):
        found = build(expr, Layout(scope.zone))(world)
    assert not any(world.items.values())
    given_ = {**facts, **{name: other[name] for name in open_ if name in other}}
    for name in open_ - other.keys():
        given_.pop(name, None)
    assert contains(found, evaluate(expr, scope, given_)), found
    # a field that is not read changes nothing
    if open_ and not found.reads:
        assert contains(found, evaluate(expr, scope, facts))
        assert found.settled


@pytest.mark.parametrize(("text", "facts", "open_", "expected"), [
    ("nombre(l dans lignes si l.recu, vrai)", {"lignes": [{"recu": True}, {"recu": False}]}, set(), (1,)),
    ("nombre(l dans lignes si l.recu, vrai)", {"lignes": [{"recu": True}, {}]}, set(), ()),
    ("certains(l dans lignes si signe, l.recu)", {"lignes": [{"recu": True}]}, {"signe"}, (True, False)),
    ("nombre(l dans lignes, l.nombre > age) > 3", {"lignes": []}, {"age"}, (False,)),
    ("maximum(l dans lignes, l.nombre)", {"lignes": [{"nombre": 2}, {"nombre": 5}]}, set(), (5,)),
    ("nombre_de_jours(jour, veille) > 3", {}, {"jour"}, ()),
])  # fmt: skip
def test_filtered_lists(
    text: str,
    facts: Facts,
    open_: set[str],
    expected: tuple[Any, ...],
    scope: Scope,  # noqa: F811
) -> None:
    with decimal.localcontext(EXACT):
        found = build(compile_text(text, scope), Layout(scope.zone))(Some(scope, facts, frozenset(open_)))
    assert found.values == expected
