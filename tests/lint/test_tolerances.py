"""Tolerances silence exactly what they name, until their last day, and never in silence themselves."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from recevable.language.diagnostics import Diagnostic, Severity
from recevable.lint.run import lint

HERE: Final = Path(__file__).parent
LAST: Final = date(2027, 5, 31)
TOLERANCE: Final = """\
tolerances:
  - controle: PAR-TITRE
    sujet: seuil
    motif: Le nom suffit.
    expire_le: "2027-05-31"
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The minimal pack with two untitled parameters that nothing uses."""
    folder = tmp_path / "pack"
    shutil.copytree(HERE / "base", folder)
    path = folder / "parametres.yaml"
    text = path.read_text("utf-8")
    for name in ("seuil", "reste"):
        text += f"  {name}:\n    type: entier\n    jusqu_au: ouvert\n"
        text += '    valeurs: [{a_partir_du: "2024-01-01", valeur: 3, source: "Règlement, art. 1"}]\n'
        text += '    verifie_le: "2026-12-01"\n'
    path.write_text(text, "utf-8")
    return folder


def said(pack: Path, tolerances: str, day: date = LAST) -> set[tuple[str, str]]:
    return {(d.code, d.subject) for d in told(pack, tolerances, day)}


def told(pack: Path, tolerances: str, day: date = LAST) -> list[Diagnostic]:
    if tolerances:
        (pack / "tolerances.yaml").write_text(tolerances, "utf-8")
    return lint(pack, day)


WHOLE: Final = {("PAR-TITRE", "seuil"), ("PAR-TITRE", "reste"), ("PAR-INUTILE", "seuil"), ("PAR-INUTILE", "reste")}


def test_without_the_file_everything_is_told(pack: Path) -> None:
    assert said(pack, "") == WHOLE


def test_only_that_check_on_that_subject_is_silenced(pack: Path) -> None:
    assert said(pack, TOLERANCE) == WHOLE - {("PAR-TITRE", "seuil")}


def test_the_day_after_the_last_the_expiry_alone_says_what_it_excused(pack: Path) -> None:
    found = told(pack, TOLERANCE, date(2027, 6, 1))
    assert {(d.code, d.subject) for d in found} == WHOLE - {("PAR-TITRE", "seuil")} | {("TOL-EXPIREE", "seuil")}
    (expired,) = (d for d in found if d.code == "TOL-EXPIREE")
    (excused,) = (d for d in told(pack, "tolerances: []\n") if (d.code, d.subject) == ("PAR-TITRE", "seuil"))
    assert excused.span is not None
    assert expired.message == (
        f"cette tolérance a expiré le 2027-05-31 ; elle excusait : {excused.message} "
        f"(parametres.yaml, ligne {excused.span.line})"
    )
    assert expired.severity is Severity.ERROR


def test_an_expired_tolerance_of_nothing_is_to_be_removed(pack: Path) -> None:
    found = told(pack, TOLERANCE.replace("PAR-TITRE", "EXP-TYPE"), date(2027, 6, 1))
    (expired,) = (d for d in found if d.code == "TOL-EXPIREE")
    assert (expired.message, expired.help) == (
        "cette tolérance a expiré le 2027-05-31 et n'a plus rien à excuser",
        "Supprimez-la.",
    )
    assert {(d.code, d.subject) for d in found} == WHOLE | {("TOL-EXPIREE", "seuil")}


@pytest.mark.parametrize(
    ("old", "new", "code", "help", "fix"),
    [
        ("PAR-TITRE", "PAR-TITRES", "TOL-CONTROLE", "Vouliez-vous dire `PAR-TITRE`", None),
        ("PAR-TITRE", "par_titre", "TOL-CONTROLE", "Écrivez `PAR-TITRE`.", "PAR-TITRE"),
        ("PAR-TITRE", "EXP-TYPE", "TOL-CONTROLE", "", None),
        ("sujet: seuil", "sujet: seul", "TOL-SUJET", "Vouliez-vous dire `seuil`", None),
        ("sujet: seuil", "sujet: Seuil", "TOL-SUJET", "Écrivez `seuil`.", "seuil"),
        ("sujet: seuil", "sujet: plafond", "TOL-INUTILE", "Supprimez cette tolérance.", None),
        ("sujet: seuil", "sujet: BASE-AIDE:faux", "TOL-INUTILE", "Supprimez cette tolérance.", None),
    ],
)
def test_a_tolerance_of_nothing_is_a_fault(
    pack: Path, old: str, new: str, code: str, help: str, fix: str | None
) -> None:
    found = told(pack, TOLERANCE.replace(old, new))
    # a word that is nearly right is told alone: what it was meant to excuse is not told beside it
    meant = {("PAR-TITRE", "seuil")} if help and code != "TOL-INUTILE" else set()
    assert {(d.code, d.subject) for d in found if not d.code.startswith("TOL-")} == WHOLE - meant
    (fault,) = [d for d in found if d.code.startswith("TOL-")]
    assert fault.code == code
    assert fault.help.startswith(help)
    assert fault.fix == fix
    assert fault.span is not None
    line = 3 if code == "TOL-SUJET" else 2
    assert (fault.span.file, fault.span.line) == ("tolerances.yaml", line)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("- tolerances", "PAQ-BLOC"),
        (TOLERANCE.replace("    motif: Le nom suffit.\n", ""), "PAQ-CLE-MANQUANTE"),
        (TOLERANCE.replace("2027-05-31", "31/05/2027"), "PAQ-DATE"),
        (TOLERANCE.replace("sujet", "sujets"), "PAQ-CLE-INCONNUE"),
        (TOLERANCE + TOLERANCE.removeprefix("tolerances:\n"), "PAQ-DOUBLON"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_and_warnings_wait_for_it(pack: Path, text: str, code: str) -> None:
    found = told(pack, text)
    assert [(d.code, d.severity) for d in found] == [(code, Severity.ERROR)]


def test_an_error_of_the_rules_cannot_be_tolerated(pack: Path) -> None:
    tolerances = TOLERANCE.replace("PAR-TITRE", "TRA-EXIGENCE").replace("seuil", "REQ-9")
    path = pack / "regles" / "base.yaml"
    path.write_text(path.read_text("utf-8").replace("[REQ-1]", "[REQ-9]"), "utf-8")
    found = {d.code for d in told(pack, tolerances)}
    assert {"TRA-EXIGENCE", "TOL-CONTROLE"} <= found
