"""Exports, re-evaluations, statistics and rules: what the worker of the demonstration does, and its pages."""

from __future__ import annotations

import io
import zipfile
from typing import Final

from tests.e2e.screens.table import Others, Screen, at, first, press
from tests.e2e.watched import Watched

# How often a page is asked again while the worker is at it, and how long it is waited for in between.
TURNS: Final = 240
MILLISECONDS: Final = 250


def _until(watched: Watched, selector: str, *, gone: bool = False) -> None:
    """Ask a page again until something is there, or is gone."""
    for _ in range(TURNS):
        if (watched.page.locator(selector).count() == 0) == gone:
            return
        watched.page.wait_for_timeout(MILLISECONDS)
        watched.page.reload()
    raise AssertionError(f"{selector} on {watched.page.url}")


def _export(watched: Watched) -> None:
    watched.go("exports")
    press("Demander l'export")(watched)
    _until(watched, "text=Télécharger")


def _export_of_nothing_known(watched: Watched) -> None:
    watched.go("exports")
    watched.page.locator("input[name=format]").first.evaluate("one => { one.value = 'inconnu'; one.checked = true; }")
    press("Demander l'export")(watched)


def _batch(watched: Watched) -> None:
    watched.go("reevaluations")
    _until(watched, "main table a")
    watched.page.locator("main table a").last.click()


def _wrong_day(watched: Watched) -> None:
    watched.go("reevaluations")
    watched.page.fill("input[name=jour]", "2099-01-01")
    press("Évaluer tous les dossiers")(watched)


def _archive() -> bytes:
    """Rules with a fault, that lint finds at once."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as written:
        written.writestr("programme.yaml", "programme: af-ope-mss\ntitre: Sans rien d'autre\n")
    return found.getvalue()


def _proposal(watched: Watched) -> None:
    watched.go("regles")
    watched.page.fill("input[name=nom]", "essai")
    watched.page.fill("textarea[name=motif]", "Pour voir.")
    watched.page.fill("input[name=a_partir_du]", "2099-01-01")
    watched.page.set_input_files(
        "input[type=file]", {"name": "regles.zip", "mimeType": "application/zip", "buffer": _archive()}
    )
    press("Déposer")(watched)
    _until(watched, "text=Les contrôles sont en cours", gone=True)


SCREENS: Final = (
    Screen(
        names=("exports",),
        title="Mes exports",
        role="instructeur",
        full=_export,
        empty=at("exports"),
        error=_export_of_nothing_known,
    ),
    Screen(
        names=("reevaluations",),
        title="Réévaluations",
        role="instructeur",
        full=first(_batch, at("reevaluations")),
        empty=at("reevaluations"),
        error=_wrong_day,
    ),
    Screen(
        names=("reevaluation",),
        title="Changement de jour",
        role="instructeur",
        full=_batch,
        empty=_batch,
        error=at("reevaluations/999999"),
        statuses=(404,),
    ),
    Screen(
        names=("statistiques",),
        title="Statistiques",
        role="instructeur",
        full=at("statistiques"),
        empty=at("statistiques"),
        error=at("statistiques?programme=inconnu"),
        statuses=(404,),
    ),
    Screen(
        names=("regles",),
        title="Règles",
        role="autre instructeur",
        full=at("regles"),
        empty="a demonstration has the rules of its programme",
        error=first(at("regles"), press("Déposer")),
    ),
    Screen(
        names=("proposition",),
        title="essai",
        role="autre instructeur",
        full=_proposal,
        empty="a proposal is never empty",
        error=at("regles/propositions/999999"),
        statuses=(404,),
    ),
)
OTHERS: Final[Others] = {
    "export-fichier": "a file",
    "export-annuler": "a form of the exports",
    "export-effacer": "a form of the exports",
    "reevaluation-annuler": "a form of the re-evaluation",
    "statistiques-csv": "a file",
    "regles-deposer": "a form of the rules",
    "regles-comparer": "it needs two versions of the rules; what it shows is a part of the page of a proposal",
    "proposition-approuver": "a form of the proposal",
    "proposition-ecarter": "a form of the proposal",
    "proposition-essayer": "a form of the proposal",
}
