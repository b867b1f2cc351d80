"""The questions put to any pack: effects of pieces and answers, names without a rule, and what `lint` says of them."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.proofs.conftest import Provers

from recevable import data
from recevable.lint.analysis import Analysis
from recevable.programme import open_programme
from recevable.proofs import questions
from recevable.proofs.prover import Prover, bases_of
from recevable.proofs.terms import TRUE, both
from recevable.trials.proved import Answer, Status
from recevable.trials.suite import collect

PACK = "reconditionneurs"


@pytest.fixture
def asked(tmp_path: Path) -> Callable[..., Answer]:
    """The answer to a question about a copy of a pack, changed; without its trials, unless asked for."""

    def answer(identity: str, *changes: tuple[str, str, str], known: bool = False) -> Answer:
        folder = tmp_path / "rules" / PACK
        shutil.rmtree(tmp_path / "rules", ignore_errors=True)
        shutil.copytree(data.shipped("rules") / PACK, folder)
        shutil.copytree(data.shipped("schemas") / PACK, tmp_path / "schemas" / PACK, dirs_exist_ok=True)
        for name, old, new in changes:
            text = (folder / name).read_text("utf-8")
            assert old in text
            (folder / name).write_text(text.replace(old, new), "utf-8")
        programme = open_programme(folder, prepared=False)
        bases = bases_of(collect(open_programme(PACK, prepared=False), [])) if known else []
        found = {one.id: one for one in questions.questions(programme.compiled)}
        return questions.ask(Prover(programme, bases), found[identity])

    return answer


ALWAYS_REJECTED = ("regles/de_minimis.yaml", "condition: reste_de_minimis > 0", "condition: reste_de_minimis < 0")


@pytest.mark.parametrize("rule", ["PIE-DE-MINIMIS", "MIN-RAPPROCHES"])
def test_a_piece_and_an_answer_matter_when_a_decision_depends_on_them(asked: Callable[..., Answer], rule: str) -> None:
    assert asked(f"aide:{rule}:effet").status is Status.PROVED
    found = asked(f"aide:{rule}:effet", ALWAYS_REJECTED)
    assert (found.status, found.reason) == (Status.EMPTY, "aucune décision n'en dépend jamais")


def test_a_known_dossier_shows_that_a_piece_matters(
    asked: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Prover, "ask", lambda *_: pytest.fail("the solver was asked"))
    assert asked("aide:PIE-DE-MINIMIS:effet", known=True).status is Status.PROVED


def test_what_never_happens_costs_the_solver_one_check(
    asked: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Prover, "possible", lambda *_: pytest.fail("the solver was asked again"))
    never = (ALWAYS_REJECTED[0], ALWAYS_REJECTED[1], "condition: reste_de_minimis >= 0")
    assert asked("aide:MIN-PLAFOND:non_satisfait:faux", never).status is Status.EMPTY


def test_a_name_that_no_rule_gives_is_found_where_it_stops_a_decision(asked: Callable[..., Answer]) -> None:
    amount = (
        "regles/montant.yaml",
        "    montant: montant_par_unite *",
        "    quand: {}\n    montant: montant_par_unite *",
    )
    name, old, new = amount
    found = asked("aide:aide_calculee:sans-regle", (name, old, new.format("unites_retenues > 10")))
    assert found.status is Status.REFUTED
    # ten units at least are asked for elsewhere: whoever has fewer is told so
    other = (ALWAYS_REJECTED[0], ALWAYS_REJECTED[1], "condition: unites_retenues > 10")
    answer = asked("aide:aide_calculee:sans-regle", (name, old, new.format("unites_retenues > 10")), other)
    assert answer.status is Status.PROVED


def test_a_value_that_no_dossier_gives_to_a_name_is_found(asked: Callable[..., Answer]) -> None:
    assert asked("aide:DED-REGLEE:vrai").status is Status.PROVED
    amount = (
        "regles/montant.yaml",
        "    montant: montant_par_unite *",
        "    quand: unites_retenues < 0 et unites_retenues > 0\n    montant: montant_par_unite *",
    )
    assert asked("aide:MON-CALCULEE:valeur", amount).status is Status.EMPTY


@pytest.mark.parametrize("name", ["af-ope-mss", PACK])
def test_what_lint_calls_impossible_is_proved_to_be(provers: Provers, name: str) -> None:
    """Its quick reasoning and the solver agree on conditions of the pack taken together, at random."""
    prover = provers(name)
    logic = Analysis(prover.compiled).logic
    draw = random.Random(15)
    impossible = 0
    for context in prover.compiled.context_names:
        terms = prover.side.context(context).evaluator
        tests = [step.test for check in prover.compiled.context(context).checks for step in check.steps]
        for _ in range(60):
            goals = [(draw.choice(tests), draw.random() < 0.5) for _ in range(draw.choice([1, 2, 3]))]
            truths = [(terms.truth(expr), wanted) for expr, wanted in goals]
            when = both(TRUE, *(truth.yes if wanted else truth.no for truth, wanted in truths))
            if logic.impossible(*goals):
                impossible += 1
                assert prover.possible(when) is False, goals
            elif logic.together(*goals) is not None:
                assert prover.possible(when) is not False, goals
    assert impossible
