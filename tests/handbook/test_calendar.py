"""The window of a request: which moments open and close it, whose value they have, and what is no such moment."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from tests.handbook.conftest import DAY, SMALL

from recevable.handbook.pages.calendar import _window_rows, _windows
from recevable.handbook.survey import Survey, survey
from recevable.programme import open_programme

SOURCE = '"Délibération, art. 5"'
BOUNDS = {"ouvre_a": "2024-02-01", "ouvre_b": "2024-03-01", "ferme_a": "2024-06-01", "ferme_b": "2024-05-01"}
REJECT = 'si_faux: {consequence: rejeter, message: "Hors délai."}'


def surveyed(folder: Path, parameters: Mapping[str, tuple[str, Mapping[str, str]]], rules: Mapping[str, str]) -> Survey:
    """The small pack with more parameters (type, and values by start) and more rules on `prime` (their own keys)."""
    pack = Path(shutil.copytree(SMALL, folder / "rules" / "prime-velo"))
    with (pack / "parametres.yaml").open("a", encoding="utf-8") as file:
        for name, (kind, values) in parameters.items():
            file.write(f"  {name}:\n    titre: Paramètre {name}\n    type: {kind}\n    valeurs:\n")
            for start, value in values.items():
                file.write(f'      - {{a_partir_du: "{start}", valeur: "{value}", source: {SOURCE}}}\n')
            file.write('    jusqu_au: ouvert\n    verifie_le: "2026-11-26"\n')
    with (pack / "regles" / "prime.yaml").open("a", encoding="utf-8") as file:
        for name, keys in rules.items():
            file.write(f"\n  - id: {name}\n    titre: Borne\n    demandes: [prime]\n    source: {SOURCE}\n")
            file.writelines(f"    {line}\n" for line in keys.splitlines())
    return survey(open_programme(pack, prepared=False), DAY, with_history=False)


def rows(found: Survey) -> list[tuple[str, ...]]:
    """The lines of the window of `prime`, without their marks."""
    return [
        tuple(c.replace("\\", "") for c in row) for row in _window_rows(found, found.pack.manifest.requests["prime"])
    ]


def test_two_openings_and_two_closings_make_the_window_that_all_rules_leave(tmp_path: Path) -> None:
    parameters = {name: ("instant", {"2024-01-01": f"{day}T00:00:00"}) for name, day in BOUNDS.items()}
    rules = {
        f"B-{name[-1].upper()}-{name[:4].upper()}": (
            f"condition: prime.deposee_le {'>=' if name.startswith('ouvre') else '<='} {name}\n{REJECT}"
        )
        for name in BOUNDS
    }
    (window,) = (band for band in _windows(surveyed(tmp_path, parameters, rules)) if band.start is not None)
    assert (window.start, window.end) == (date(2024, 3, 1), date(2024, 5, 1))


def test_a_closing_counted_from_a_date_is_a_date_and_not_the_duration(tmp_path: Path) -> None:
    rule = f'condition: date_de(prime.deposee_le) <= decale(ouvre, delai, "fin_de_mois")\n{REJECT}'
    parameters = {"ouvre": ("date", {"2024-01-01": "2024-02-01"}), "delai": ("duree", {"2024-01-01": "4 mois"})}
    found = surveyed(tmp_path, parameters, {"FERMETURE": rule})
    (row,) = rows(found)
    assert "fermeture" in row[1]
    assert row[2].startswith("1er juin 2024, pour une demande reçue à partir du 1er janvier 2024")
    assert "4 mois" not in row[2]
    (window,) = (band for band in _windows(found) if band.style == "demande")
    assert window.end == date(2024, 6, 1)


def test_a_closing_that_depends_on_the_reception_has_a_value_by_period(tmp_path: Path) -> None:
    values = {"2024-01-01": "2024-06-30", "2024-05-01": "2024-09-30"}
    rule = f"condition: date_de(prime.deposee_le) <= ferme\n{REJECT}"
    (row,) = rows(surveyed(tmp_path, {"ferme": ("date", values)}, {"FERMETURE": rule}))
    assert "30 juin 2024, pour une demande reçue du 1er janvier 2024 au 30 avril 2024" in row[2]
    assert "30 septembre 2024, pour une demande reçue à partir du 1er mai 2024" in row[2]


@pytest.mark.parametrize(
    ("keys", "side"),
    [
        ("condition: non prime.deposee_le > borne\n" + REJECT, "fermeture"),
        ("condition: non (prime.deposee_le < borne ou velo.prix > plafond)\n" + REJECT, "ouverture"),
        ("condition: prime.deposee_le < borne\n" + REJECT, "fermeture"),
        ("condition: borne >= prime.deposee_le\n" + REJECT, "fermeture"),
        (
            'quand: prime.deposee_le est present et prime.deposee_le < borne\nappreciation: "Trop tôt ?"\nreponses:\n'
            '  oui: {consequence: rejeter, message: "Trop tôt."}\n  non: {resultat: satisfait}',
            "ouverture",
        ),
    ],
)
def test_a_moment_opens_or_closes_by_what_the_rule_requires(tmp_path: Path, keys: str, side: str) -> None:
    parameters = {"borne": ("instant", {"2024-01-01": "2024-06-01T12:00:00"})}
    (row,) = rows(surveyed(tmp_path, parameters, {"BORNE": keys}))
    assert side in row[1]
    assert ("exclue" in row[2]) == ("condition: prime.deposee_le < borne" in keys)


@pytest.mark.parametrize(
    "keys",
    [
        'condition: prime.deposee_le <= borne\nsi_faux: {consequence: signaler, message: "Tard."}',
        f"quand: prime.deposee_le <= borne\ncondition: velo.prix > plafond\n{REJECT}",
        f"condition: prime.deposee_le <= borne ou velo.prix > plafond\n{REJECT}",
        f"condition: prime.deposee_le - 15 jours <= borne\n{REJECT}",
    ],
)
def test_what_is_only_signalled_or_only_a_case_is_no_window(tmp_path: Path, keys: str) -> None:
    parameters = {"borne": ("instant", {"2024-01-01": "2024-06-01T12:00:00"})}
    (row,) = rows(surveyed(tmp_path, parameters, {"BORNE": keys}))
    assert "aucune date fixe" in row[2]


def test_the_case_in_which_a_closing_holds_is_said(tmp_path: Path) -> None:
    keys = f"quand: velo.electrique = vrai\ncondition: prime.deposee_le <= borne\n{REJECT}"
    parameters = {"borne": ("instant", {"2024-01-01": "2024-06-01T12:00:00"})}
    (row,) = rows(surveyed(tmp_path, parameters, {"BORNE": keys}))
    assert "« Électrique » : oui" in row[3].replace("\u00a0", " ")
