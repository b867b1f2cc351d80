"""What the tests of inference share: scripts run apart, contexts made of formulas, an oracle of Kleene's logic."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st
from tests.bounds import HANG

import recevable
from recevable.inference.engine import Engine
from recevable.language.evaluate import Layout, Slots
from recevable.language.tree import ABSENT, AND, DEDUCTION, FIELD, LITERAL, NOT, OR, PRESENT, Expr
from recevable.language.types import BOOLEAN
from recevable.pack.compiled import CompiledPack
from recevable.pack.loader import load
from recevable.pack.model import (
    MISSING,
    NOT_APPLICABLE,
    SATISFIED,
    TO_APPRAISE,
    Check,
    Context,
    Definition,
    Outcome,
    Step,
    failed,
)

Facts = Mapping[str, bool | None]
Script = Callable[..., "subprocess.CompletedProcess[str]"]
ContextMaker = Callable[..., Context]
Fill = Callable[[Context, Facts], Slots]
Expected = Callable[[Context, Facts], tuple[dict[str, bool | None], list[Outcome]]]
PackMaker = Callable[[str], CompiledPack]

ENGINE = Path(recevable.__file__).parent.parent
PACK = ENGINE.parent / "rules" / "af-ope-mss"

# --- scripts run apart: a crash takes its process -------------------------------------------------------------------

PRELUDE = """
import json, resource, sys
import durable_rules_engine as rete

resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

def ruleset(**rules):
    return rete.create_ruleset("essai", json.dumps({name: {"all": patterns} for name, patterns in rules.items()}))

def put(handle, fact, sid="1", id="f"):
    text = fact if isinstance(fact, str) else json.dumps({"sid": sid, "id": id, **fact})
    return rete.assert_fact(handle, text)

def fired(handle, fact, sid="1", id="f"):
    seen = []
    state = put(handle, fact, sid, id)[1]
    started = rete.start_action_for_state(handle, state)
    match = started[1] if started else None
    while match:
        seen.append(next(iter(json.loads(match))))
        match = rete.complete_and_start_action(handle, state)
    return seen
