"""The two engines, and a third evaluator kept in these tests, answer alike on generated contexts and packs."""

from __future__ import annotations

import decimal
import pickle
import random
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import durable_rules_engine as rete
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bounds import examples

from recevable.inference import forms
from recevable.inference.branches import Atom
from recevable.inference.engine import Engine
from recevable.inference.forms import Asked
from recevable.inference.network import Network, UnsafeRule, forms_of
from recevable.inference.ruleset import MAX_FIELDS, Ruleset, UnsafeRuleset
from recevable.language.evaluate import EXACT, Slots
from recevable.language.tree import AND, DEDUCTION, FIELD, NOT, OR, PRESENT, Expr, nodes
from recevable.language.types import BOOLEAN
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import MISSING, SATISFIED, Check, Context, Outcome, Step, failed

Facts = Mapping[str, bool | None]
Fill = Callable[[Context, Facts], Slots]
Expected = Callable[[Context, Facts], tuple[dict[str, bool | None], list[Outcome]]]
Opened = Callable[..., Engine]
ContextMaker = Callable[..., Context]
Possible = Callable[[Expr], tuple[bool | None, ...]]
PackMaker = Callable[..., CompiledPack]

SOME = settings(max_examples=examples(150))
TRUTHS = (True, False, None)


@pytest.fixture(autouse=True)
def _exact() -> Iterator[None]:
    """The decimal context in which the engine is called."""
    with decimal.localcontext(EXACT):
        yield


def _open(context: Context, **options: Any) -> Engine | None:
    try:
        return Engine(context, **options)
    except UnsafeRule:
        return None


def _read(name: str) -> Expr:
    return Expr(DEDUCTION, (), BOOLEAN, name)


def _field(name: str) -> Expr:
    return Expr(FIELD, (), BOOLEAN, name)


def _condition(rule: str, test: Expr) -> Check:
    return Check(rule, "faux", (Step(test, None, failed("faux")),), SATISFIED)


# --- the door -------------------------------------------------------------------------------------------------------


@st.composite
def _rulesets(draw: st.DrawFn) -> tuple[list[str], dict[str, list[dict[str, int]]]]:
    fields = [f"a{rank}" for rank in range(draw(st.integers(1, 12)))]
    pattern = st.dictionaries(st.sampled_from(fields), st.integers(0, 2), min_size=1, max_size=5)
    patterns = draw(st.lists(pattern, min_size=1, max_size=25))
    return fields, {f"r{rank}": [pattern] for rank, pattern in enumerate(patterns)}


@SOME
@given(given_rules=_rulesets(), data=st.data())
def test_the_rules_that_fire_are_those_whose_pattern_holds(
    given_rules: tuple[list[str], dict[str, list[dict[str, int]]]], data: st.DataObject
) -> None:
    fields, rules = given_rules
    ruleset = Ruleset(fields, rules)
    vectors = st.lists(st.integers(0, 2), min_size=len(fields), max_size=len(fields))
    for values in data.draw(st.lists(vectors, min_size=1, max_size=4)):
        known = dict(zip(fields, values, strict=True))
        holding = {
            name for name, (pattern,) in rules.items() if all(known[field] == value for field, value in pattern.items())
        }
        fired = ruleset.run(values)
        assert (set(fired), len(fired)) == (holding, len(holding))
    ruleset.close()


@settings(max_examples=examples(40))
@given(seed=st.integers(0, 2**32), size=st.integers(48, MAX_FIELDS), rules=st.integers(100, 180))
def test_whatever_large_ruleset_the_door_lets_in_the_library_serves_it(seed: int, size: int, rules: int) -> None:
    rng = random.Random(seed)
    fields = [f"a{rank}" for rank in range(size)]
    patterns = {f"r{rank}": [dict.fromkeys(rng.sample(fields, rng.randint(1, 4)), 1)] for rank in range(rules)}
    try:
        ruleset = Ruleset(fields, patterns)
    except UnsafeRuleset:
        return
    assert sorted(ruleset.run([1] * size)) == sorted(patterns)
    ruleset.close()


# --- contexts -------------------------------------------------------------------------------------------------------


