"""The examples written inside the rules: all pass, and none of a rule's ways to answer is without one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest

from recevable.decision.decide import Decider
from recevable.language.diagnostics import Diagnostic
from recevable.pack.examples import read_examples
from recevable.pack.model import Pack, Result, Rule
from recevable.pack.nodes import Mapping as YamlMapping
from recevable.pack.nodes import to_data
from recevable.trials.examples import ExampleResult, run_example

Ran = dict[str, list[ExampleResult]]
Shown = Callable[[Rule], set[str]]


@pytest.fixture(scope="module")
def unreadable() -> list[Diagnostic]:
    return []


@pytest.fixture(scope="module")
def ran(decider: Decider, unreadable: list[Diagnostic]) -> Ran:
    """Every example of the pack, run once, by rule."""
    found: Ran = defaultdict(list)
    for example in read_examples(decider.compiled, unreadable):
        result = run_example(example, decider)
        found[result.rule].append(result)
    return found


@pytest.fixture(scope="module")
def shown(ran: Ran) -> Shown:
    """Every outcome that the examples of a rule expect, one word each: `non_satisfait:absente`."""
    return lambda rule: {word for example in ran[rule.id] for word in example.expected.split()}


def _answers(rule: Rule) -> set[str]:
    """The answers that the examples of an appraisal record."""
    found = set()
    for node in rule.examples:
        assert isinstance(node, YamlMapping)
        found.add(to_data(node.entries["avec"]).get(f"appreciations.{rule.id}", {}).get("reponse"))
    return found


def _listed(missing: dict[str, set[str]], pack: Pack) -> str:
    """The rules that lack something, each with its place."""
    return "\n".join(f"{pack.rules[r].span} {r} : {', '.join(sorted(m))}" for r, m in missing.items() if m)


def test_every_example_of_the_rule_passes(rule_id: str, ran: Ran) -> None:
    failed = [f"{e.span} : `{e.expected}` attendu, `{e.got}` obtenu" for e in ran[rule_id] if not e.passed]
    assert not failed, "\n".join(failed)


def test_no_example_is_unreadable(ran: Ran, unreadable: list[Diagnostic]) -> None:
    assert ran
    assert unreadable == []


def test_every_example_is_run(pack: Pack, ran: Ran) -> None:
    assert {rule.id: len(rule.examples) for rule in pack.rules.values()} == {r: len(ran[r]) for r in pack.rules}


def test_every_way_to_fail_and_every_step_has_an_example(pack: Pack, shown: Shown) -> None:
    lacking = {r.id: {f"{c.result}:{c.name}" for c in r.causes} - shown(r) for r in pack.rules.values()}
    assert not any(lacking.values()), _listed(lacking, pack)


def test_every_answer_to_a_question_has_an_example(pack: Pack) -> None:
    questions = [rule for rule in pack.rules.values() if rule.question is not None]
    lacking = {rule.id: set(rule.answers) - _answers(rule) for rule in questions}
    assert not any(lacking.values()), _listed(lacking, pack)


def test_every_question_is_shown_open(pack: Pack, shown: Shown) -> None:
    questions = [rule for rule in pack.rules.values() if rule.question is not None]
    assert questions
    assert [rule.id for rule in questions if Result.TO_APPRAISE not in shown(rule)] == []


def test_every_rule_is_shown_satisfied(pack: Pack, shown: Shown) -> None:
    checks = [rule for rule in pack.rules.values() if rule.kind in ("piece", "condition", "delai", "appreciation")]
    assert checks
    assert [rule.id for rule in checks if Result.SATISFIED not in shown(rule)] == []


def test_every_number_is_shown_with_a_value(pack: Pack, shown: Shown) -> None:
    numbers = [rule for rule in pack.rules.values() if rule.kind == "montant"]
    assert numbers
    assert [rule.id for rule in numbers if not shown(rule) - set(Result)] == []


def test_every_deduction_is_shown_true_and_false(pack: Pack, shown: Shown) -> None:
    deductions = [rule for rule in pack.rules.values() if rule.kind == "deduction"]
    assert deductions
    assert [rule.id for rule in deductions if shown(rule) != {"true", "false"}] == []


def test_every_rule_that_may_not_apply_is_shown_not_applicable(pack: Pack, shown: Shown) -> None:
    optional = [rule for rule in pack.rules.values() if rule.when is not None]
    assert optional
    assert [f"{r.span} {r.id}" for r in optional if Result.NOT_APPLICABLE not in shown(r)] == []


def test_every_deadline_is_shown_at_its_very_second_and_the_next(pack: Pack) -> None:
    deadlines = {r.id: " ".join(str(to_data(n)) for n in r.examples) for r in pack.rules.values() if r.kind == "delai"}
    assert deadlines
    assert [r for r, texts in deadlines.items() if "T14:00:00" not in texts or "T14:00:01" not in texts] == []