"""


@pytest.fixture(scope="session")
def raw() -> Script:
    """Run a script against the C module alone; memory that the library forgets to initialise holds garbage."""

    def run(code: str, timeout: float = HANG) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", PRELUDE + code],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env={**os.environ, "MALLOC_PERTURB_": "165"},
        )

    return run


@pytest.fixture(scope="session")
def apart() -> Script:
    """Run a script that uses recevable, in a process of its own, with the same garbage."""

    def run(code: str, *arguments: str, timeout: float = HANG) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            env={**os.environ, "MALLOC_PERTURB_": "165", "PYTHONPATH": str(ENGINE)},
        )

    return run


# --- contexts made of formulas --------------------------------------------------------------------------------------


def _context(checks: Sequence[Check], deductions: Mapping[str, Expr] | None = None) -> Context:
    definitions = tuple(Definition(name, deduction=expr) for name, expr in (deductions or {}).items())
    return Context("essai", None, definitions, tuple(checks), {}, Layout(ZoneInfo("UTC")), {}, ())


def _fill(context: Context, facts: Facts) -> Slots:
    layout = context.layout
    places = {layout.slot(FIELD, name): value for name, value in facts.items()}
    slots = layout.empty()
    for place, value in places.items():
        slots[place] = value
    return slots


def _kleene(expr: Expr, facts: Facts) -> Any:
    if expr.op == LITERAL:
        return expr.value
    if expr.op in (FIELD, DEDUCTION):
        return facts.get(str(expr.value))
    if expr.op in (PRESENT, ABSENT):
        return (facts.get(str(expr.value)) is None) is (expr.op == ABSENT)
    values = [_kleene(arg, facts) for arg in expr.args]
    if expr.op == NOT:
        return None if values[0] is None else not values[0]
    if expr.op in ("=", "!="):
        return None if None in values else (values[0] is values[1]) is (expr.op == "=")
    decisive = expr.op == OR
    return decisive if decisive in values else None if None in values else not decisive


def _outcome(check: Check, facts: Facts) -> Outcome:
    for step in check.steps:
        value = _kleene(step.test, facts)
        answer = step.unknown if value is None else step.true if value else step.false
        if answer is not None:
            return answer
    return check.final


def _expected(context: Context, facts: Facts) -> tuple[dict[str, bool | None], list[Outcome]]:
    known = dict(facts)
    deduced: dict[str, bool | None] = {}
    for definition in context.definitions:
        assert definition.deduction is not None
        deduced[definition.name] = known[definition.name] = _kleene(definition.deduction, known)
    return deduced, [_outcome(check, known) for check in context.checks]


@pytest.fixture(scope="session")
def make_context() -> ContextMaker:
    """A context of checks and named deductions, over boolean fields."""
    return _context


@pytest.fixture(scope="session")
def fill() -> Fill:
    """The slots of a context, once an engine is open on it, with these facts in them."""
    return _fill


@pytest.fixture(scope="session")
def kleene() -> Callable[[Expr, Facts], bool | None]:
    """The truth value of a formula, by a third implementation, kept as plain as can be."""
    return _kleene


@pytest.fixture(scope="session")
def outcome() -> Callable[[Check, Facts], Outcome]:
    """The outcome of a check, once deductions are known."""
    return _outcome


@pytest.fixture(scope="session")
def expected() -> Expected:
    """The deductions and the outcomes of a context."""
    return _expected


@pytest.fixture
def opened() -> Iterator[Callable[..., Engine]]:
    """Engines closed when the test ends."""
    engines: list[Engine] = []

    def open_engine(context: Context, **options: Any) -> Engine:
        engines.append(Engine(context, **options))
        return engines[-1]

    yield open_engine
    for engine in engines:
        engine.close()


# --- generated formulas ---------------------------------------------------------------------------------------------

FIELDS = tuple(f"x{rank}" for rank in range(5))
OUTCOMES = (SATISFIED, MISSING, NOT_APPLICABLE, TO_APPRAISE, failed("faux"), failed("autre"))


class Generated:
    """Strategies of formulas, checks, contexts and facts."""

    fields = FIELDS
    facts = st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in FIELDS})

    @staticmethod
    def formulas(deductions: Sequence[str] = (), leaves: int = 4) -> st.SearchStrategy[Expr]:
        """Formulas of fields and of the given deductions."""
        fields = st.sampled_from(FIELDS).map(lambda name: Expr(FIELD, (), BOOLEAN, name))
        constants = st.booleans().map(lambda value: Expr(LITERAL, (), BOOLEAN, value))
        presence = st.tuples(st.sampled_from([PRESENT, ABSENT]), st.sampled_from(FIELDS)).map(
            lambda parts: Expr(parts[0], (), BOOLEAN, parts[1])
        )
        leaf: st.SearchStrategy[Expr] = st.one_of(fields, fields, presence, constants)
        if deductions:
            read = st.sampled_from(deductions).map(lambda name: Expr(DEDUCTION, (), BOOLEAN, name))
            compared = st.tuples(st.sampled_from(["=", "!="]), read, constants).map(
                lambda parts: Expr(parts[0], parts[1:], BOOLEAN)
            )
            leaf = st.one_of(leaf, read, read, compared)
        return st.recursive(
            leaf,
            lambda inner: st.one_of(
                inner.map(lambda expr: Expr(NOT, (expr,), BOOLEAN)),
                st.tuples(st.sampled_from([AND, OR]), st.lists(inner, min_size=2, max_size=3)).map(
                    lambda parts: Expr(parts[0], tuple(parts[1]), BOOLEAN)
                ),
            ),
            max_leaves=leaves,
        )

    @staticmethod
    def checks(deductions: Sequence[str] = (), steps: int = 4) -> st.SearchStrategy[Check]:
        """Chains of tests."""
        answers = st.sampled_from([None, *OUTCOMES])
        step = st.builds(Step, Generated.formulas(deductions), answers, answers, answers)
        chain = st.lists(step, max_size=steps).map(tuple)
        return st.builds(Check, st.just("R"), st.just(""), chain, st.sampled_from(OUTCOMES))

    @staticmethod
    @st.composite
    def contexts(draw: st.DrawFn, deductions: int = 7, checks: int = 5) -> Context:
        """Contexts whose deductions read those before them, and whose checks read them all."""
        names = [f"ded{rank}" for rank in range(draw(st.integers(0, deductions)))]
        found = {name: draw(Generated.formulas(names[:rank])) for rank, name in enumerate(names)}
        drawn = draw(st.lists(Generated.checks(names, steps=3), min_size=1, max_size=checks))
        numbered = [Check(f"R{rank}", c.cause, c.steps, c.final) for rank, c in enumerate(drawn)]
        return _context(numbered, found)


@pytest.fixture(scope="session")
def generated() -> type[Generated]:
    """The strategies, for tests that draw from them."""
    return Generated


# --- values given to a network directly ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def possible() -> Callable[[Expr], tuple[bool | None, ...]]:
    """What a comparison may be worth: whether a field is there is never unknown."""
    return lambda expr: (True, False) if expr.op in (PRESENT, ABSENT) else (True, False, None)


# --- packs ----------------------------------------------------------------------------------------------------------

MANIFEST = """
programme: essai
titre: Programme d'essai
fuseau: Europe/Paris
schema: dossier.schema.json
profil: essai.profil
versions: [{version: "1", a_partir_du: "2020-01-01", source: "§1"}]
demandes:
  essai: {titre: Demande d'essai, racine: essai, reception: essai.recue_le}
"""


@pytest.fixture(scope="session")
def write_pack(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A folder of rules; `essai` holds the booleans a to h and x0 to x199, and the integers m and n."""

    def write(rules: str) -> Path:
        folder = tmp_path_factory.mktemp("paquet")
        (folder / "regles").mkdir()
        names = [*"abcdefgh", *(f"x{rank}" for rank in range(200))]
        members: dict[str, Any] = {name: {"type": "boolean"} for name in names}
        members |= {"m": {"type": "integer"}, "n": {"type": "integer"}}
        members |= {"recue_le": {"type": "string", "format": "instant"}, "profil": {"enum": ["un", "autre"]}}
        schema = {"type": "object", "properties": {"essai": {"type": "object", "properties": members}}}
        (folder / "dossier.schema.json").write_text(json.dumps(schema), "utf-8")
        (folder / "programme.yaml").write_text(MANIFEST, "utf-8")
        (folder / "parametres.yaml").write_text("parametres: {}\n", "utf-8")
        (folder / "regles" / "essai.yaml").write_text(rules, "utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def make_pack(write_pack: Callable[[str], Path]) -> PackMaker:
    """A compiled pack from the text of its rules."""
    return lambda rules: CompiledPack(load(write_pack(rules)))


@pytest.fixture(scope="session")
def real_pack() -> CompiledPack:
    """The shipped pack of the first programme."""
    compiled = CompiledPack(load(PACK))
    compiled.verify()
    return compiled
