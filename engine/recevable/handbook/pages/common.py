"""Shared names and links for rules, parameters, requirements and fields."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile
from typing import Any, Final

from recevable.decision.wording import day
from recevable.handbook import rst
from recevable.handbook.phrases import Sentence
from recevable.handbook.survey import Survey
from recevable.language.tree import EACH, ELEMENT, FIELD, PARAMETER, RESULT
from recevable.language.types import HOLIDAYS, Kind, Type, called, lookup
from recevable.lint.citations import mentions
from recevable.pack.in_force import TEXT
from recevable.pack.model import APPLICANT, RECOVERY, Consequence, Document, Parameter, Rule

# The main pages, in the order of the menu.
CALENDAR: Final = "calendrier"
DOCUMENTS: Final = "pieces"
RULES: Final = "regles"
PARAMETERS: Final = "parametres"
DEFAULTS: Final = "choix"
COMPUTATIONS: Final = "calculs"
REQUIREMENTS: Final = "exigences"
TRAPS: Final = "pieges"
PROOFS: Final = "preuves"
FIELDS: Final = "champs"
LETTERS: Final = "courriers"
VOCABULARY: Final = "vocabulaire"

TYPES: Final = {
    Kind.BOOLEAN: "oui ou non",
    Kind.TEXT: "texte",
    Kind.INTEGER: "nombre entier",
    Kind.NUMBER: "nombre",
    Kind.AMOUNT: "montant en euros",
    Kind.RATE: "taux",
    Kind.DATE: "date",
    Kind.INSTANT: "date et heure",
    Kind.DURATION: "durée",
    Kind.LIST: "liste",
    Kind.OBJECT: "ensemble de champs",
    Kind.GRID: "grille",
    Kind.SCALE: "barème",
}
UNKNOWN: Final = "inconnue"
# A comment for editors, such as `# yaml-language-server: $schema=…`.
_TO_AN_EDITOR: Final = re.compile(r"#\s*(?:yaml-language-server:|vim?:|-\*-)", re.ASCII)
# Where the first words of a comment end: « La TVA (AF §5.2) : … », « Les dates : … », « Qui peut demander. »
_END_OF_SUBJECT: Final = re.compile(r" \(| ?[:;]|\.(?= |$)")
_LONGEST_SUBJECT: Final = 90


def rule_page(rule: str) -> str:
    """The page of a rule."""
    return f"{RULES}/{rule}"


def parameter_page(name: str) -> str:
    """The page of a parameter."""
    return f"{PARAMETERS}/{name}"


def file_page(file: str) -> str:
    """The page of the rules of a file."""
    return f"fichiers/{file.removeprefix('regles/').removesuffix('.yaml').replace('/', '.')}"


def head_comment(survey: Survey, file: str) -> list[str]:
    """The lines of the comment at the head of a file, without instructions for editors."""
    head = takewhile(lambda line: line.startswith("#"), survey.pack.files[file].text.split("\n"))
    return [line.lstrip("#").removeprefix(" ") for line in head if not _TO_AN_EDITOR.match(line)]


def subject(survey: Survey, file: str) -> str:
    """What the rules of a file are about: the first words of the comment at its head, else the name of the file."""
    text = " ".join(line.strip() for line in head_comment(survey, file)).strip()
    first = _END_OF_SUBJECT.split(text, maxsplit=1)[0].strip()
    stem = file.removeprefix("regles/").removesuffix(".yaml")
    return first if 0 < len(first) <= _LONGEST_SUBJECT else called(stem)


def rule_link(survey: Survey, rule: str, *, with_title: bool = True) -> str:
    """The id of a rule as a link, then its title."""
    link = rst.page_link(rule, rule_page(rule))
    return f"{link} {rst.escape(survey.pack.rules[rule].title)}" if with_title else link


def rule_links(survey: Survey, rules: Iterable[str]) -> str:
    """Links to rules by id, separated by commas."""
    return rst.joined(rule_link(survey, rule, with_title=False) for rule in rules)


def rule_list(survey: Survey, rules: Iterable[str]) -> str:
    """A list of links to rules, with titles."""
    return rst.bullets(rule_link(survey, rule) for rule in rules)


def parameter_link(survey: Survey, name: str) -> str:
    """The title of a parameter as a link, then its name."""
    return f"{rst.page_link(survey.pack.parameters[name].title, parameter_page(name))} {rst.code(name)}"


def house_mark() -> str:
    """The mark for a choice where the text is silent, linked to the list of such choices."""
    return rst.mark("maison", "choix de gestion")


def reference_day(survey: Survey, parameter: Parameter) -> str:
    """The day used to select the value of a parameter."""
    if parameter.type.format == HOLIDAYS:
        return "chaque jour compté"
    if parameter.read_on == TEXT:
        return "le texte appliqué à la demande"
    if parameter.read_on:
        return f"« {survey.phrases.title(FIELD, parameter.read_on)} »"
    return "la décision" if parameter.by_decision else "la réception de la demande"


def field_link(survey: Survey, path: str) -> str:
    """The title of a field as a link to the glossary, then its path."""
    title = survey.phrases.title(FIELD, path)
    return f"{rst.anchor_link(title, field_anchor(path))} {rst.code(field_path(path))}"


def field_path(path: str) -> str:
    """The path of a field as the schema has it, that of an element without what makes it one: `factures[].montant`."""
    return path.replace(EACH, ELEMENT)


def field_anchor(path: str) -> str:
    """The anchor of a field in the glossary."""
    return f"champ-{path}"


def sentence_rst(survey: Survey, sentence: Sentence) -> str:
    """A sentence as inline markup; the values of parameters follow the date that the reader chooses."""
    phrases, parameters = survey.phrases, survey.pack.parameters
    return "".join(
        rst.dated(text, phrases.at(parameters[text], survey.day)) if is_name else rst.inside(text)
        for text, is_name in sentence
    )


def source(survey: Survey, text: str) -> str:
    """A source, the names of texts being links to the pages where they were read."""
    documents = survey.pack.manifest.documents
    if not any(document.address for document in documents):
        return rst.escape(text)
    parts, done = [], 0
    for start, document in mentions(text, documents):
        called = (one for one in (document.title, document.name.text) if text[start:].lower().startswith(one.lower()))
        end = start + max(map(len, called))
        if document.address:
            parts += [rst.inside(text[done:start]), text_link(document, text[start:end])]
            done = end
    return "".join([*parts, rst.inside(text[done:]) if parts else rst.escape(text)])


def text_link(document: Document, shown: str) -> str:
    """A link to the page of a legal text."""
    text = f"{document.title}, consulté le {day(document.read_on)}" if document.read_on is not None else document.title
    return rst.outer_link(shown, document.address, text)


def kind_anchor(key: str) -> str:
    """The anchor of a kind of rules in the vocabulary."""
    return f"nature-{key}"


def name_anchor(name: str) -> str:
    """The anchor of a computed name in the table of computations."""
    return f"nom-{name}"


def requirement_anchor(name: str) -> str:
    """The anchor of a requirement in the matrix."""
    return f"exigence-{name}"


def trap_anchor(name: str) -> str:
    """The anchor of a trap."""
    return f"piege-{name}"


def requirement_link(survey: Survey, name: str) -> str:
    """The id of a requirement, as a link when the pack has an inventory."""
    return rst.anchor_link(name, requirement_anchor(name)) if survey.inventory is not None else rst.code(name)


def request_title(survey: Survey, name: str) -> str:
    """The title of a request, or of recovery."""
    return "Recouvrement" if name == RECOVERY else survey.pack.manifest.requests[name].title


def request_titles(survey: Survey, names: Iterable[str]) -> str:
    """The titles of requests."""
    return ", ".join(request_title(survey, name) for name in names)


def party_name(survey: Survey, party: str) -> str:
    """The name of a party."""
    return "le demandeur" if party == APPLICANT else survey.pack.manifest.parties[party].name


def consequences(rule: Rule) -> str:
    """The consequences of a rule's causes, the most serious first."""
    found = {cause.consequence for cause in rule.causes if cause.consequence is not None}
    return ", ".join(str(consequence) for consequence in Consequence if consequence in found)


