"""Each silent wrong result of durable_rules 2.0.28 that was measured: what it answers, and that nothing of ours asks.

The first half of each pair shows the library at work, in a process of its own; the second half shows our door.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import durable_rules_engine as rete
import pytest

from recevable.inference import ruleset as door
from recevable.inference.branches import Atom
from recevable.inference.engine import Engine
from recevable.inference.network import Network
from recevable.inference.ruleset import IncompleteRun, Ruleset, UnsafeRuleset, name_hash
from recevable.language.evaluate import Slots
from recevable.language.tree import DEDUCTION, FIELD, Expr
from recevable.language.types import BOOLEAN
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import SATISFIED, Check, Context, Step, failed

Script = Callable[..., "subprocess.CompletedProcess[str]"]
ContextMaker = Callable[..., Context]
Fill = Callable[[Context, dict[str, bool | None]], Slots]


def _answer(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# --- names are hashes -----------------------------------------------------------------------------------------------


def test_the_library_takes_one_field_for_another_of_the_same_hash(raw: Script) -> None:
    done = raw('print(json.dumps(fired(ruleset(r=[{"m_0": {"liquid": 1}}]), {"costarring": 1})))')
    assert _answer(done) == ["r"]


def test_the_library_takes_one_session_for_another_of_the_same_hash(raw: Script) -> None:
    done = raw("""
handle = ruleset(both=[{"m_0": {"a": 1}}, {"m_1": {"b": 1}}])
print(json.dumps([fired(handle, {"a": 1}, "liquid", "f"), fired(handle, {"b": 1}, "costarring", "g")]))
""")
    assert _answer(done) == [[], ["both"]]


def test_the_library_takes_one_fact_for_another_whose_id_has_the_same_hash(raw: Script) -> None:
    done = raw("""
handle = ruleset(r=[{"m_0": {"a": 1}}])
print(json.dumps([put(handle, {"a": 1}, id="liquid")[0], put(handle, {"a": 1}, id="costarring")[0]]))
""")
    assert _answer(done) == [0, 2]


def test_our_hash_is_that_of_the_library() -> None:
    # the constants that its source gives for "id" and "sid"
    assert (name_hash("id"), name_hash("sid")) == (926_444_256, 3_593_476_751)
    assert name_hash("liquid") == name_hash("costarring")


@pytest.mark.parametrize(
    ("fields", "rules", "concluded"),
    [
        (["liquid", "costarring"], {"r": [{"liquid": 1}]}, []),
        (["liquid"], {"r": [{"liquid": 1}]}, ["costarring"]),
        (["a"], {"r": [{"d": 1}]}, ["d", "d"]),
        (["a", "a"], {"r": [{"a": 1}]}, []),
        (["a"], {"liquid": [{"a": 1}], "costarring": [{"a": 1}]}, []),
        (["a"], {"fin": [{"a": 1}]}, []),
    ],
)
def test_two_names_of_the_same_hash_are_refused(
    fields: list[str], rules: dict[str, list[dict[str, int]]], concluded: list[str]
) -> None:
    with pytest.raises(UnsafeRuleset, match="share a 32-bit hash"):
        Ruleset(fields, rules, concluded)


@pytest.mark.parametrize("name", ["id", "sid", "fin", "f", "s", "m_0"])
def test_a_field_named_as_a_part_of_our_facts_is_refused(name: str) -> None:
    with pytest.raises(UnsafeRuleset, match="share a 32-bit hash"):
        Ruleset([name], {"r": [{name: 1}]})


@pytest.mark.parametrize("name", ["", "é", "a b", 'a"', "a%d", "a.b", "$s"])
def test_a_name_that_we_did_not_generate_is_refused(name: str) -> None:
    with pytest.raises(UnsafeRuleset, match="no generated name"):
        Ruleset([name], {"r": [{name: 1}]})


def test_the_names_that_we_generate_never_share_a_hash() -> None:
    names = [f"{letter}{rank}" for letter in "ad" for rank in range(20_000)]
    assert len({name_hash(name) for name in names}) == len(names)


# --- values ---------------------------------------------------------------------------------------------------------


def test_the_library_holds_one_equal_to_true_and_to_a_text(raw: Script) -> None:
    done = raw("""
