"""The page of what must hold for every dossier: each property, and what the solver answered about the pack as it is."""

from __future__ import annotations

from collections.abc import Iterator

from recevable.decision.wording import day as day_words
from recevable.handbook import rst
from recevable.handbook.pages import common
from recevable.handbook.pages.home import TITLES
from recevable.handbook.survey import Survey
from recevable.pack.properties import Property
from recevable.trials.proved import Kept, Status, bounds_of

_WORDS = {Status.PROVED: "prouvée", Status.REFUTED: "réfutée", Status.EMPTY: "vide"}
_STYLES = {Status.PROVED: "resultat-satisfait", Status.REFUTED: "resultat-non-satisfait"}


def pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The page, for a pack with properties."""
    if survey.properties:
        yield common.PROOFS, rst.document(_blocks(survey))


def _blocks(survey: Survey) -> Iterator[str]:
    bounds = bounds_of(survey.pack)
    found = [(one, survey.proved.get(one.id.text)) for one in survey.properties]
    answers = [kept.answer.status for _, kept in found if kept is not None]
    yield rst.title(TITLES[common.PROOFS])
    yield rst.paragraphs(
        "Ces phrases doivent tenir pour tout dossier, et non pour les seuls exemples. Prouvée : aucun dossier ne la "
        "contredit. Réfutée : un dossier la contredit, et les deux moteurs l'ont décidé. Vide : aucun dossier n'est "
        "jamais dans le cas dont elle parle."
    )
    yield rst.paragraphs(
        f"Une preuve vaut pour des listes de {bounds.elements} éléments au plus, des dates du "
        f"{day_words(bounds.first)} au {day_words(bounds.last)}, et une décision du {day_words(bounds.decided_from)} "
        f"au {day_words(bounds.decided_until)}."
    )
    counts = [f"{answers.count(status)} {word}" for status, word in _WORDS.items() if status in answers]
    left = len(found) - len(answers)
    counts += [f"{left} sans réponse pour le paquet tel qu'il est (recevable prove)"] if left else []
    yield rst.paragraphs(f"Réponses : {', '.join(counts)}.")
    rows = [_row(one, kept) for one, kept in found]
    yield rst.table(("Phrase", "Réponse", "Source", "Exigences"), rows, "46 22 14 18")


def _row(one: Property, kept: Kept | None) -> tuple[str, ...]:
    lines = [rst.escape("sans réponse")]
    if kept is not None:
        status = kept.answer.status
        lines = [rst.mark(_STYLES.get(status, "resultat-manquant"), _WORDS[status]), *map(rst.escape, kept.shown)]
    requirements = ", ".join(word.text for word in one.requirements)
    return (
        f"{rst.escape(one.title)}\n\n{rst.code(one.id.text)}",
        "\n\n".join(lines),
        rst.escape(one.source.text),
        rst.escape(requirements) or rst.NOTHING,
    )
