"""The first page: the purpose of the site, its pack, and how to read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from recevable import __version__
from recevable.decision.wording import day
from recevable.handbook import rst
from recevable.handbook.pages import common
from recevable.handbook.survey import Survey
from recevable.pack.kinds import KINDS, kind_of
from recevable.pack.model import RECOVERY
from recevable.pack.requirements import Treatment

PAGE: Final = "index"
_MENU: Final = (
    (common.CALENDAR, "les dates du programme, sur une frise puis dans un tableau, et la fenêtre de chaque demande"),
    (common.DOCUMENTS, "les pièces demandées, par demande et par profil, avec leurs conditions"),
    (common.RULES, "une page par règle : en clair, telle qu'elle est écrite, ses messages, ses exemples joués"),
    (common.PARAMETERS, "les dates, montants, taux et durées que les règles emploient, avec leur source"),
    (common.DEFAULTS, "les choix faits là où le texte se tait, chacun avec sa raison"),
    (common.COMPUTATIONS, "comment les montants et les déductions se calculent les uns à partir des autres"),
    (common.REQUIREMENTS, "chaque exigence du texte, les règles qui la portent ou le motif de son traitement"),
    (common.TRAPS, "les ambiguïtés du texte et la lecture retenue"),
    (common.PROOFS, "ce qui doit tenir pour tout dossier, et ce qu'un solveur en a prouvé ou réfuté"),
    (common.FIELDS, "ce qu'un dossier contient, et qui le lit"),
    (common.VOCABULARY, "les mots dont les règles sont faites, et ce qu'ils veulent dire"),
    (common.LETTERS, "les textes des courriers, leur source, et ceux que le service juridique doit encore valider"),
)


def pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The page."""
    yield PAGE, rst.document(_blocks(survey))


def menu(survey: Survey) -> list[str]:
    """The menu pages that this pack has."""
    inventory = survey.inventory
    absent = {common.TRAPS} if inventory is None or not inventory.traps else set()
    absent |= set() if survey.properties else {common.PROOFS}
    absent |= set() if survey.letters.letters else {common.LETTERS}
    return [page for page, _ in _MENU if page not in absent]


def _blocks(survey: Survey) -> Iterator[str]:
    manifest = survey.pack.manifest
    yield rst.title(manifest.title)
    yield rst.paragraphs(
        "Ce document montre les règles de ce programme telles qu'un logiciel les applique aux dossiers. Il est tiré du "
        "paquet de règles lui-même : rien n'y a été écrit à la main, et chaque exemple a été joué pour l'écrire."
    )
    yield from _alarm(survey)
    yield rst.table((), _card(survey), "25 75", "fiche")
    yield rst.title("Versions du texte", "-")
    current = max((v.start for v in manifest.versions if v.start <= survey.day), default=None)
    yield rst.table(
        ("Version", "En vigueur depuis", "Source"),
        [
            (
                rst.escape(version.version)
                + (f" {rst.mark('accent', 'à cette date')}" if version.start == current else ""),
                rst.escape(day(version.start)),
                common.source(survey, version.source),
            )
            for version in manifest.versions
        ],
        "20 25 55",
    )
    yield from _texts(survey)
    yield rst.title("Demandes et règles", "-")
    yield rst.table(*_counts(survey), style="grille nombres")
    yield rst.title("Ce que vous trouverez", "-")
    known = menu(survey)
    yield rst.bullets(
        f"{rst.page_link(TITLES[page], page)} : {rst.escape(words)}" for page, words in _MENU if page in known
    )
    yield rst.title("Comment lire une règle", "-")
    yield rst.bullets(_HOW)
    yield rst.directive("toctree", "", ("hidden:", "maxdepth: 1"), "\n".join(known))