number, text = (ruleset(r=[{"m_0": {"a": value}}]) for value in (1, "1"))
above = ruleset(r=[{"m_0": {"$gt": {"a": 1000}}}])
print(json.dumps([fired(number, {"a": True}), fired(text, {"a": 1}), fired(above, {"a": "abc"})]))
""")
    assert _answer(done) == [["r"], ["r"], ["r"]]


def test_the_library_compares_decimals_as_doubles_and_saturates_integers(raw: Script) -> None:
    done = raw("""
double, largest = (ruleset(r=[{"m_0": {"a": value}}]) for value in (0.1, 2**63 - 1))
texts = ('{"sid":"1","id":"f","a":0.10000000000000001}', '{"sid":"1","id":"f","a":9223372036854775900}')
print(json.dumps([fired(double, texts[0]), fired(largest, texts[1])]))
""")
    assert _answer(done) == [["r"], ["r"]]


def test_the_library_orders_and_compares_texts_letter_by_letter_of_their_json(raw: Script) -> None:
    done = raw("""
before, accent = ruleset(r=[{"m_0": {"$lt": {"a": "ab "}}}]), ruleset(r=[{"m_0": {"a": "\\u00e9"}}])
print(json.dumps([fired(before, {"a": "ab"}), fired(accent, '{"sid":"1","id":"f","a":"\\u00e9"}')]))
""")
    assert _answer(done) == [[], []]


def test_the_library_holds_a_text_of_65_536_letters_equal_to_none_at_all(raw: Script) -> None:
    done = raw('print(json.dumps(fired(ruleset(r=[{"m_0": {"a": ""}}]), {"a": "x" * 65536})))')
    assert _answer(done) == ["r"]


def test_the_library_does_not_match_arrays_of_objects_as_documented(raw: Script) -> None:
    done = raw("""
both = {"$and": [{"x": 1}, {"y": 1}]}
handle = ruleset(some=[{"m_0": {"$iany": {"a": both}}}], every=[{"m_0": {"$iall": {"a": both}}}])
print(json.dumps(fired(handle, {"a": [{"x": 1, "y": 1}]})))
""")
    assert _answer(done) == []


def test_a_rule_of_the_library_is_silent_on_an_absent_or_null_field(raw: Script) -> None:
    done = raw("""
