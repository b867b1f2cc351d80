"""The agreement of both evaluators kept by sampling: the same decisions, what is computed twice, what receipts say."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from tests.bounds import examples
from tests.programme.test_the_same_bytes import generated

from recevable import data
from recevable.decision.model import Decision
from recevable.dossier.dossier import Dossier
from recevable.inference.agreement import ALWAYS, ONE_IN, SAMPLED, Agreement, sample
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import Engine, EngineDisagreement
from recevable.inference.values import Computed, Values
from recevable.language.evaluate import Slots
from recevable.language.generated import Program
from recevable.programme import Programme, open_programme
from recevable.report.json_format import decision_data

DAY: Final = date(2023, 10, 2)
NAME: Final = "af-ope-mss"
SCHEMA: Final = json.loads((data.shipped("schemas") / "decision.schema.json").read_bytes())


def _programme(name: str = NAME, **options: Any) -> Programme:
    return open_programme(data.shipped("rules") / name, **options)


def _contents(programme: Programme, count: int) -> list[bytes]:
    return list(generated(programme, data.shipped("fixtures") / programme.name, count))


def _with_receipt(decision: Decision, kept: dict[str, Any]) -> dict[str, Any]:
    """A decision, without what its receipt says of the agreement, which is to be `kept`."""
    found = decision_data(decision)
    assert found["recu"].pop("accord") == kept
    return found


@pytest.fixture
def closures(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by one each time that the closures compute."""
    calls: list[int] = []
    compute = Values.by_closures

    def counted(self: Values, slots: Slots) -> Computed | Contradiction:
        calls.append(1)
        return compute(self, slots)

    monkeypatch.setattr(Values, "by_closures", counted)
    return calls


def _engine(programme: Programme) -> Engine:
    engine = programme.decider.context_decider("solde").engine
    assert isinstance(engine, Engine)
    return engine


def _drawn(programme: Programme, content: bytes) -> bool:
    found = sample(SAMPLED, programme.read(content).sha256)
    assert found is not None
    return found.drawn


def _one(programme: Programme, drawn: bool) -> bytes:
    """A dossier with every request, that is of the sample or is not."""
    base = (data.shipped("fixtures") / NAME / "solde-cinq-defauts.json").read_bytes()
    return next(c for c in (base + b" " * n for n in range(2_000)) if _drawn(programme, c) is drawn)


@pytest.mark.parametrize("name", [NAME, "reconditionneurs"])
def test_the_decisions_are_those_of_both_evaluators_but_for_the_receipt(name: str) -> None:
    quick, plain, fresh = _programme(name), _programme(name), _programme(name, remembered=0)
    alone, contents = 0, _contents(quick, examples(150))
    for content in contents:
        dossier = quick.read(content)
        drawn = _drawn(quick, content)
        alone += not drawn
        decision = quick.decide(dossier, DAY, agreement=SAMPLED)
        kept = {"mode": SAMPLED, "un_sur": ONE_IN, "tire": drawn}
        assert _with_receipt(decision, kept) == _with_receipt(plain.decide(dossier, DAY), {"mode": ALWAYS})
        # whatever this process has agreed on before
        assert fresh.to_json(fresh.decide(dossier, DAY, agreement=SAMPLED)) == quick.to_json(decision)
        Draft202012Validator(SCHEMA).validate(json.loads(quick.to_json(decision)))
    assert alone > len(contents) / 2


def test_a_stream_gives_the_same_lines_as_one_dossier_after_another() -> None:
    programme = _programme()
    contents = _contents(programme, 12)
    for line, content in zip(programme.decide_many(contents, DAY, agreement=SAMPLED), contents, strict=True):
        found = json.loads(line)
        del found["dossier"]
        again = _programme()
        assert found == json.loads(again.to_json(again.decide(again.read(content), DAY, agreement=SAMPLED)))


def test_what_is_agreed_on_is_computed_by_one_evaluator_unless_it_is_drawn(closures: list[int]) -> None:
    programme = _programme()
    for content, again in ((_one(programme, False), False), (_one(programme, True), True)):
        dossier = programme.read(content)
        first = len(programme.decide(dossier, DAY, agreement=SAMPLED).requests)
        before = len(closures)
        programme.decide(dossier, DAY, agreement=SAMPLED)
        assert bool(len(closures) - before) is again
        programme.decide(dossier, DAY)
        assert len(closures) - before > first


