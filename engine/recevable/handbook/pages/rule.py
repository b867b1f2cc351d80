"""One page per rule, with everything needed to compare it with the text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import yaml

from recevable.decision.wording import count, in_force_words, initial
from recevable.decision.wording import day as day_words
from recevable.handbook import rst
from recevable.handbook.drawings.graph import neighbourhood
from recevable.handbook.history import Change
from recevable.handbook.pages import common
from recevable.handbook.pages.replies import RESULTS, replies
from recevable.handbook.phrases import PLACE, Sentence
from recevable.handbook.survey import NOT_ASKED, Survey
from recevable.language.tree import AMOUNT_NAME, ANSWER, DEDUCTION, FIELD, PARAMETER, RESULT
from recevable.outputs.impact.words import key as key_words
from recevable.pack.kinds import kind_of
from recevable.pack.model import Cause, Result, Rule
from recevable.trials.impact.changes import rule_keys

# How much of a change is shown: the keys of the rule, and the characters for each.
_MOST_KEYS: Final = 6
_LONGEST: Final = 400
_READ: Final = (
    (FIELD, "Champs du dossier"),
    (PARAMETER, "Paramètres"),
    (DEDUCTION, "Déductions"),
    (AMOUNT_NAME, "Montants et taux"),
    (ANSWER, "Réponses à des appréciations"),
    (RESULT, "Résultats d'autres règles"),
)


def pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The page of each rule, in the order of the pack."""
    for rule in survey.pack.rules.values():
        yield common.rule_page(rule.id), rst.document(_Page(survey, rule).blocks())


