"""A scenario may say the consequence of a finding of the recovery: no verdict would show it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from recevable.language.diagnostics import Diagnostic
from recevable.programme import open_programme
from recevable.trials.suite import collect, run

SMALL = Path(__file__).parents[1] / "second_programme" / "prime-velo"
RULE = """
  - id: REVENTE-CONNUE
    titre: Date de la revente
    demandes: [recouvrement]
    quand: revente est present
    condition: revente.le >= velo.achete_le
    si_faux: {consequence: signaler, message: "Revendu le {revente.le}, avant son achat."}
    source: Délibération, art. 7
"""
SCENARIO = """\
scenarios:
  - titre: Revendu avant son achat
    base: revente
    au: "2025-06-30"
    changements: {revente.le: "2023-01-01"}
    attendu:
      recouvrement:
        - {regle: REVENTE, etape: demander}
        - {regle: REVENTE-CONNUE, resultat: "non_satisfait:faux", consequence: CONSEQUENCE}
"""


def said(folder: Path, consequence: str) -> list[str]:
    """What is wrong with a scenario that expects this consequence."""
    pack = Path(shutil.copytree(SMALL, folder / "prime-velo"))
    with (pack / "regles" / "recouvrement.yaml").open("a", encoding="utf-8") as rules:
        rules.write(RULE)
    (pack / "scenarios" / "dossiers").mkdir(parents=True)
    shutil.copy(SMALL.parent / "dossiers" / "revente.json", pack / "scenarios" / "dossiers")
    (pack / "scenarios" / "essais.yaml").write_text(SCENARIO.replace("CONSEQUENCE", consequence), "utf-8")
    bench = open_programme(pack, prepared=False)
    faults: list[Diagnostic] = []
    trials = collect(bench, faults)
    found = [f"{d.code} {d.message}" for d in faults]
    for trial in trials:
        found += [f"{d.code} {d.subject} : {d.expected}, {d.got}" for d in run(trial, bench.decider).differences]
    return found


def test_the_consequence_that_the_rule_has_is_as_expected(tmp_path: Path) -> None:
    assert said(tmp_path, "signaler") == []


def test_another_consequence_is_a_difference(tmp_path: Path) -> None:
    assert said(tmp_path, "completer") == ["ESSAI-RECOUVREMENT conséquence de `REVENTE-CONNUE` : completer, signaler"]


@pytest.mark.parametrize("word", ["signale", "vrai"])
def test_a_word_that_is_no_consequence_is_refused(tmp_path: Path, word: str) -> None:
    (fault,) = said(tmp_path, word)
    assert f"`{word}`" in fault
