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


@pytest.fixture
def contradictory(pack: Path, tmp_path: Path) -> Path:
    """The small pack, two of whose rules give one amount for some dossiers."""
    folder = Path(shutil.copytree(pack, tmp_path / "prime-velo"))
    file = folder / "regles" / "montants.yaml"
    text = file.read_text("utf-8")
    assert "quand: non foyer_modeste" in text
    file.write_text(text.replace("quand: non foyer_modeste", "quand: velo.electrique"), encoding="utf-8")
    return folder


@pytest.mark.parametrize("form", ["text", "json", "ndjson", "junit", "sarif", "github", "gitlab"])
def test_rules_that_contradict_each_other_on_a_dossier_leave_the_others_their_decision(
    recevable: Command, contradictory: Path, dossier: Dossier, form: str
) -> None:
    names = ("association-appreciee", "acceptee", "association", "sans-demande")
    outcome = recevable(
        "check", "--rules", contradictory, "--au", "2024-05-31", "--format", form, *map(dossier, names)
    )  # fmt: skip
    assert outcome.code == exits.INVALID_RULES
    assert f"{dossier('acceptee')}:1:1: erreur [REGLES-CONTRADICTION]" in outcome.err
    assert "PRIME-MAJOREE donne 509.97 ; PRIME-SIMPLE donne 359.97" in outcome.err
    assert "Aucune décision n'est rendue sur ce dossier." in outcome.err
    assert str(dossier("acceptee")) in outcome.err
    if form == "text":
        assert (
            "Bilan : 4 dossiers, 1 accepté, 1 non accepté ou en attente d'un humain, 1 illisible, 1 sans décision."
            in (outcome.out)
        )
        return
    assert "REGLES-CONTRADICTION" in outcome.out
    if form == "json":
        decided = [d["dossier"] for d in outcome.json["decisions"]]
        assert decided == [str(dossier("association-appreciee")), str(dossier("association"))]
        assert [e["dossier"] for e in outcome.json["erreurs"]] == [
            str(dossier("acceptee")),
            str(dossier("sans-demande")),
        ]
        assert (outcome.json["bilan"]["dossiers"], outcome.json["bilan"]["sans_decision"]) == (4, 1)
    if form == "ndjson":
        assert ["erreurs" in line for line in outcome.lines] == [False, True, False, True]


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
    names = ("acceptee", "a-completer")
    outcome = recevable("check", "--rules", folder, "--au", "2024-05-31", *map(dossier, names))
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