@SOME
@given(data=st.data())
def test_generated_contexts_are_answered_as_the_plain_evaluator_answers_them(
    data: st.DataObject, generated: Any, fill: Fill, expected: Expected
) -> None:
    context = data.draw(generated.contexts())
    engine = _open(context, remembered=0)
    if engine is None:
        return
    for facts in data.draw(st.lists(generated.facts, min_size=1, max_size=6)):
        evaluation = engine.evaluate(fill(context, facts))
        deduced, outcomes = expected(context, facts)
        assert evaluation.outcomes() == outcomes
        assert {n: evaluation.slots[context.layout.slot(DEDUCTION, n)] for n in deduced} == deduced
    engine.close()


@settings(max_examples=examples(15))
@given(data=st.data())
def test_memory_changes_no_outcome(data: st.DataObject, generated: Any, fill: Fill) -> None:
    context = data.draw(generated.contexts(checks=3))
    engines = [_open(context, remembered=bound) for bound in (0, 2, 4096)]
    if engines[0] is None:
        return
    cases = data.draw(st.lists(generated.facts, min_size=3, max_size=8, unique_by=lambda facts: tuple(facts.values())))
    for rank in range(3 * len(cases)):
        facts = cases[rank % len(cases)]
        answers = [engine.evaluate(fill(context, facts)).outcomes() for engine in engines if engine is not None]
        assert answers[0] == answers[1] == answers[2]
    for engine in engines:
        assert engine is not None
        engine.close()


def test_deductions_chain_through_many_levels(
    make_context: ContextMaker, opened: Opened, fill: Fill, expected: Expected
) -> None:
    deductions = {"ded0": _field("x0")}
    for rank in range(1, 12):
        op, other = (AND, OR)[rank % 2], _field(f"x{rank % 5}")
        before: Expr = _read(f"ded{rank - 1}")
        if rank % 3 == 0:
            before = Expr(NOT, (before,), BOOLEAN)
        deductions[f"ded{rank}"] = Expr(op, (before, other), BOOLEAN)
    context = make_context([_condition("R", _read("ded11"))], deductions)
    engine = opened(context, remembered=0)
    for values in product(TRUTHS, repeat=5):
        facts = {f"x{rank}": value for rank, value in enumerate(values)}
        assert engine.evaluate(fill(context, facts)).outcomes() == expected(context, facts)[1]


def test_the_order_of_checks_is_the_order_of_answers(make_context: ContextMaker, opened: Opened, fill: Fill) -> None:
    checks = [_condition(f"R{rank}", _field(f"x{rank % 5}")) for rank in range(47)]
    context = make_context(checks)
    engine = opened(context)
    outcomes = engine.evaluate(fill(context, {"x0": True, "x1": False, "x2": True, "x3": False, "x4": True})).outcomes()
    assert outcomes == [SATISFIED if rank % 5 % 2 == 0 else failed("faux") for rank in range(47)]


def test_checks_that_are_known_are_not_asked_again_for_being_together_otherwise(
    make_context: ContextMaker, opened: Opened, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = opened(context := make_context([_condition(f"R{rank}", _field(f"x{rank}")) for rank in range(4)]))
    for value in TRUTHS:
        engine.evaluate(fill(context, {f"x{rank}": value for rank in range(4)}))

    def asked(*_: object) -> None:
        raise AssertionError("the library is asked")

    monkeypatch.setattr(Network, "answer", asked)
    outcomes = {True: SATISFIED, False: failed("faux"), None: MISSING}
    for values in product(TRUTHS, repeat=4):
        found = engine.evaluate(fill(context, {f"x{rank}": value for rank, value in enumerate(values)}))
        assert found.outcomes() == [outcomes[value] for value in values]


def test_a_context_without_checks_has_no_answer(make_context: ContextMaker, opened: Opened, fill: Fill) -> None:
    context = make_context([])
    assert opened(context).evaluate(fill(context, {})).outcomes() == []


def test_an_engine_closed_and_opened_again_answers_the_same(
    make_context: ContextMaker, fill: Fill, expected: Expected
) -> None:
    context = make_context([_condition("R", _read("d"))], {"d": Expr(OR, (_field("x0"), _field("x1")), BOOLEAN)})
    for _ in range(3):
        engine = Engine(context)
        for facts in ({"x0": True, "x1": None}, {"x0": False, "x1": False}, {"x0": None, "x1": False}):
            assert engine.evaluate(fill(context, facts)).outcomes() == expected(context, facts)[1]
        engine.close()


def test_threads_taking_turns_get_the_answers_of_their_own_dossiers(
    make_context: ContextMaker, opened: Opened, fill: Fill, expected: Expected
) -> None:
    deductions = {
        "d": Expr(AND, (_field("x0"), _field("x1")), BOOLEAN),
        "e": Expr(OR, (_read("d"), _field("x2")), BOOLEAN),
    }
    context = make_context([_condition(f"R{rank}", _read(name)) for rank, name in enumerate("de" * 12)], deductions)
    engine = opened(context, remembered=0)
    cases = [dict(zip(("x0", "x1", "x2"), values, strict=True)) for values in product(TRUTHS, repeat=3)] * 8
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda facts: engine.evaluate(fill(context, facts)).outcomes(), cases))
    assert answers == [expected(context, facts)[1] for facts in cases]


