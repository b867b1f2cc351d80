"""The exit code says what became of the run, and the heaviest wins."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recevable.cli import exits
from recevable.decision.decide import Decider
from recevable.inference.engine import Engine, EngineDisagreement

Command = Callable[..., Any]
Dossier = Callable[[str], Path]


@pytest.mark.parametrize(("names", "code"), [
    (["acceptee"], exits.ACCEPTED),
    (["acceptee", "deux-demandes", "revente-remboursee"], exits.ACCEPTED),
    (["a-completer"], exits.NOT_ACCEPTED),
    (["hors-delai"], exits.NOT_ACCEPTED),
    (["association"], exits.NOT_ACCEPTED),
    (["revente"], exits.NOT_ACCEPTED),
    (["acceptee", "a-completer", "acceptee"], exits.NOT_ACCEPTED),
    (["sans-demande"], exits.USAGE),
    (["a-completer", "sans-demande", "acceptee"], exits.USAGE),
    (["absent", "acceptee"], exits.USAGE),
])  # fmt: skip
def test_the_heaviest_code_of_a_run_wins(check: Command, dossier: Dossier, names: list[str], code: int) -> None:
    for form in ("text", "json", "ndjson"):
        assert check("--au", "2025-06-01", "--format", form, *map(dossier, names)).code in (code, exits.NOT_ACCEPTED)
    assert check(*map(dossier, names)).code == code


def test_contradictory_rules_are_invalid_rules(
    recevable: Command, pack: Path, dossier: Dossier, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(pack, tmp_path / "prime-velo"))
    file = folder / "regles" / "montants.yaml"
    text = file.read_text("utf-8")
    assert "quand: non foyer_modeste" in text
    file.write_text(text.replace("quand: non foyer_modeste", "quand: velo.electrique"), encoding="utf-8")
    outcome = recevable(
        "check", "--rules", folder, "--au", "2024-05-31", "--format", "json",
        dossier("association-appreciee"), dossier("acceptee"), dossier("deux-demandes"),
    )  # fmt: skip
    assert outcome.code == exits.INVALID_RULES
    assert [d["dossier"] for d in outcome.json["decisions"]] == [str(dossier("association-appreciee"))]
    assert outcome.json["erreurs"][-1]["dossier"] == str(dossier("acceptee"))
    assert (
        "erreur [REGLES-CONTRADICTION] des règles contradictoires s'appliquent à ce dossier : `prime_accordee`"
        in outcome.err
    )
    assert "PRIME-MAJOREE donne 509.97 ; PRIME-SIMPLE donne 359.97" in outcome.err


def test_an_acceptance_that_would_pay_less_than_nothing_is_invalid_rules(
    recevable: Command, pack: Path, dossier: Dossier, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(pack, tmp_path / "prime-velo"))
    file = folder / "regles" / "montants.yaml"
    text = file.read_text("utf-8")
    for part, negative in (("plafond", "0.00 - plafond"), ("prime_de_base + majoration", "prime_de_base")):
        assert part in text
        text = text.replace(part, negative, 1)
    file.write_text(text, "utf-8")
    outcome = recevable("check", "--rules", folder, "--au", "2024-05-31", dossier("a-completer"), dossier("acceptee"))
    assert outcome.code == exits.INVALID_RULES
    assert "COMPLÉTER" in outcome.out
    assert "ACCEPTER" not in outcome.out
    assert "erreur [REGLES-MONTANT-NEGATIF] les règles acceptent une demande pour un montant négatif" in outcome.err


def test_engines_that_disagree_stop_the_run_and_name_the_rule(
    check: Command, dossier: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide, seen = Decider.decide, []

    def sabotaged(self: Decider, *args: Any, **options: Any) -> Any:
        seen.append(1)
        if len(seen) == 2:
            raise EngineDisagreement("prime", "MAJORITE", "satisfait", "manquant")
        return decide(self, *args, **options)

    monkeypatch.setattr(Decider, "decide", sabotaged)
    outcome = check("--format", "json", dossier("acceptee"), dossier("association"), dossier("deux-demandes"))
    assert outcome.code == exits.INTERNAL
    assert [d["dossier"] for d in outcome.json["decisions"]] == [str(dossier("acceptee"))]
    (error,) = outcome.json["erreurs"]
    assert error["dossier"] == str(dossier("association"))
    assert "`MAJORITE` (prime) : réseau satisfait, référence manquant" in outcome.err
    assert "Aucune décision n'est rendue sur ce dossier" in outcome.err
    assert len(seen) == 2


def test_a_fault_of_the_software_is_one_french_sentence_with_its_place(
    check: Command, dossier: Dossier, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **options: Any) -> Any:
        raise KeyError("oubli")

    monkeypatch.setattr(Engine, "evaluate", broken)
    outcome = check(dossier("acceptee"))
    assert (outcome.code, outcome.out) == (exits.INTERNAL, "")
    assert outcome.err.startswith("recevable : erreur interne (KeyError: 'oubli', test_exit_codes.py:")
    assert "Aucune décision n'est rendue" in outcome.err
    assert "Traceback" not in outcome.err


def test_nothing_named_is_not_a_success(recevable: Command, pack: Path) -> None:
    assert recevable("check", "--rules", pack).code == exits.USAGE