handle = ruleset(r=[{"m_0": {"$neq": {"a": 1}}}])
print(json.dumps([fired(handle, {"b": 2}, "1"), fired(handle, {"a": None}, "2"), fired(handle, {"a": 2}, "3")]))
""")
    assert _answer(done) == [[], [], ["r"]]


@pytest.mark.parametrize("value", [True, "1", 1.0, 0.1, -1, 10, 2**63, None, "abc", "", [{"x": 1}]])
def test_a_rule_tests_nothing_but_a_small_integer(value: object) -> None:
    with pytest.raises(UnsafeRuleset, match="no test of a small integer"):
        Ruleset(["a"], {"r": [{"a": value}]})  # type: ignore[dict-item]  # what the types forbid


def test_a_rule_on_a_field_that_is_not_in_the_fact_is_refused() -> None:
    with pytest.raises(UnsafeRuleset, match="no test of a small integer"):
        Ruleset(["a"], {"r": [{"b": 1}]})


def test_a_pattern_that_no_single_fact_can_match_is_refused() -> None:
    with pytest.raises(UnsafeRuleset, match="one pattern tests two facts"):
        Ruleset(["a"], {"r": [{"a": 1, "d": 1}]}, ["d"])


def test_an_empty_pattern_is_refused() -> None:
    with pytest.raises(UnsafeRuleset, match="empty pattern"):
        Ruleset(["a"], {"r": [{}]})


# --- everything that our own packs say to the library ---------------------------------------------------------------

CALLED = {
    "create_ruleset", "delete_ruleset", "assert_fact", "retract_fact", "start_action_for_state",
    "complete_and_start_action", "delete_state", "error",
}  # fmt: skip


def test_the_door_calls_no_other_function_of_the_library() -> None:
    tree = ast.parse(inspect.getsource(door))
    attributes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    assert {a.attr for a in attributes if isinstance(a.value, ast.Name) and a.value.id == "rete"} == CALLED


def _equalities(pattern: dict[str, Any]) -> Iterator[tuple[str, object]]:
    for clause in pattern.get("$and", [pattern]):
        yield from clause.items()


def test_the_shipped_pack_tells_the_library_nothing_but_small_integers(
    real_pack: CompiledPack, possible: Callable[[Expr], tuple[bool | None, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    rules: list[dict[str, Any]] = []
    facts: list[str] = []
    create, put = rete.create_ruleset, rete.assert_fact

    def spy_on_rules(name: str, definition: str) -> Any:
        rules.extend(json.loads(definition).values())
        return create(name, definition)

    def spy_on_facts(handle: int, fact: str) -> Any:
        facts.append(fact)
        return put(handle, fact)

    monkeypatch.setattr(rete, "create_ruleset", spy_on_rules)
    monkeypatch.setattr(rete, "assert_fact", spy_on_facts)
    for name in real_pack.context_names:
        network = Network(real_pack.context(name))
        network.deduce([possible(expr)[-1] for expr in network.early])
        for group in network.groups:
            network.answer(group, [possible(v.expr)[-1] if isinstance(v, Atom) else None for v in group.variables])
        network.close()

    assert len(rules) > 300
    assert all(rule.keys() == {"all"} for rule in rules)
    tests = [test for rule in rules for named in rule["all"] for p in named.values() for test in _equalities(p)]
    assert all(re.fullmatch(r"[adv][0-9]+|fin", f) and v in {0, 1, 2} for f, v in tests if f != "forme")
    assert all(value in range(10) for field, value in tests if field == "forme")
    shape = re.compile(r'\{"sid":"s","id":"(f|d[0-9]+)"(,"fin":1)?(,"forme":[0-9])?(,"[adv][0-9]+":[0-2])*\}')
    assert len(facts) > 30
    assert all(shape.fullmatch(fact) for fact in facts)


# --- what changes between two runs ----------------------------------------------------------------------------------


def test_the_library_keeps_the_old_content_of_a_fact_given_again(raw: Script) -> None:
    done = raw("""
handle = ruleset(one=[{"m_0": {"a": 1}}], two=[{"m_0": {"a": 2}}])
print(json.dumps([fired(handle, {"a": 1}), put(handle, {"a": 2})[0], json.loads(rete.get_facts(handle, "1"))[0]["a"]]))
""")
    assert _answer(done) == [["one"], 2, 1]


def test_the_library_says_nothing_when_what_made_a_rule_fire_is_gone(raw: Script) -> None:
    done = raw("""
handle = ruleset(r=[{"m_0": {"a": 1}}])
seen = fired(handle, {"a": 1})
status, state = rete.retract_fact(handle, json.dumps({"sid": "1", "id": "f", "a": 1}))
print(json.dumps([seen, status, rete.start_action_for_state(handle, state)]))
""")
    assert _answer(done) == [["r"], 0, None]


def test_each_run_answers_for_its_own_values_only() -> None:
    ruleset = Ruleset(["a", "b"], {"one": [{"a": 1}], "two": [{"a": 2}], "both": [{"a": 1, "b": 1}]})
    given = ([1, 1], [1, 0], [2, 1], [0, 0], [1, 1])
    assert [sorted(ruleset.run(values)) for values in given] == [["both", "one"], ["one"], ["two"], [], ["both", "one"]]
    ruleset.close()


def test_a_cured_dossier_is_answered_afresh(make_context: ContextMaker, fill: Fill) -> None:
    signed = Expr(FIELD, (), BOOLEAN, "signe")
    ready = Expr(DEDUCTION, (), BOOLEAN, "pret")
    context = make_context([Check("R", "", (Step(ready, None, failed("faux")),), SATISFIED)], {"pret": signed})
    engine = Engine(context, remembered=0)
    answers = [engine.evaluate(fill(context, {"signe": value})).outcomes()[0] for value in (False, True, False)]
    assert answers == [failed("faux"), SATISFIED, failed("faux")]
    engine.close()


def test_a_fact_left_behind_by_a_run_stops_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ruleset = Ruleset(["a"], {"r": [{"a": 1}]})
    monkeypatch.setattr(rete, "retract_fact", lambda handle, fact: (0, 0))
    ruleset.run([1])
    with pytest.raises(IncompleteRun, match=r"the fact was refused \(2\)"):
        ruleset.run([2])


def test_a_conclusion_left_behind_by_a_run_stops_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    ruleset = Ruleset(["a"], {"r": [{"a": 1}], "t": [{"d": 1}]}, ["d"])
    retract = rete.retract_fact
    monkeypatch.setattr(rete, "retract_fact", lambda handle, fact: '"d"' in fact or retract(handle, fact))
    ruleset.run([1], {"r": ("d", 1)}.get)
    with pytest.raises(IncompleteRun, match="was refused"):
        ruleset.run([1], {"r": ("d", 1)}.get)


# --- actions --------------------------------------------------------------------------------------------------------

HOST = """
import threading
from durable import engine
engine.Host._run = lambda self: None
host = engine.Host()
def rules(*actions):
    return {f"r{i}": {"all": [{"m": {"a": 1}}], "run": action} for i, action in enumerate(actions)}