# --- many rules, many deductions ------------------------------------------------------------------------------------


def test_a_rule_with_more_causes_than_a_ruleset_has_fields_is_spread(
    make_context: ContextMaker, opened: Opened, fill: Fill
) -> None:
    checks = [Check("R", f"c{n}", (Step(_field(f"y{n}"), failed(f"c{n}"), None),), SATISFIED) for n in range(150)]
    context = make_context(checks)
    network = Network(context)
    assert [len(group.variables) for group in network.groups] == [MAX_FIELDS, MAX_FIELDS, 150 - 2 * MAX_FIELDS]
    network.close()
    engine = opened(context, remembered=0)
    facts = {f"y{rank}": rank % 2 == 0 for rank in range(150)}
    outcomes = engine.evaluate(fill(context, facts)).outcomes()
    assert outcomes == [failed(f"c{rank}") if rank % 2 == 0 else SATISFIED for rank in range(150)]


def test_checks_of_one_rule_on_one_field_fill_a_ruleset_without_passing_its_bounds(
    make_context: ContextMaker, opened: Opened, fill: Fill
) -> None:
    checks = [Check("R", f"c{rank}", (Step(_field("x0"), failed(f"c{rank}"), None),), SATISFIED) for rank in range(200)]
    context = make_context(checks)
    outcomes = opened(context).evaluate(fill(context, {"x0": True})).outcomes()
    assert outcomes == [failed(f"c{rank}") for rank in range(200)]


def test_checks_that_share_their_first_test_never_crowd_the_library(
    make_context: ContextMaker, opened: Opened, fill: Fill, expected: Expected
) -> None:
    # two branches a check, and as many tests that wait together as a single rule can ask for
    there = [Expr(PRESENT, (), BOOLEAN, f"y{rank}") for rank in range(50)]
    steps: list[tuple[Step, ...]] = [(Step(test, None, failed("absente")),) for test in there]
    steps += [(Step(there[-1], None, SATISFIED), Step(test, None, failed("absente"))) for test in there[:-1]]
    checks = [Check("R", f"c{rank}", chain, SATISFIED) for rank, chain in enumerate(steps)]
    context = make_context(checks)
    engine = opened(context, remembered=0)
    for missing in (None, 0, 49):
        facts = {f"y{rank}": None if rank == missing else True for rank in range(50)}
        assert engine.evaluate(fill(context, facts)).outcomes() == expected(context, facts)[1]


def test_a_deduction_may_cross_four_others_and_fields_that_are_there(
    make_context: ContextMaker, opened: Opened, fill: Fill, expected: Expected
) -> None:
    there = [Expr(PRESENT, (), BOOLEAN, f"x{rank}") for rank in range(4)]
    deductions = {"socle": _field("x0")}
    deductions |= {f"ded{rank}": Expr(OR, (_read("socle"), _field(f"x{rank}")), BOOLEAN) for rank in range(4)}
    deductions["somme"] = Expr(AND, (*there, *(_read(f"ded{rank}") for rank in range(4))), BOOLEAN)
    context = make_context([_condition("R", _read("somme"))], deductions)
    network = Network(context)
    assert len(network.stages) == 1
    engine = opened(context, remembered=0, network=network)
    for values in product(TRUTHS, repeat=4):
        facts = {f"x{rank}": value for rank, value in enumerate(values)}
        assert engine.evaluate(fill(context, facts)).outcomes() == expected(context, facts)[1]


