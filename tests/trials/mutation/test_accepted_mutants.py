"""`mutants.yaml`: read strictly, and true of what was tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from recevable.language.diagnostics import DiagnosticError
from recevable.programme import open_programme
from recevable.trials.mutation import accepted
from recevable.trials.mutation.mutants import mutants
from recevable.trials.mutation.run import Fate, Tried

SMALL = Path(__file__).parents[2] / "second_programme" / "prime-velo"
MUTANTS = {mutant.id: mutant for mutant in mutants(open_programme(SMALL, prepared=False).compiled)}
ONE, OTHER = "FACTURE/comparaison/si:illisible/1", "MAJORITE/regle-retiree/regle/1"


def write(folder: Path, text: str) -> Path:
    (folder / accepted.FILE).write_text(text, "utf-8")
    return folder


def refused(folder: Path, text: str) -> list[str]:
    with pytest.raises(DiagnosticError) as error:
        accepted.read(write(folder, text))
    return [f"{d.span} {d.code} {d.message}" for d in error.value.diagnostics]


def test_a_pack_without_the_file_accepts_nothing(tmp_path: Path) -> None:
    assert accepted.read(tmp_path) is None


def test_a_reason_stands_for_one_mutant_or_for_several(tmp_path: Path) -> None:
    text = f"mutants:\n  - {{mutant: {ONE}, motif: Un}}\n  - {{mutant: [A/b/c/1, {OTHER}], motif: Deux}}\n"
    listed = accepted.read(write(tmp_path, text)) or {}
    assert {name: line.reason for name, line in listed.items()} == {ONE: "Un", "A/b/c/1": "Deux", OTHER: "Deux"}


def test_a_list_of_nothing_is_a_list(tmp_path: Path) -> None:
    assert accepted.read(write(tmp_path, "mutants: []\n")) == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n", ["mutants.yaml:1:1 PAQ-BLOC `mutants.yaml` doit contenir des clés"]),
        ("mutants:\n  - {mutant: A/b/c/1}\n", ["mutants.yaml:2:5 PAQ-CLE"]),
        ("mutants:\n  - {motif: Un}\n", ["mutants.yaml:2:5 PAQ-CLE"]),
        ("mutants:\n  - {mutant: A/b/c/1, motif: Un, raison: Deux}\n", ["mutants.yaml:2:34 PAQ-CLE"]),
        (
            "mutants:\n  - {mutant: A/b/c/1, motif: Un}\n  - {mutant: A/b/c/1, motif: Deux}\n",
            ["mutants.yaml:3:14 PAQ-DOUBLON le mutant `A/b/c/1` figure déjà ligne 2"],
        ),
        ("mutants: {mutant: A/b/c/1, motif: Un}\n", ["mutants.yaml:1:1"]),
        ("mutants:\n\t- rien\n", ["mutants.yaml:2:1"]),
    ],
    ids=["no keys", "no reason", "no mutant", "unknown key", "twice", "no dash", "tab"],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, text: str, expected: list[str]) -> None:
    found = refused(tmp_path, text)
    assert len(found) == len(expected), found
    assert all(said.startswith(start) for said, start in zip(found, expected, strict=True)), found


def faults(folder: Path, name: str, *tried: tuple[str, Fate]) -> list[str]:
    listed = accepted.read(write(folder, f"mutants:\n  - {{mutant: {name}, motif: Un}}\n")) or {}
    results = [Tried(MUTANTS[other], fate) for other, fate in tried]
    found = accepted.faults(listed.values(), MUTANTS, results)
    return [f"{d.span} {d.code} {d.message} | {d.help}" for d in found]


def test_a_survivor_is_rightly_listed(tmp_path: Path) -> None:
    assert faults(tmp_path, ONE, (ONE, Fate.SURVIVED), (OTHER, Fate.KILLED)) == []


def test_a_mutant_that_was_not_tried_is_let_be(tmp_path: Path) -> None:
    """Only a part of the mutants may have been asked for."""
    assert faults(tmp_path, ONE, (OTHER, Fate.KILLED)) == []


@pytest.mark.parametrize(("fate", "said"), [(Fate.KILLED, "est tué par un essai"), (Fate.INVALID, "ne se compile pas")])
def test_a_mutant_that_did_not_survive_is_wrongly_listed(tmp_path: Path, fate: Fate, said: str) -> None:
    assert faults(tmp_path, ONE, (ONE, fate)) == [
        f"mutants.yaml:2:14 MUT-TUE le mutant `{ONE}` {said} : il n'y a rien à expliquer | Retirez-le de la liste."
    ]


def test_an_identifier_that_no_mutant_has_is_told_with_the_nearest(tmp_path: Path) -> None:
    (said,) = faults(tmp_path, "FACTURE/comparaison/si:ilisible/1")
    assert said.startswith(
        "mutants.yaml:2:14 MUT-INCONNU mutant inconnu : `FACTURE/comparaison/si:ilisible/1` | "
        "Vouliez-vous dire `FACTURE/comparaison/si:illisible/1`"
    )
    (said,) = faults(tmp_path, "X/y/z/1")
    assert said.endswith("Recopiez l'identifiant que donne `recevable mutate`.")
