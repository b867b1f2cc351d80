"""The results of lint as French text: repairs made, remaining faults by line, then the summary."""

from __future__ import annotations

from collections.abc import Sequence

from recevable.decision.wording import number
from recevable.language.diagnostics import Diagnostic, Severity
from recevable.report import diagnostics as diagnostics_text
from recevable.report.diagnostics import LineOf
from recevable.report.layout import Page, visible

_PLURALS = {
    Severity.ERROR: ("erreur", "erreurs"),
    Severity.WARNING: ("avertissement", "avertissements"),
    Severity.NOTE: ("information", "informations"),
}


def render(found: Sequence[Diagnostic], done: Sequence[Diagnostic], files: int, page: Page, line_of: LineOf) -> str:
    """The whole text; `files` is the number of files checked."""
    repaired = "".join(_repaired(one, page) for one in done)
    return repaired + diagnostics_text.render(found, page, line_of) + _balance(found, done, files)


def _repaired(one: Diagnostic, page: Page) -> str:
    where = page.paint(f"{visible(str(one.span))}:", "bold")
    word = page.paint("corrigé", "bold", "green")
    return f"{where} {word} [{one.code}] {visible(one.message)} → `{visible(one.fix or '')}`\n"


def _balance(found: Sequence[Diagnostic], done: Sequence[Diagnostic], files: int) -> str:
    """`19 fichiers contrôlés : 2 erreurs, 1 avertissement. --fix en corrige 1.`"""
    counts = [(sum(one.severity is severity for one in found), words) for severity, words in _PLURALS.items()]
    summary = ", ".join(f"{number(count)} {words[count > 1]}" for count, words in counts if count) or "rien à signaler"
    text = f"{number(files)} {'fichiers contrôlés' if files > 1 else 'fichier contrôlé'} : {summary}."
    if done:
        text += f" {number(len(done))} {'corrections faites' if len(done) > 1 else 'correction faite'}."
    certain = sum(one.fix is not None for one in found)
    return text + (f" --fix en corrige {number(certain)}.\n" if certain else "\n")
