"""`recevable simulate`: from a file, on a terminal, and without one."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.bounds import HANG

if TYPE_CHECKING:
    from tests.cli.conftest import Command

OPTIONS: Final = ("--profil", "acheteur", "--demande", "avance", "--au", "2023-09-04")
IN_ORDER: Final[dict[str, Any]] = {
    "avance.recue_le": "2023-07-01T10:00:00", "avance.pieces_recues_le": "2023-07-01T10:00:00",
    "avance.voie": "teleservice", "ans.espace_de_confiance": True, "ans.service_en_production": True,
    "ans.domaine_en_liste_blanche": True, "ans.contrat_v2.signe_operateur_le": "2022-05-02",
    "ans.contrat_v2.signe_ans_le": "2022-05-02", "ans.fournisseur.contrat_operateur_signe": True,
    "ans.fournisseur.sur_liste": True, "operateur.tva.regime": "assujetti", "operateur.territoire": "metropole",
    "operateur.tva.taux": None, "enrolement.recue_le": "2022-11-02T10:00:00", "enrolement.decision.sens": "validee",
    "enrolement.decision.le": "2022-12-01T10:00:00", "avance.pieces.formulaire": {},
    "avance.pieces.formulaire.complet": True,
    "avance.pieces.formulaire.previsionnel.actuel.applicatives": 1,
    "avance.pieces.formulaire.previsionnel.actuel.organisationnelles": 1,
    "avance.pieces.formulaire.previsionnel.actuel.personnelles": 1,
    "avance.pieces.formulaire.previsionnel.estime.applicatives": 1,
    "avance.pieces.formulaire.previsionnel.estime.organisationnelles": 1,
    "avance.pieces.formulaire.previsionnel.estime.personnelles": 1,
}  # fmt: skip


@pytest.fixture
def replies(tmp_path: Path) -> Path:
    path = tmp_path / "reponses.json"
    path.write_text(json.dumps(IN_ORDER), "utf-8")
    return path


def changed(path: Path, **values: Any) -> Path:
    path.write_text(json.dumps(IN_ORDER | {key.replace("__", "."): one for key, one in values.items()}), "utf-8")
    return path


def test_replies_of_a_dossier_in_order_are_accepted(recevable: Command, replies: Path) -> None:
    outcome = recevable("simulate", *OPTIONS, "--reponses", replies)
    assert outcome.code == 0
    assert "Votre demande serait acceptée." in outcome.out
    assert "Avance à verser, TTC : 8 000,00 €." in outcome.out.replace("\u202f", " ").replace("\u00a0", " ")
    assert outcome.out.count("Cette simulation ne vaut pas décision.") == 2


def test_the_same_in_json(recevable: Command, replies: Path) -> None:
    found = json.loads(recevable("simulate", *OPTIONS, "--reponses", replies, "--format", "json").out)
    assert (found["verdicts"], found["montant"], found["vaut_decision"]) == (["accepter"], "8000.00", False)
    assert (found["questions"], found["incertitudes"], found["a_fournir"]) == ([], [], [])


def test_what_is_missing_is_told_and_is_not_a_success(recevable: Command, replies: Path) -> None:
    outcome = recevable("simulate", *OPTIONS, "--reponses", changed(replies, avance__pieces__formulaire__complet=False))
    assert outcome.code == 1
    assert "à compléter" in outcome.out
    assert "À fournir ou à corriger" in outcome.out
    # the reason of the likely verdict, as on the page
    assert "Ce qui s'y oppose" in outcome.out


def test_a_rejection_asks_for_nothing_that_would_not_save_the_request(recevable: Command, replies: Path) -> None:
    late = changed(replies, avance__recue_le="2023-07-26T14:00:01", avance__pieces__formulaire__complet=False)
    outcome = recevable("simulate", *OPTIONS, "--reponses", late)
    assert "Votre demande serait rejetée." in outcome.out
    assert "À fournir" not in outcome.out
    reasons = outcome.out.partition("Ce qui s'y oppose")[2]
    assert "après la fin de dépôt" in " ".join(reasons.split())
    assert "formulaire" not in reasons
    found = json.loads(recevable("simulate", *OPTIONS, "--reponses", late, "--format", "json").out)
    assert (found["verdicts"], found["a_fournir"]) == (["rejeter"], [])


def test_what_is_not_known_is_told_and_is_not_a_success(recevable: Command, replies: Path) -> None:
    outcome = recevable("simulate", *OPTIONS, "--reponses", changed(replies, ans__service_en_production="?"))
    assert outcome.code == 1
    assert "Ce que vous ne savez pas et qui change le résultat" in outcome.out
    assert "Votre service de messagerie" in outcome.out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[]", "objet JSON"),
        (b"{", "ne peut pas"),
        (b'{"operateur.tva.regime": "assujeti"}', "assujetti"),
        (b'{"inconnu": 1}', "`inconnu`"),
        (b'{"ans.espace_de_confiance": 1, "ans.espace_de_confiance": 2}', "ne peut pas"),
    ],
)
def test_a_wrong_file_is_a_wrong_usage(recevable: Command, replies: Path, content: bytes, said: str) -> None:
    replies.write_bytes(content)
    outcome = recevable("simulate", *OPTIONS, "--reponses", replies)
    assert outcome.code == 2
    assert said in outcome.err


def test_a_missing_file_is_a_wrong_usage(recevable: Command, tmp_path: Path) -> None:
    outcome = recevable("simulate", *OPTIONS, "--reponses", tmp_path / "absent.json")
    assert outcome.code == 2
    assert "--reponses" in outcome.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "choisissez avec --programme"),
        (("--programme", "af-ope-mss"), "--profil"),
        (("--profil", "acheteur"), "--demande"),
        (("--profil", "achteur", "--demande", "avance"), "Vouliez-vous dire `acheteur`"),
        (("--profil", "acheteur", "--demande", "avance"), "--reponses FICHIER"),
    ],
)
def test_without_a_terminal_it_says_how(recevable: Command, options: tuple[str, ...], said: str) -> None:
    outcome = recevable("simulate", *options)
    assert outcome.code == 2
    assert said in outcome.err


def test_on_a_terminal_it_asks_goes_back_and_tells(tmp_path: Path) -> None:
    """A real terminal: the profile and the request are asked, a wrong answer is explained, `<` takes one back."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "recevable", "simulate", "--au", "2023-09-04", "--programme", "af-ope-mss"]
    typed = "2\n2\nhier\n01/07/2023 10:00\n<\n26/07/2023 14:00:01\n"
    with subprocess.Popen(
        command, stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "NO_COLOR": "1"}
    ) as run:
        os.close(follower)
        os.write(leader, typed.encode())
        out, err = run.communicate(timeout=HANG)
        os.close(leader)
    assert run.returncode == 1, err.decode()
    assert "Votre demande serait rejetée." in out.decode()
    assert "« hier » ne se lit pas" in err.decode()
    assert err.decode().count("Question 1 ") == 3
