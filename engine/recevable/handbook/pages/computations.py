"""The page of computed names: the dependency graph, then a table."""

from __future__ import annotations

from collections.abc import Iterator

from recevable.handbook import rst
from recevable.handbook.drawings import graph
from recevable.handbook.pages import common
from recevable.handbook.pages.home import TITLES
from recevable.handbook.survey import Survey
from recevable.pack.kinds import kind_of
from recevable.pack.model import Rule


def pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The page."""
    yield common.COMPUTATIONS, rst.document(_blocks(survey))


def _blocks(survey: Survey) -> Iterator[str]:
    yield rst.title(TITLES[common.COMPUTATIONS])
    if not survey.definers:
        yield rst.escape("Les règles de ce paquet ne calculent aucune valeur.")
        return
    drawn = graph.whole(survey, common.COMPUTATIONS)
    if drawn:
        yield rst.paragraphs(
            "Une flèche va de ce qui est lu à ce qui le lit. Chaque case est un lien ; la page de chaque définition "
            "montre de plus près ce qu'elle lit et ce qui s'en sert."
        )
        yield rst.raw(LEGEND + drawn)
    alone = graph.apart(survey)
    if drawn and alone:
        names = rst.joined(common.rule_links(survey, [rule.id for rule in survey.definers[name]]) for name in alone)
        yield f"Sans lien avec une autre : {names}\\."
    yield rst.title("Toutes les définitions", "-")
    rows = []
    for name, rules in survey.definers.items():
        for rank, rule in enumerate(rules):
            anchor = f"{rst.anchor(common.name_anchor(name))}\n\n" if rank == 0 else ""
            users = len(survey.users(rule))
            rows.append(
                (
                    f"{anchor}{common.rule_link(survey, rule.id)}\n\n{rst.code(name)}",
                    rst.escape(kind_of(rule).title),
                    _in_words(survey, rule),
                    str(users or rst.NOTHING),
                )
            )
    yield rst.table(("Définition", "Nature", "En clair", "Sert à"), rows, "34 14 42 10")


def _in_words(survey: Survey, rule: Rule) -> str:
    """A definition in words: its condition and its requests."""
    phrases = survey.phrases.of(rule)
    found = []
    for phrase in phrases:
        role = f"{phrase.role} : " if len(phrases) > 1 else ""
        for sentence, contexts in phrase.sentences:
            where = f" ({common.request_titles(survey, contexts)})" if len(phrase.sentences) > 1 else ""
            found.append(f"{rst.inside(role)}{common.sentence_rst(survey, sentence)}{rst.inside(where)}")
    return "\n\n".join(found)


LEGEND = (
    '<p class="legende"><span class="noeud deduction">déduction (oui ou non)</span> '
    '<span class="noeud montant">montant ou nombre</span></p>'
)