def consequence_mark(consequence: str) -> str:
    """A consequence, in colour."""
    return rst.mark(f"effet-{consequence}", CONSEQUENCES[consequence])


CONSEQUENCES: Final = {"rejeter": "rejeter", "completer": "compléter", "signaler": "signaler", "ecarter": "écarter"}


def value(survey: Survey, given: Any, type_: Type) -> str:
    """A dated value in words, as inline markup; marked when unknown."""
    if given is None:
        return rst.mark("inconnu", UNKNOWN)
    return rst.escape(survey.phrases.value(given, type_))


def type_words(type_: Type) -> str:
    """A type in words, with its closed values."""
    if type_.format == HOLIDAYS:
        return "jours fériés, année par année"
    if type_.kind is Kind.SCALE:
        return "barème marginal" if type_.format else "barème par tranche"
    if type_.kind is Kind.LIST and type_.item is not None:
        return f"liste : {TYPES[type_.item.kind]}"
    return TYPES[type_.kind]


def field_type(survey: Survey, path: str) -> Type | None:
    """The type of a field of the dossier."""
    return lookup(survey.pack.facts, path)


def read_list(survey: Survey, op: str, names: Iterable[str]) -> list[str]:
    """What a rule reads with an operation, as links."""
    if op == FIELD:
        return [field_link(survey, name) for name in names]
    if op == PARAMETER:
        return [parameter_link(survey, name) for name in names]
    if op == RESULT:
        return [rule_link(survey, name) for name in names]
    found = []
    for name in names:
        rules = [rule.id for rule in survey.definers.get(name, ())] or [name]
        found.append(f"{rst.escape(survey.phrases.title(op, name))} ({rule_links(survey, rules)})")
    return found
