"""The window of a request: it opens with the last opening and ends with the first closing, since every rule applies."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from tests.handbook.conftest import DAY, SMALL

from recevable.handbook.pages.calendar import _windows
from recevable.handbook.survey import survey
from recevable.programme import open_programme

SOURCE = '"Délibération, art. 5"'
BOUNDS = {"ouvre_a": "2024-02-01", "ouvre_b": "2024-03-01", "ferme_a": "2024-06-01", "ferme_b": "2024-05-01"}


def test_two_openings_and_two_closings_make_the_window_that_all_rules_leave(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "rules" / "prime-velo"))
    with (folder / "parametres.yaml").open("a", encoding="utf-8") as parameters:
        for name, day in BOUNDS.items():
            value = f'{{a_partir_du: "2024-01-01", valeur: "{day}T00:00:00", source: {SOURCE}}}'
            parameters.write(f"  {name}:\n    titre: {name}\n    type: instant\n    valeurs: [{value}]\n")
            parameters.write('    jusqu_au: ouvert\n    verifie_le: "2026-11-26"\n')
    with (folder / "regles" / "prime.yaml").open("a", encoding="utf-8") as rules:
        for name in BOUNDS:
            sign = ">=" if name.startswith("ouvre") else "<="
            rules.write(f"\n  - id: B-{name[-1].upper()}-{name[:4].upper()}\n    titre: Borne\n    demandes: [prime]\n")
            rules.write(f"    condition: prime.deposee_le {sign} {name}\n    source: {SOURCE}\n")
            rules.write('    si_faux: {consequence: rejeter, message: "Hors délai."}\n')
    found = survey(open_programme(folder, prepared=False), DAY, with_history=False)
    (window,) = (band for band in _windows(found) if band.start is not None)
    assert (window.start, window.end) == (date(2024, 3, 1), date(2024, 5, 1))