def _deep(count: int) -> dict[str, Expr]:
    """Deductions that each read a field of their own and the two deductions before."""
    found = {"ded0": _field("y0"), "ded1": _field("y1")}
    for rank in range(2, count):
        before = (_read(f"ded{rank - 1}"), _read(f"ded{rank - 2}"), _field(f"y{rank}"))
        found[f"ded{rank}"] = Expr((AND, OR)[rank % 2], before, BOOLEAN)
    return found


def test_deductions_beyond_one_ruleset_go_to_stages_that_receive_the_conclusions_before(
    make_context: ContextMaker, opened: Opened, fill: Fill, expected: Expected
) -> None:
    context = make_context([_condition("R", _read("ded149"))], _deep(150))
    network = Network(context)
    assert len(network.stages) > 3
    assert [name for name, _, _ in network.plain] == ["ded0", "ded1"]
    assert [name for stage in network.stages for name in stage.names] == list(_deep(150))[2:]
    network.close()
    engine = opened(context, remembered=0)
    rng = random.Random(150)
    for _ in range(30):
        facts = {f"y{rank}": rng.choice(TRUTHS) for rank in range(150)}
        evaluation = engine.evaluate(fill(context, facts))
        deduced, outcomes = expected(context, facts)
        assert evaluation.outcomes() == outcomes
        assert {n: evaluation.slots[context.layout.slot(DEDUCTION, n)] for n in deduced} == deduced


def test_deductions_that_one_ruleset_can_hold_chain_inside_it(make_context: ContextMaker) -> None:
    network = Network(make_context([_condition("R", _read("ded9"))], _deep(10)))
    (stage,) = network.stages
    inside = {variable.name for variable in stage.inputs if not isinstance(variable, Atom)}
    assert inside == {"ded0", "ded1"}  # which read no other
    network.close()


def test_a_network_built_elsewhere_answers_the_same(
    make_context: ContextMaker, opened: Opened, fill: Fill, expected: Expected
) -> None:
    tests = [Expr(OR, (_read(f"ded{rank}"), _field(f"z{rank}")), BOOLEAN) for rank in range(40)]
    context = make_context([_condition(f"R{rank}", test) for rank, test in enumerate(tests)], _deep(40))
    travelled: Network = pickle.loads(pickle.dumps(Network(context)))
    assert len(travelled.stages) > 1
    assert len(travelled.groups) > 1
    engine = opened(context, remembered=0, network=travelled)
    rng = random.Random(40)
    for _ in range(10):
        facts = {f"{letter}{rank}": rng.choice(TRUTHS) for letter in "yz" for rank in range(40)}
        assert engine.evaluate(fill(context, facts)).outcomes() == expected(context, facts)[1]


def test_checks_that_test_alike_are_given_to_the_library_once(make_context: ContextMaker) -> None:
    alike = [_condition(f"R{rank}", Expr(OR, (_field(f"y{rank}"), _field("z")), BOOLEAN)) for rank in range(30)]
    other = _condition("AUTRE", _field("z"))
    network = Network(make_context([*alike, other]))
    questions = [question for group in network.groups for question, _ in group.questions]
    assert all(question.place is questions[0].place for question in questions[:-1])
    assert questions[0].place != questions[-1].place
    assert len({id(question.place.ruleset) for question in questions}) == 1
    network.close()


def test_contexts_share_the_rulesets_of_their_checks_and_answer_each_for_itself(
    make_context: ContextMaker, opened: Opened, fill: Fill, expected: Expected
) -> None:
    contexts = [make_context([_condition("R", _field(name))]) for name in ("x0", "x1")]
    shared = forms_of(contexts)
    networks = [Network(context, shared) for context in contexts]
    rulesets = {id(q.place.ruleset) for network in networks for group in network.groups for q, _ in group.questions}
    assert len(rulesets) == 1
    for context, network, facts in zip(contexts, networks, ({"x0": True}, {"x1": False}), strict=True):
        engine = opened(context, remembered=0, network=network)
        assert engine.evaluate(fill(context, facts)).outcomes() == expected(context, facts)[1]