"""


def test_the_host_of_the_library_swallows_what_an_action_raises(raw: Script) -> None:
    done = raw(f"""{HOST}
def action(c):
    raise KeyboardInterrupt
host.register_rulesets({{"r": rules(action)}})
print(json.dumps(host.assert_fact("r", {{"a": 1}})["exception"].split(" ,")[0].split("\\n")[0]))
""")
    assert _answer(done).startswith("exception caught")


def test_the_host_of_the_library_takes_a_default_argument_for_a_callback(raw: Script) -> None:
    done = raw(f"""{HOST}
seen = []
host.register_rulesets({{"r": rules(lambda c, x=1: seen.append(type(x).__name__))}})
host.assert_fact("r", {{"a": 1}})
print(json.dumps(seen))
""")
    assert _answer(done) == ["function"]


def test_the_host_of_the_library_drops_the_other_rules_after_a_long_action(raw: Script) -> None:
    # its clock is moved instead of waiting
    done = raw(f"""{HOST}
seen, now = [], engine._unix_now
def long(c):
    seen.append("long")
    engine._unix_now = lambda: now() + 11
host.register_rulesets({{"r": rules(long, lambda c: seen.append("next"))}})
host.assert_fact("r", {{"a": 1}})
print(json.dumps(seen))
""")
    assert _answer(done) == ["long"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_what_a_conclusion_raises_comes_out_and_the_ruleset_is_closed(error: type[BaseException]) -> None:
    ruleset = Ruleset(["a"], {"r": [{"a": 1}], "s": [{"a": 1}]})

    def conclude(rule: str) -> None:
        raise error

    with pytest.raises(error):
        ruleset.run([1], conclude)
    with pytest.raises(IncompleteRun, match="closed"):
        ruleset.run([1])


@pytest.mark.parametrize("conclusion", [("e", 1), ("d", 10), ("d", -1)])
def test_a_conclusion_that_was_not_declared_is_an_incomplete_run(conclusion: tuple[str, int]) -> None:
    ruleset = Ruleset(["a"], {"r": [{"a": 1}], "s": [{"d": 1}]}, ["d"])
    with pytest.raises(IncompleteRun, match="not declared"):
        ruleset.run([1], lambda rule: conclusion)


def test_one_name_concluded_twice_is_an_incomplete_run() -> None:
    ruleset = Ruleset(["a"], {"r": [{"a": 1}], "s": [{"a": 1}], "t": [{"d": 1}]}, ["d"])
    with pytest.raises(IncompleteRun, match="was refused"):
        ruleset.run([1], lambda rule: ("d", 1) if rule in "rs" else None)


def test_firing_is_bounded_by_the_number_of_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    ruleset = Ruleset(["a"], {"r": [{"a": 1}]})
    monkeypatch.setattr(rete, "complete_and_start_action", lambda handle, state: '{"r":{}}')
    with pytest.raises(IncompleteRun, match="unexpected firing: r"):
        ruleset.run([1])
