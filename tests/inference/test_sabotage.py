"""One engine is broken on purpose: the decision stops, and the error names the rule."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import durable_rules_engine as rete
import pytest
from msgspec.structs import replace

from recevable.inference.engine import Engine, EngineDisagreement
from recevable.inference.network import Network
from recevable.inference.ruleset import END, IncompleteRun
from recevable.language.evaluate import Slots
from recevable.language.tree import AND, DEDUCTION, FIELD, PRESENT, Expr
from recevable.language.types import BOOLEAN
from recevable.pack.model import MISSING, SATISFIED, Check, Context, Step, failed

Facts = Mapping[str, bool | None]
Fill = Callable[[Context, Facts], Slots]
Definition = dict[str, Any]
Alter = Callable[[Definition], None]
Tamper = Callable[[Alter], None]

TRUE_FACTS = {"a": True, "b": True}


@pytest.fixture
def context(make_context: Callable[..., Context]) -> Context:
    """Two rules on a deduction that reads another: R-1 fails when `pret` is false, R-2 when `a` is."""
    a, b = (Expr(FIELD, (), BOOLEAN, name) for name in "ab")
    base, ready = (Expr(DEDUCTION, (), BOOLEAN, name) for name in ("socle", "pret"))
    checks = [
        Check(rule, "faux", (Step(test, None, failed("faux")),), SATISFIED)
        for rule, test in (("R-1", ready), ("R-2", a))
    ]
    return make_context(checks, {"socle": a, "pret": Expr(AND, (base, b), BOOLEAN)})


@pytest.fixture
def tamper(monkeypatch: pytest.MonkeyPatch) -> Tamper:
    """Alter what the library is told, between our door and it."""
    create = rete.create_ruleset

    def install(alter: Alter) -> None:
        def altered(name: str, text: str) -> int:
            definition = json.loads(text)
            alter(definition)
            return int(create(name, json.dumps(definition)))

        monkeypatch.setattr(rete, "create_ruleset", altered)

    return install


def _disagreement(context: Context, fill: Fill, facts: Facts) -> EngineDisagreement:
    engine = Engine(context)
    with pytest.raises(EngineDisagreement) as caught:
        engine.evaluate(fill(context, facts))
    engine.close()
    return caught.value


def _rules(definition: Definition, prefix: str) -> list[str]:
    return [name for name in definition if name.startswith(prefix)]


def _deduce_well(prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deductions that read no other are asked as checks are: those are to be wrong, and not these."""
    if prefix == "b":
        monkeypatch.setattr(Network, "deduce", lambda self, early, asked: (True, True))


# --- before any sabotage --------------------------------------------------------------------------------------------


def test_untouched_engines_agree(context: Context, fill: Fill) -> None:
    engine = Engine(context)
    assert engine.evaluate(fill(context, TRUE_FACTS)).outcomes() == [SATISFIED, SATISFIED]
    assert engine.evaluate(fill(context, {"a": None, "b": True})).outcomes() == [MISSING, MISSING]
    engine.close()


# --- the outcomes ---------------------------------------------------------------------------------------------------