def test_more_forms_than_a_ruleset_has_room_for_are_spread(
    make_context: ContextMaker, opened: Opened, fill: Fill, expected: Expected, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "FORMS_PER_RULESET", 2)
    checks: list[Check] = []
    for rank, ((first, second), sides) in enumerate(product(product((AND, OR), repeat=2), product((0, 1), repeat=2))):
        # on one side or on the other: not all of these answer for one another
        inner = Expr(first, (_read("ded0"), _read("ded1"))[:: 1 - 2 * sides[0]], BOOLEAN)
        test = Expr(second, (inner, _read("ded2"))[:: 1 - 2 * sides[1]], BOOLEAN)
        checks += [_condition(f"R{rank}", test), _condition(f"S{rank}", Expr(NOT, (test,), BOOLEAN))]
        both = (Step(test, None, failed("faux")), Step(_field("y0"), failed("vrai"), None))
        checks.append(Check(f"T{rank}", "faux", both, SATISFIED))
    context = make_context(checks, _deep(3))
    network = Network(context)
    places = [question.place for group in network.groups for question, _ in group.questions]
    assert len({id(place.ruleset) for place in places}) > 1
    assert all(place.fact[0] < 2 for place in places)
    engine = opened(context, remembered=0, network=network)
    rng = random.Random(7)
    for _ in range(30):
        facts = {f"{letter}{rank}": rng.choice(TRUTHS) for letter in "yz" for rank in range(6)}
        assert engine.evaluate(fill(context, facts)).outcomes() == expected(context, facts)[1]


# --- packs ----------------------------------------------------------------------------------------------------------

NAMES = "abcdefgh"


def _texts(deductions: int) -> st.SearchStrategy[str]:
    """Conditions as policy staff write them."""
    leaves = [f"essai.{name}" for name in NAMES] + [f"essai.{name} est present" for name in NAMES[:3]]
    leaves += ["essai.m > 3", "essai.m = essai.n", "vrai", *[f"ded{rank}" for rank in range(deductions)] * 3]
    return st.recursive(
        st.sampled_from(leaves),
        lambda inner: st.one_of(
            inner.map(lambda text: f"non ({text})"),
            st.tuples(inner, inner).map(lambda parts: f"({parts[0]} et {parts[1]})"),
            st.tuples(inner, inner).map(lambda parts: f"({parts[0]} ou {parts[1]})"),
        ),
        max_leaves=4,
    )


@st.composite
def _rules(draw: st.DrawFn) -> str:
    common = "demandes: [essai], source: §1"
    found = ["regles:"]
    count = draw(st.integers(0, 5))
    for rank in range(count):
        text = draw(_texts(rank))
        found.append(f'  - {{id: D-{rank}, titre: t, source: §1, deduction: ded{rank}, vaut: "{text}"}}')
    for rank in range(draw(st.integers(1, 4))):
        test, when = draw(_texts(count)), draw(_texts(count))
        failure = "si_faux: {consequence: rejeter, message: m}"
        found.append(f'  - {{id: C-{rank}, titre: t, {common}, quand: "{when}", condition: "{test}", {failure}}}')
    for rank in range(draw(st.integers(0, 2))):
        when = draw(_texts(count))
        exception = f"exception_a: C-0, quand: '{when}'" if rank == 0 else f"quand: '{when}'"
        failure = "si_faux: {consequence: completer, message: m}"
        found.append(f"  - {{id: E-{rank}, titre: t, {common}, {exception}, condition: essai.a, {failure}}}")
    return "\n".join(found)