class _Page:
    def __init__(self, survey: Survey, rule: Rule) -> None:
        self.survey, self.rule = survey, rule

    def blocks(self) -> Iterator[str]:
        rule = self.rule
        yield rst.title(f"{rule.id} · {rule.title}")
        yield rst.table((), self.card(), "20 80", "fiche")
        if rule.house_default:
            yield rst.directive(
                "admonition", "Choix de gestion, là où le texte se tait", ("class: choix",),
                rst.paragraphs(rule.house_default),
            )  # fmt: skip
        if rule.note:
            yield rst.directive("admonition", "Note", ("class: note",), rst.paragraphs(rule.note))
        yield from self.in_words()
        yield from self.causes()
        yield from self.examples()
        yield from self.relations()
        yield from self.as_written()
        yield from self.past()

    def card(self) -> Iterator[tuple[str, str]]:
        """The identification of the rule."""
        survey, rule = self.survey, self.rule
        yield "Identifiant", rst.code(rule.id)
        yield "Nature", rst.anchor_link(kind_of(rule).title, common.kind_anchor(rule.kind))
        if rule.requests:
            yield "Demandes", rst.escape(common.request_titles(survey, rule.requests))
        if rule.loop is not None:
            list_ = survey.pack.manifest.lists[rule.loop.path]
            yield "Pour chaque", f"{rst.escape(initial(list_.title))} de {rst.code(list_.path)}"
        yield "Source", common.source(survey, rule.source)
        if rule.house_default:
            yield "Origine", f"{common.house_mark()} {rst.page_link('Tous les choix', common.DEFAULTS)}"
        if rule.requirements:
            yield "Exigences", "\n\n".join(self.requirement(word.text) for word in rule.requirements)
        if rule.defined is None:
            yield "Auprès de", rst.escape(common.party_name(survey, rule.party))
        if rule.in_force is not None:
            yield "En vigueur", rst.escape(in_force_words(rule.in_force))
        if rule.exception_to is not None:
            yield "Exception à", common.rule_link(survey, rule.exception_to.text)
        exceptions = survey.exceptions(rule)
        if exceptions:
            yield "Exceptions", "\n\n".join(common.rule_link(survey, other) for other in exceptions)
        for label, text in kind_of(rule).card(rule):
            yield label, rst.escape(text)
        if rule.defined is not None:
            if rule.defined.subject_to:
                subject = (common.rule_link(survey, word.text) for word in rule.defined.subject_to)
                yield "Sous réserve de", "\n\n".join(subject)
            yield "Donne la valeur", rst.code(rule.defines)
            others = [other.id for other in survey.definers[rule.defines] if other.id != rule.id]
            if others:
                links = (common.rule_link(survey, other) for other in others)
                yield "Que donnent aussi, selon le cas", "\n\n".join(links)

    def requirement(self, name: str) -> str:
        inventory = self.survey.inventory
        known = inventory.requirements.get(name) if inventory is not None else None
        link = common.requirement_link(self.survey, name)
        return f"{link} {rst.escape(known.summary)}" if known is not None else link

    def in_words(self) -> Iterator[str]:
        """The expressions as sentences."""
        yield rst.title("En clair", "-")
        if self.survey.read_by(self.rule, PARAMETER):
            yield rst.mark(
                "circonstance", f"Les valeurs entre parenthèses sont celles du {day_words(self.survey.day)}."
            )
        if self.rule.question is not None:
            yield rst.directive("admonition", "Question posée à un agent", ("class: question",), self.message(""))
        rows = [
            (rst.escape(phrase.role), self.sentences(phrase.sentences)) for phrase in self.survey.phrases.of(self.rule)
        ]
        exceptions = self.survey.exceptions(self.rule)
        if exceptions:
            rows.append(("Sauf dans les cas de", common.rule_links(self.survey, exceptions)))
        yield rst.table((), rows, "20 80", "fiche")

    def sentences(self, found: tuple[tuple[Sentence, tuple[str, ...]], ...]) -> str:
        if len(found) == 1:
            return common.sentence_rst(self.survey, found[0][0])
        return "\n\n".join(
            f"{common.sentence_rst(self.survey, sentence)} ({rst.escape(common.request_titles(self.survey, contexts))})"
            for sentence, contexts in found
        )

    def message(self, cause: str) -> str:
        pieces = self.survey.phrases.message(self.rule, cause)
        lines = [
            rst.inside(text) if not what else rst.mark("place", text) if what == PLACE else rst.dated(what, text)
            for text, what in pieces
        ]
        return "".join(lines).strip()

    def causes(self) -> Iterator[str]:
        """Each way of failing: condition, consequence and message."""
        rule = self.rule
        if not rule.causes:
            return
        words = kind_of(rule).words
        yield rst.title(words.heading, "-")
        rows = [self.cause(cause) for cause in rule.causes]
        rows += [
            (rst.code(word), rst.mark("effet-accepter", "satisfait"), "Rien n'est reproché.")
            for word, outcome in rule.answers.items()
            if outcome.result is Result.SATISFIED
        ]
        yield rst.table((words.cause, words.effect, "Message"), rows, "26 15 59")

    def cause(self, cause: Cause) -> tuple[str, str, str]:
        name = rst.code(cause.name)
        if cause.when is not None:
            name += f"\n\n{self.sentences(self.survey.phrases.sentences(self.rule, cause.when))}"
        if cause.in_force is not None:
            name += f"\n\n{rst.escape(in_force_words(cause.in_force))}"
        if cause.consequence is not None:
            effect = common.consequence_mark(cause.consequence)
        else:
            effect = rst.mark("effet-signaler", RESULTS[cause.result])
        parts = [self.message(cause.name)]
        if cause.repair:
            parts.append(f"{rst.strong('Réparation :')} {rst.escape(cause.repair)}")
        if cause.party is not None:
            parts.append(f"{rst.strong('Auprès de :')} {rst.escape(common.party_name(self.survey, cause.party.text))}")
        return name, effect, "\n\n".join(parts)

    def examples(self) -> Iterator[str]:
        """The examples of the rule, with the current answers of the engine."""
        yield rst.title("Essayer sur votre dossier", "-")
        if not self.survey.examples.get(self.rule.id):
            yield rst.escape("Cette règle n'a pas d'exemple.")
            return
        yield rst.escape(
            "Choisissez le cas qui ressemble au vôtre : chaque réponse est celle du moteur, calculée pour cette page."
        )
        yield rst.raw(replies(self.survey, self.rule))

    # --- relations ----------------------------------------------------------------------------------------------------

    def relations(self) -> Iterator[str]:
        """What the rule reads, and what uses its result."""
        survey, rule = self.survey, self.rule
        rows = [
            (rst.escape(label), rst.bullets(common.read_list(survey, op, survey.read_by(rule, op))))
            for op, label in _READ
            if survey.read_by(rule, op)
        ]
        users = dict.fromkeys(survey.users(rule) or survey.rules_reading(ANSWER, rule.id))
        users |= dict.fromkeys(survey.rules_reading(RESULT, rule.id))
        tainted = [
            r.id for r in survey.pack.rules.values()
            if r.defined is not None and rule.id in [word.text for word in r.defined.subject_to]
        ]  # fmt: skip
        if users:
            rows.append(("Sert à", common.rule_list(survey, users)))
        if tainted:
            rows.append(("Met sous réserve", common.rule_list(survey, tainted)))
        traps = [
            trap for trap in (survey.inventory.traps.values() if survey.inventory else ())
            if rule.id in [word.text for word in trap.rules]
        ]  # fmt: skip
        if traps:
            items = (
                f"{rst.anchor_link(t.id.text, common.trap_anchor(t.id.text))} {rst.escape(t.summary)}" for t in traps
            )
            rows.append(("Pièges du texte", rst.bullets(items)))
        if rows:
            yield rst.title("Ce qu'elle lit et ce qui en dépend", "-")
            yield rst.table((), rows, "20 80", "fiche")
        if rule.defined is not None:
            yield rst.raw(neighbourhood(survey, rule))

    def as_written(self) -> Iterator[str]:
        """The lines of the file that contain the rule."""
        block = self.survey.blocks.get(self.rule.id)
        yield rst.title("Telle qu'elle est écrite", "-")
        file = self.rule.span.file
        place = f"{file}:{self.rule.span.line}"
        link = rst.page_link(file, common.file_page(file))
        if block is None:
            yield f"{link}, {rst.code(place)}"
            return
        yield f"Fichier {link}, lignes {block.first} à {block.last} ({rst.code(place)})."
        yield rst.excerpt(block.text, block.first)

    def past(self) -> Iterator[str]:
        """The history of the rule in git."""
        known = self.survey.history
        if known is NOT_ASKED:
            return
        yield rst.title("Historique", "-")
        if known.missing:
            yield rst.escape(f"Historique indisponible : {known.missing}.")
            return
        if self.rule.id in known.pending:
            yield rst.escape("Le texte ci-dessus n'est pas encore enregistré tel quel dans le dépôt git.")
        changes = known.changes.get(self.rule.id, ())
        rows = [(rst.escape(day_words(one.day)), words) for one in changes if (words := _change_words(one))]
        if rows:
            yield rst.table(("Date", "Ce qui a changé"), rows, "22 78")
        if known.partial:
            yield rst.escape("Les enregistrements les plus anciens du dépôt n'ont pas été lus.")


def _change_words(change: Change) -> str:
    """What a change did to a rule, in words; empty when only its layout changed."""
    if not change.before:
        return rst.escape("Écriture de la règle.")
    before, after = (_data(text) for text in (change.before, change.after))
    if before is None or after is None:
        return rst.escape("Modification dont le texte ne se lit plus.")
    keys = rule_keys(before, after)
    shown = [rst.escape(_shortened(key_words(one))) for one in keys[:_MOST_KEYS]]
    if len(keys) > _MOST_KEYS:
        shown.append(rst.escape(f"et {count(len(keys) - _MOST_KEYS, 'autre point', 'autres points')}"))
    return rst.bullets(shown) if shown else ""


def _data(text: str) -> Any:
    """The data of the lines of one rule, as texts; None when they are no YAML."""
    try:
        (found,) = yaml.load(text, yaml.CBaseLoader)  # it makes texts, lists and mappings only
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