def test_a_wrong_branch_of_the_network_is_named(context: Context, fill: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Network.answer

    def wrong(self: Network, group: Any, values: Any, asked: Any, ranks: Any) -> Any:
        outcomes = answer(self, group, values, asked, ranks)
        outcomes[1] = failed("faux")
        return outcomes

    monkeypatch.setattr(Network, "answer", wrong)
    error = _disagreement(context, fill, TRUE_FACTS)
    assert (error.context, error.rule, error.network, error.reference) == ("essai", "R-2", failed("faux"), SATISFIED)


@pytest.mark.parametrize(("rank", "rule"), [(0, "R-1"), (1, "R-2")])
def test_a_wrong_chain_of_the_reference_is_named(context: Context, fill: Fill, rank: int, rule: str) -> None:
    engine = Engine(context)
    (group,) = engine._groups
    reference = group.reference
    chain, _ = reference._chains[rank]
    reference._chains[rank] = (chain, MISSING)
    with pytest.raises(EngineDisagreement) as caught:
        engine.evaluate(fill(context, TRUE_FACTS))
    assert (caught.value.rule, caught.value.network, caught.value.reference) == (rule, SATISFIED, MISSING)
    engine.close()


def test_a_wrong_deduction_of_the_network_is_named(
    context: Context, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Network, "deduce", lambda self, early, asked: (True, False))
    error = _disagreement(context, fill, TRUE_FACTS)
    assert (error.rule, error.network, error.reference) == ("pret", False, True)


def test_an_unknown_deduction_is_not_taken_for_a_false_one(
    context: Context, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Network, "deduce", lambda self, early, asked: (False, None))
    error = _disagreement(context, fill, {"a": False, "b": True})
    assert (error.rule, error.network, error.reference) == ("pret", None, False)


def test_a_disagreement_is_not_remembered(context: Context, fill: Fill) -> None:
    engine = Engine(context)
    (group,) = engine._groups
    reference = group.reference
    chain, final = reference._chains[0]
    reference._chains[0] = (chain, MISSING)
    with pytest.raises(EngineDisagreement):
        engine.evaluate(fill(context, TRUE_FACTS))
    assert not group.answers
    assert not any(known for _, known in group.outcomes)
    reference._chains[0] = (chain, final)
    assert engine.evaluate(fill(context, TRUE_FACTS)).outcomes() == [SATISFIED, SATISFIED]
    engine.close()


# --- the runs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("prefix", "rule"), [("c", "deductions"), ("b", "R-1")])
def test_a_run_that_does_not_reach_its_sentinel_stops_the_decision(
    context: Context, fill: Fill, tamper: Tamper, monkeypatch: pytest.MonkeyPatch, prefix: str, rule: str
) -> None:
    _deduce_well(prefix, monkeypatch)
    tamper(lambda definition: definition.pop(END) if _rules(definition, prefix) else None)
    error = _disagreement(context, fill, TRUE_FACTS)
    assert error.rule == rule
    assert isinstance(error.network, IncompleteRun)
    assert "sentinel" in str(error.network)


@pytest.mark.parametrize(
    ("prefix", "message"), [("c", "two values of pret were concluded"), ("b", "two branches of R-1 fired")]
)
def test_two_answers_to_one_question_stop_the_decision(
    context: Context, fill: Fill, tamper: Tamper, monkeypatch: pytest.MonkeyPatch, prefix: str, message: str
) -> None:
    def loosen(definition: Definition) -> None:
        for name in _rules(definition, prefix)[:3]:
            definition[name] = definition[END]

    _deduce_well(prefix, monkeypatch)
    tamper(loosen)
    error = _disagreement(context, fill, TRUE_FACTS)
    assert message in str(error.network)


@pytest.mark.parametrize(("prefix", "message"), [("c", "pret was not concluded"), ("b", "no branch of R-1 fired")])
def test_a_question_without_an_answer_stops_the_decision(
    context: Context, fill: Fill, tamper: Tamper, monkeypatch: pytest.MonkeyPatch, prefix: str, message: str
) -> None:
    def remove(definition: Definition) -> None:
        count = {"c": None, "b": 3}[prefix]
        for name in _rules(definition, prefix)[:count]:
            del definition[name]

    _deduce_well(prefix, monkeypatch)
    tamper(remove)
    error = _disagreement(context, fill, TRUE_FACTS)
    assert message in str(error.network)


def test_a_rule_that_we_did_not_write_stops_the_decision(context: Context, fill: Fill, tamper: Tamper) -> None:
    tamper(lambda definition: definition.update(inconnue=definition[END]))
    assert "unexpected firing: inconnue" in str(_disagreement(context, fill, TRUE_FACTS).network)


def test_a_branch_of_a_check_of_another_form_stops_the_decision(
    context: Context, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(context)
    other = Engine(context)
    for group in engine._network.groups:
        group.questions = tuple(
            (replace(question, place=replace(question.place, ranks={"b999": 0})), said)
            for question, said in group.questions
        )
    with pytest.raises(EngineDisagreement, match="a branch of another form than that of R-1"):
        engine.evaluate(fill(context, TRUE_FACTS))
    assert other.evaluate(fill(context, TRUE_FACTS)).outcomes() == [SATISFIED, SATISFIED]
    engine.close()
    other.close()


def test_a_rule_that_fires_again_and_again_stops_the_decision(
    context: Context, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rete, "complete_and_start_action", lambda handle, state: '{"b0":{}}')
    monkeypatch.setattr(Network, "deduce", lambda self, early, asked: (True, True))
    assert "unexpected firing" in str(_disagreement(context, fill, TRUE_FACTS).network)


def test_an_error_of_the_library_stops_the_decision(
    context: Context, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int, fact: str) -> None:
        raise rete.error("Could not assert fact, error code: 303")

    monkeypatch.setattr(rete, "assert_fact", refuse)
    assert "303" in str(_disagreement(context, fill, TRUE_FACTS).network)


def test_after_an_incomplete_run_the_engine_refuses_every_dossier(
    context: Context, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(context)
    with monkeypatch.context() as broken:
        broken.setattr(rete, "start_action_for_state", lambda handle, state: None)
        with pytest.raises(EngineDisagreement, match="sentinel"):
            engine.evaluate(fill(context, TRUE_FACTS))
    with pytest.raises(EngineDisagreement, match="closed"):
        engine.evaluate(fill(context, TRUE_FACTS))
    engine.close()


@pytest.mark.parametrize("prefix", ["b", "c"])
def test_a_wrong_conclusion_is_found_even_when_no_outcome_depends_on_it(
    make_context: Callable[..., Context], fill: Fill, tamper: Tamper, prefix: str
) -> None:
    a = Expr(FIELD, (), BOOLEAN, "a")
    base = Expr(DEDUCTION, (), BOOLEAN, "socle")
    deductions = {"inutile": a} if prefix == "b" else {"socle": Expr(PRESENT, (), BOOLEAN, "a"), "inutile": base}
    context = make_context([Check("R", "", (Step(a, None, MISSING),), SATISFIED)], deductions)

    def swap(definition: Definition) -> None:
        if len(_rules(definition, prefix)) == 3:
            first, second, _ = _rules(definition, prefix)
            definition[first], definition[second] = definition[second], definition[first]

    tamper(swap)
    error = _disagreement(context, fill, {"a": True})
    assert (error.rule, error.network, error.reference) == ("inutile", False, True)
