"""The dossier, its questions, and what is done from it."""

from __future__ import annotations

from typing import Final

from tests.e2e.screens.table import Others, Reach, Screen, at, dossier, first, follow, press
from tests.e2e.watched import Watched
from tests.web import files


def checks(watched: Watched) -> None:
    """The page of every rule on the request."""
    watched.unfold()
    follow("Chaque contrôle")(watched)


def join(name: str, words: bytes | None) -> Reach:
    """Join a PDF that says something, or what is no PDF."""

    def reach(watched: Watched) -> None:
        content = files.said(words.decode()) if words is not None else b"PK"
        watched.page.set_input_files(
            "input[type=file]", {"name": name, "mimeType": "application/pdf", "buffer": content}
        )
        press("Joindre")(watched)

    return reach


def answer(watched: Watched) -> None:
    """Answer the question of a dossier, unless it was answered; open its page again."""
    link = watched.page.get_by_role("link", name="Voir ce que chaque réponse décide")
    if link.count():
        link.first.click()
        watched.page.locator("input[name=reponse]").first.evaluate("one => { one.checked = true; }")
        watched.page.get_by_label("Motif").fill("Vu au dossier.")
        watched.page.get_by_label("Dernier jour").fill("2099-12-31")
        press("Consigner")(watched)


def note(watched: Watched) -> None:
    """Add a note."""
    watched.page.get_by_label("Ajouter une note").fill("Appelé l'opérateur.\nIl renverra la capture.")
    press("Ajouter")(watched)


def prepared(watched: Watched) -> None:
    """Prepare what the rules propose about the first request, unless it was."""
    if not watched.page.get_by_role("link", name="Voir le projet").count():
        watched.unfold()
        watched.page.get_by_role("button", name="Préparer", exact=True).first.click()


def acknowledge(watched: Watched) -> None:
    """Acknowledge a request so late that silence has decided: refused, with the reason."""
    watched.page.get_by_role("button", name="Produire l'accusé").last.click()


# Without dossiers in the demonstration, a dossier has no such page.
BARE: Final = "without a dossier there is no such page; the page says so when it has nothing to show"
QUESTION: Final = "appreciation-regroupement-a-demander"
SCREENS: Final = (
    Screen(
        names=("dossier",),
        title="solde-sans-documentation",
        role="instructeur",
        full=dossier("solde-sans-documentation"),
        empty="a dossier is never empty: what it lacks is what it shows",
        error=at("dossiers/999999"),
        statuses=(404,),
    ),
    Screen(
        names=("effets",),
        title="",
        role="instructeur",
        full=dossier(QUESTION, then=follow("Voir ce que chaque réponse décide")),
        empty="without a question there is no such page",
        error=dossier(QUESTION, then=first(follow("Voir ce que chaque réponse décide"), press("Consigner"))),
    ),
    Screen(
        names=("controles",),
        title="solde-sans-documentation",
        role="instructeur",
        full=dossier("solde-sans-documentation", then=checks),
        empty="a request always has rules",
        error=at("dossiers/1/controles/rien"),
        statuses=(404,),
    ),
    Screen(
        names=("pieces",),
        title="solde-sans-documentation",
        role="instructeur",
        full=dossier("solde-sans-documentation", then=first(follow("Pièces"), join("reçue.pdf", b"Facture"))),
        empty=BARE,
        error=dossier("solde-sans-documentation", then=first(follow("Pièces"), join("faux.pdf", None))),
    ),
    Screen(
        names=("piece",),
        title="solde-sans-documentation",
        role="instructeur",
        full=dossier(
            "solde-sans-documentation", then=first(follow("Pièces"), join("lue.pdf", b"Lue"), follow("lue.pdf"))
        ),
        empty="a page of a piece shows one",
        error=at("dossiers/1/pieces/999999"),
        statuses=(404,),
    ),
    Screen(
        names=("versions",),
        title=QUESTION,
        role="instructeur",
        full=dossier(QUESTION, then=first(answer, follow("Versions"))),
        empty=BARE,
        error=dossier(QUESTION, then=first(follow("Versions"), press("Recevoir le complément"))),
    ),
    Screen(
        names=("historique",),
        title="solde-sans-documentation",
        role="instructeur",
        full=dossier("solde-sans-documentation", then=follow("Historique")),
        empty=BARE,
        error=at("dossiers/999999/historique"),
        statuses=(404,),
    ),
    Screen(
        names=("notes",),
        title="solde-sans-documentation",
        role="instructeur",
        full=dossier("solde-sans-documentation", then=first(follow("Notes"), note)),
        empty=BARE,
        error=dossier("solde-sans-documentation", then=first(follow("Notes"), press("Ajouter"))),
    ),
    Screen(
        names=("projet",),
        title="avance-guyane",
        role="instructeur",
        full=dossier("avance-guyane", then=first(prepared, follow("Voir le projet"))),
        empty="the page of a draft shows one",
        error=at("projets/999999"),
        statuses=(404,),
    ),
    Screen(
        names=("courriers",),
        title="solde-sans-documentation",
        role="instructeur",
        full=dossier("solde-sans-documentation", then=follow("Courriers")),
        empty="without a dossier there is no such page; the full state has no letter yet",
        error=dossier("solde-sans-documentation", then=first(follow("Courriers"), acknowledge)),
    ),
    Screen(
        names=("recalculer",),
        title="solde-sans-documentation",
        role="auditeur",
        full=dossier("solde-sans-documentation", then=press("Recalculer")),
        empty=BARE,
        error="what differs needs another engine than the one that decided",
    ),
)
OTHERS: Final[Others] = {
    "apercu": "a file",
    "apercu-projet": "a file",
    "accuser": "a form of the letters",
    "courrier": "a file",
    "envois": "the page of a letter: the paths of test_guichet walk it, with axe and the widths",
    "envoyer": "a form of the page of a letter",
    "remis": "a form of the page of a letter",
    "revenu": "a form of the page of a letter",
    "retirer-complement": "a form of the dossier",
    "apprecier": "a form of the page of the question",
    "preparer": "a form of the dossier",
    "signer": "a form of the page of the draft",
    "renvoyer": "a form of the page of the draft",
    "retirer": "a form of the page of the draft",
    "joindre": "a form of the pieces",
    "completer": "a form of the versions",
    "contenu": "a file",
    "image": "a picture of the page of a piece",
}
