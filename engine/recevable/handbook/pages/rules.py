"""The list of rules, and one page per rule file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recevable.handbook import rst
from recevable.handbook.pages import common
from recevable.handbook.pages.home import TITLES
from recevable.handbook.survey import Survey
from recevable.pack.kinds import kind_of
from recevable.pack.model import RECOVERY, Rule


def pages(survey: Survey) -> Iterator[tuple[str, str]]:
    """The list, then the files."""
    files: dict[str, list[Rule]] = {}
    for rule in survey.pack.rules.values():
        files.setdefault(rule.span.file, []).append(rule)
    yield common.RULES, rst.document(_index(survey, files))
    for file, rules in files.items():
        yield common.file_page(file), rst.document(_file(survey, file, rules))


def _index(survey: Survey, files: dict[str, list[Rule]]) -> Iterator[str]:
    yield rst.title(TITLES[common.RULES])
    yield rst.paragraphs(
        "Les règles sont rangées par sujet, comme dans le paquet ; elles sont ensuite listées par demande. "
        "La recherche, en haut du menu, trouve aussi un identifiant, un mot d'un message ou une exigence."
    )
    rows = [
        (
            rst.page_link(common.subject(survey, file), common.file_page(file)),
            rst.escape(_first_sentence(survey, file)),
            str(len(rules)),
        )
        for file, rules in files.items()
    ]  # fmt: skip
    yield rst.table(("Sujet", "Objet", "Règles"), rows, "28 60 12")
    yield rst.directive(
        "toctree", "", ("hidden:", "maxdepth: 1"), "\n".join(f"/{common.file_page(file)}" for file in files)
    )
    for name in (*survey.pack.manifest.requests, RECOVERY):
        found = [rule for rule in survey.pack.rules.values() if name in rule.requests]
        if found:
            yield rst.title(common.request_title(survey, name), "-")
            yield _table(survey, found)
    shared = [rule for rule in survey.pack.rules.values() if not rule.requests]
    if shared:
        yield rst.title("Définitions, pour les règles qui les lisent", "-")
        yield _table(survey, shared)


def _file(survey: Survey, file: str, rules: list[Rule]) -> Iterator[str]:
    yield rst.title(common.subject(survey, file))
    comment = common.head_comment(survey, file)
    yield rst.lines(rst.escape(line) for line in comment) if any(line.startswith(" ") for line in comment) else ""
    if not any(line.startswith(" ") for line in comment):
        yield rst.paragraphs("\n".join(comment))
    yield _table(survey, rules)
    yield rst.directive(
        "toctree", "", ("hidden:", "maxdepth: 1"), "\n".join(f"/{common.rule_page(rule.id)}" for rule in rules)
    )


def _table(survey: Survey, rules: list[Rule]) -> str:
    rows = [
        (
            common.rule_link(survey, rule.id),
            rst.escape(kind_of(rule).title),
            "\n\n".join(
                common.consequence_mark(c) for c in common.CONSEQUENCES if any(x.consequence == c for x in rule.causes)
            ),
            common.source(survey, rule.source),
        )
        for rule in rules
    ]
    return rst.table(("Règle", "Nature", "Conséquence", "Source"), rows, "50 15 15 20")


def _first_sentence(survey: Survey, file: str) -> str:
    text = " ".join(line.strip() for line in common.head_comment(survey, file))
    return re.split(r"(?<=[.!?]) (?=[A-ZÀ-Ý])|(?<=:) {2,}", text, maxsplit=1)[0]
