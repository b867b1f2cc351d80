"""Each operation of the table made wrong, in each evaluator in turn: nothing is decided, and the rule is named."""

from __future__ import annotations

import decimal
import importlib.util
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from recevable.cli.app import run_code
from recevable.decision.decide import Decider
from recevable.inference.engine import Engine, EngineDisagreement
from recevable.language import evaluate, generated
from recevable.language.calendar import Duration
from recevable.language.evaluate import EXACT, Evaluators, Layout, Slots
from recevable.language.operations import OPERATIONS
from recevable.language.tree import VARIABLE, Expr, nodes, references
from recevable.language.types import Kind
from recevable.pack.model import MISSING, SATISFIED, Check, Context, Step, failed

ROOT = Path(__file__).parents[2]
WARM = 40


class Sabotage:
    """Makes the known results of one operation wrong, in one evaluator, once `on`."""

    def __init__(self) -> None:
        self.on = False

    def spoil(self, value: Any) -> Any:
        if not self.on or value is None:
            return value
        if isinstance(value, bool):
            return not value
        if isinstance(value, str):
            return f"{value}x"
        if isinstance(value, list):
            return value[1:] or [{"demande": "avance", "montant": Decimal("7.00")}]
        if isinstance(value, tuple):
            return tuple(map(self.spoil, value))
        if isinstance(value, Duration):
            return value + Duration(days=1)
        if isinstance(value, date):
            back = value.year > 9000
            return value - timedelta(days=1) if back else value + timedelta(days=1)
        assert isinstance(value, int | Decimal)
        return value + Decimal("0.01")

    def closures(self, op: str, monkeypatch: pytest.MonkeyPatch) -> None:
        real = evaluate._closure

        def closure(expr: Expr, built: Evaluators) -> Callable[[Slots], Any]:
            right = real(expr, built)
            return (lambda slots: self.spoil(right(slots))) if expr.op == op else right

        monkeypatch.setattr(evaluate, "_closure", closure)

    def generated(self, op: str, monkeypatch: pytest.MonkeyPatch) -> None:
        real = generated._Writer.text

        def text(writer: Any, expr: Expr) -> str:
            written = real(writer, expr)
            return f"{writer.constant(self.spoil)}({written})" if expr.op == op else written

        monkeypatch.setattr(generated._Writer, "text", text)


@pytest.fixture
def sabotage() -> Sabotage:
    return Sabotage()


@pytest.fixture(scope="module")
def sample() -> ModuleType:
    """The small dossier of the documentation."""
    spec = importlib.util.spec_from_file_location("sabotaged_sample", ROOT / "docs" / "_pages" / "sample.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _exact() -> Iterator[None]:
    with decimal.localcontext(EXACT):
        yield


def _context(op: str, sample: ModuleType) -> Context:
    """The documented examples of an operation: each is said by a rule, which those that are true or false decide."""
    checks, said = [], []
    for rank, (text, _) in enumerate(OPERATIONS[op].examples):
        expr = sample.typed(text)
        shown = [node for node in nodes(expr) if node.op == op]
        for node in shown if not references(expr, VARIABLE) else [expr]:
            said.append((f"R-{rank}", node))
            if node.type.kind is Kind.BOOLEAN:
                step = Step(node, SATISFIED, failed("faux"), MISSING)
                checks.append(Check(f"R-{rank}", "faux", (step,), SATISFIED))
    return Context("essai", None, (), tuple(checks), {}, Layout(sample.SCOPE.zone), {}, (), tuple(said))


@pytest.mark.parametrize("moment", ["cold", "warm"])
@pytest.mark.parametrize("side", ["closures", "generated"])
@pytest.mark.parametrize("op", OPERATIONS)
def test_a_wrong_operation_stops_the_decision_and_names_the_rule(
    op: str, side: str, moment: str, sabotage: Sabotage, sample: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    getattr(sabotage, side)(op, monkeypatch)
    context = _context(op, sample)
    engine = Engine(context)
    for _ in range(WARM if moment == "warm" else 0):
        engine.evaluate(sample.slots(context.layout))
    sabotage.on = True
    with pytest.raises(EngineDisagreement) as caught:
        engine.evaluate(sample.slots(context.layout))
    assert caught.value.rule.startswith("R-")
    assert caught.value.network != caught.value.reference
    engine.close()


@pytest.mark.parametrize("op", OPERATIONS)
def test_the_same_examples_agree_when_nothing_is_wrong(op: str, sample: ModuleType) -> None:
    context = _context(op, sample)
    engine = Engine(context)
    engine.evaluate(sample.slots(context.layout))
    engine.close()


@pytest.mark.parametrize("rank", [1, pytest.param(35, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("side", ["closures", "generated"])
@pytest.mark.parametrize("op", ["*", "min", "<="])
def test_no_dossier_of_a_run_is_accepted_by_a_wrong_operation(
    op: str,
    side: str,
    rank: int,
    sabotage: Sabotage,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RECEVABLE_CACHE", "non")
    getattr(sabotage, side)(op, monkeypatch)
    dossier = json.loads((ROOT / "fixtures" / "af-ope-mss" / "solde-cas-b.json").read_text("utf-8"))
    (tmp_path / "lot.ndjson").write_text(f"{json.dumps(dossier)}\n" * rank, "utf-8")
    decide, seen = Decider.decide, []

    def counted(self: Decider, *args: Any, **more: Any) -> Any:
        seen.append(1)
        sabotage.on = len(seen) == rank
        return decide(self, *args, **more)

    monkeypatch.setattr(Decider, "decide", counted)
    code = run_code(["check", "--au", "2023-10-02", "--format", "ndjson", str(tmp_path / "lot.ndjson")])
    assert len(seen) == rank
    assert code == 4
    printed = capsys.readouterr()
    last = json.loads(printed.out.splitlines()[-1])
    assert [fault["code"] for fault in last["erreurs"]] == ["MOTEURS-DESACCORD"]
    assert "demandes" not in last
    assert "MOTEURS-DESACCORD" in printed.err