@settings(max_examples=examples(40))
@given(rules=_rules(), data=st.data())
def test_generated_packs_never_make_the_engines_disagree(rules: str, data: st.DataObject, make_pack: PackMaker) -> None:
    compiled = make_pack(rules)
    compiled.verify()
    context = compiled.context("essai")
    plain, warm = _open(context, remembered=0), _open(context)
    if plain is None or warm is None:
        return
    booleans = {f"essai.{name}": st.sampled_from(TRUTHS) for name in NAMES}
    numbers = {f"essai.{name}": st.sampled_from([None, 0, 3, 4]) for name in "mn"}
    cases = data.draw(st.lists(st.fixed_dictionaries({**booleans, **numbers}), min_size=1, max_size=5))
    for facts in cases * 2:
        outcomes = []
        for engine in (plain, warm):
            slots = context.layout.empty()
            for name, value in facts.items():
                slots[context.layout.slot(FIELD, name)] = value
            outcomes.append(engine.evaluate(slots).outcomes())
        assert outcomes[0] == outcomes[1]
    plain.close()
    warm.close()


# --- the shipped pack -----------------------------------------------------------------------------------------------


def test_the_rulesets_of_the_shipped_pack_decide_as_its_chains_do(real_pack: CompiledPack, possible: Possible) -> None:
    rng = random.Random(2023)
    for name in real_pack.context_names:
        context = real_pack.context(name)
        network = Network(context)
        for _ in range(25):
            known = _Atoms(rng, possible)
            early = [known.value(expr) for expr in network.early]
            deduced = network.deduce(early)
            for definition in (d for d in context.definitions if d.deduction is not None):
                assert definition.deduction is not None
                known.deduced[definition.name] = known.value(definition.deduction)
            assert dict(zip(network.deduced, deduced, strict=True)) == known.deduced
            vector = [*early, *deduced, *(known.value(expr) for expr in network.late)]
            for group in network.groups:
                outcomes = network.answer(group, [vector[index] for index in group.indices])
                assert outcomes == [known.outcome(context.checks[index]) for index in group.checks]
        network.close()


class _Atoms:
    """A truth value drawn for each comparison of a pack, as if a dossier gave it."""

    def __init__(self, rng: random.Random, possible: Possible) -> None:
        self.rng, self.possible = rng, possible
        self.drawn: dict[Expr, bool | None] = {}
        self.deduced: dict[str, bool | None] = {}

    def value(self, expr: Expr) -> bool | None:
        if expr.op == DEDUCTION:
            return self.deduced[str(expr.value)]
        if expr.op == "litteral":
            return bool(expr.value)
        if expr.op in (AND, OR, NOT):
            values = [self.value(arg) for arg in expr.args]
            if expr.op == NOT:
                return None if values[0] is None else not values[0]
            decisive = expr.op == OR
            return decisive if decisive in values else None if None in values else not decisive
        if expr.op in ("=", "!=") and expr.args[0].op == DEDUCTION and expr.args[1].op == "litteral":
            left = self.value(expr.args[0])
            return None if left is None else (left is expr.args[1].value) is (expr.op == "=")
        return self.drawn.setdefault(expr, self.rng.choice(self.possible(expr)))

    def outcome(self, check: Check) -> Outcome:
        for step in check.steps:
            answer = step.answer(self.value(step.test))
            if answer is not None:
                return answer
        return check.final


def test_the_deductions_of_the_shipped_pack_read_one_another(real_pack: CompiledPack) -> None:
    for name in real_pack.context_names:
        found = [node for d in real_pack.context(name).definitions if d.deduction for node in nodes(d.deduction)]
        assert any(node.op == DEDUCTION for node in found), name


def test_what_the_library_answered_in_a_decision_is_not_asked_again(
    make_context: ContextMaker, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts: list[str] = []
    put = rete.assert_fact

    def noted(handle: int, fact: str) -> Any:
        facts.append(fact)
        return put(handle, fact)

    monkeypatch.setattr(rete, "assert_fact", noted)
    context = make_context([_condition("R-1", _field("a")), _condition("R-2", _read("socle"))], {"socle": _field("b")})
    engine = Engine(context, remembered=0)
    asked: Asked = {}
    counts = []
    for known in (asked, asked, {}):
        facts.clear()
        engine.evaluate(fill(context, {"a": True, "b": None}), known)
        counts.append(len(facts))
    engine.close()
    assert counts[1] == 0 < counts[0] == counts[2]