def test_what_was_never_agreed_on_is_computed_by_both(closures: list[int]) -> None:
    programme = _programme()
    dossier = programme.read(_one(programme, False))
    programme.decide(dossier, DAY, agreement=SAMPLED)
    assert len(closures) > 1


def test_without_memory_both_always_compute(closures: list[int]) -> None:
    programme = _programme(remembered=0)
    dossier = programme.read(_one(programme, False))
    for _ in range(2):
        before = len(closures)
        programme.decide(dossier, DAY, agreement=SAMPLED)
        assert len(closures) > before


def test_a_fault_is_met_by_what_is_drawn_and_by_what_answers_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    programme = _programme()
    left, drawn = (programme.read(_one(programme, one)) for one in (False, True))
    for dossier in (left, drawn):
        programme.decide(dossier, DAY, agreement=SAMPLED)
    network = _engine(programme)._network
    run = Program.__call__

    def tampered(alter: Any) -> None:
        def wrong(self: Program, slots: list[Any]) -> list[Any]:
            found = run(self, slots)
            return alter(found) if self is network.late_program else found

        monkeypatch.setattr(Program, "__call__", wrong)

    # an amount: nothing concludes from it
    tampered(lambda found: [1 if rank == 0 else value for rank, value in enumerate(found)])
    programme.decide(left, DAY, agreement=SAMPLED)
    kept: tuple[tuple[Dossier, Agreement], ...] = ((drawn, SAMPLED), (left, ALWAYS))
    for dossier, agreement in kept:
        with pytest.raises(EngineDisagreement):
            programme.decide(dossier, DAY, agreement=agreement)
    # truth values that were never met
    tampered(lambda found: [not value if isinstance(value, bool) else value for value in found])
    with pytest.raises(EngineDisagreement):
        programme.decide(left, DAY, agreement=SAMPLED)


def test_a_deduction_is_not_agreed_on_before_it_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    programme = _programme()
    dossier = programme.read(_one(programme, False))
    engine = _engine(programme)
    network = engine._network
    deduce = network.deduce
    monkeypatch.setattr(network, "deduce", lambda early, asked: tuple(not one for one in deduce(early, asked)))
    for _ in range(2):
        with pytest.raises(EngineDisagreement):
            programme.decide(dossier, DAY, ["solde"], agreement=SAMPLED)
    assert not engine._deductions


def test_a_receipt_is_verified_as_it_says_that_the_agreement_was_kept() -> None:
    programme = _programme()
    for drawn in (False, True):
        content = _one(programme, drawn)
        recorded = json.loads(programme.to_json(programme.decide(programme.read(content), DAY, agreement=SAMPLED)))
        assert programme.verify(recorded, content) == ()
        assert programme.verify(recorded["recu"], content) == ()
        recorded["recu"]["accord"]["tire"] = not drawn
        assert [one.pointer for one in programme.verify(recorded, content)] == ["/recu/accord/tire"]
        others: tuple[Any, ...] = ({"mode": ALWAYS}, {}, [], "echantillon", None)
        for kept in others:
            recorded["recu"]["accord"] = kept
            differs = [one.pointer for one in programme.verify(recorded, content)]
            assert bool(differs) is (kept != {"mode": ALWAYS}), kept
            assert all(one.startswith("/recu/accord") for one in differs)
        del recorded["recu"]["accord"]
        assert [one.pointer for one in programme.verify(recorded, content)] == ["/recu/accord"]
        assert [one.pointer for one in programme.verify(recorded["recu"], content)] == ["/accord"]


def test_the_sample_is_one_in_so_many_and_the_rest_is_refused() -> None:
    digests = [f"{rank:064x}" for rank in range(10 * ONE_IN)]
    found = [sample(SAMPLED, digest) for digest in digests]
    assert sum(one is not None and one.drawn for one in found) == 10
    assert sample(ALWAYS, digests[0]) is None
    programme = _programme()
    with pytest.raises(ValueError, match="agreement"):
        # what a caller without a type checker may write
        programme.decide(programme.read(_one(programme, True)), DAY, agreement="jamais")  # type: ignore[arg-type]  # tried