TITLES: Final = {
    common.CALENDAR: "Calendrier",
    common.DOCUMENTS: "Pièces à fournir",
    common.RULES: "Règles",
    common.PARAMETERS: "Paramètres",
    common.DEFAULTS: "Choix de gestion",
    common.COMPUTATIONS: "Calculs et déductions",
    common.REQUIREMENTS: "Exigences du texte",
    common.TRAPS: "Pièges du texte",
    common.PROOFS: "Ce qui est prouvé",
    common.FIELDS: "Champs du dossier",
    common.LETTERS: "Courriers",
    common.VOCABULARY: "Vocabulaire",
}
_HOW: Final = (
    rst.escape("Une règle pose une question, et y répond d'une seule façon : ")
    + f" {rst.mark('resultat-satisfait', 'satisfait')}, {rst.mark('resultat-non-satisfait', 'non satisfait')}, "
    + f"{rst.mark('resultat-manquant', 'donnée manquante')}, {rst.mark('resultat-sans-objet', 'sans objet')} "
    + f"(elle ne s'applique pas) ou {rst.mark('resultat-a-apprecier', 'à apprécier')} (un agent doit se prononcer).",
    "Une règle non satisfaite dit sa conséquence : "
    + f"{common.consequence_mark('rejeter')} la demande, la faire {common.consequence_mark('completer')}, "
    + f"ou {common.consequence_mark('signaler')} un fait qui ne change pas le verdict.",
    "Dans un message, "
    + rst.mark("place", "ceci")
    + " est remplacé par ce que contient le dossier ou par la valeur du paramètre.",
    f"{rst.mark('maison', 'choix de gestion')} marque une valeur ou une règle que le texte ne donne pas, et qui reste "
    + "à valider ; "
    + f"{rst.mark('inconnu', 'inconnue')}, une valeur que l'on n'a pas : aucune décision qui en dépend n'est rendue.",
    "Les noms des champs, des paramètres et des règles sont entre guillemets français dans les phrases et sont des "
    + "liens dans les tableaux\\.",
)


def _texts(survey: Survey) -> Iterator[str]:
    """The texts that the sources cite, and where they were read."""
    documents = survey.pack.manifest.documents
    if documents:
        yield rst.title("Textes cités", "-")
        yield rst.table(
            ("Nom", "Titre", "Consulté le"),
            [
                (
                    common.text_link(one, one.name.text) if one.address else rst.escape(one.name.text),
                    rst.escape(one.title),
                    rst.escape(day(one.read_on)) if one.read_on is not None else rst.NOTHING,
                )
                for one in documents
            ],
            "20 55 25",
        )


def _alarm(survey: Survey) -> Iterator[str]:
    """What nobody may miss: the rules whose examples do not give the expected result."""
    wrong = [rule for rule, found in survey.examples.items() if not all(one.result.passed for one in found)]
    if wrong:
        paragraphs = rst.paragraphs(
            "Ces règles ne font pas ce que leurs exemples annoncent : ne vous fiez ni à elles, ni à ce qui en dépend."
        )
        body = f"{paragraphs}\n\n{common.rule_list(survey, wrong)}"
        yield rst.directive("admonition", "Des exemples échouent", ("class: danger",), body)


def _card(survey: Survey) -> Iterator[tuple[str, str]]:
    manifest, results = survey.pack.manifest, [r for found in survey.examples.values() for r in found]
    passed = sum(one.result.passed for one in results)
    yield "Programme", rst.code(manifest.programme)
    yield "Règles lues au", rst.escape(day(survey.day))
    yield (
        "Empreinte du paquet",
        f"{rst.code(survey.digest)}\n\n{rst.escape('SHA-256 des fichiers du paquet, celle que portent les décisions')}",
    )
    counts = f"{len(survey.pack.rules)} règles, {len(survey.pack.parameters)} paramètres"
    if survey.inventory is not None:
        counts += f", {len(survey.inventory.requirements)} exigences, {len(survey.inventory.traps)} pièges du texte"
    yield "Contenu", rst.escape(counts)
    yield "Exemples", rst.escape(f"{passed} sur {len(results)} donnent le résultat attendu")
    if survey.inventory is not None:
        treatments = [requirement.treatment for requirement in survey.inventory.requirements.values()]
        shown = (f"{treatments.count(t)} {_TREATED[t]}" for t in Treatment if t in treatments)
        yield "Exigences", rst.escape(" ; ".join(shown))
    yield "Écrit par", rst.escape(f"recevable {__version__}")


_TREATED: Final = {
    Treatment.RULE: "portées par des règles",
    Treatment.DEFINITION: "définitions",
    Treatment.INFORMATION: "informations",
    Treatment.OUT_OF_SCOPE: "hors du champ",
    Treatment.HUMAN: "laissées à un agent",
}


def _counts(survey: Survey) -> tuple[list[str], list[list[str]]]:
    """The number of rules of each kind for each request."""
    rules = survey.pack.rules.values()
    counted = Counter((kind_of(rule).title, name) for rule in rules for name in rule.requests or ("",))
    titles = [kind.title for kind in KINDS.values() if any(kind.title == title for title, _ in counted)]
    rows = []
    for name in (*survey.pack.manifest.requests, RECOVERY, ""):
        found = [counted[title, name] for title in titles]
        if any(found):
            heading = rst.escape(common.request_title(survey, name)) if name else "Définitions"
            rows.append([heading, *(str(n) if n else rst.NOTHING for n in found)])
    return ["Demande", *titles], rows
