"""`recevable lint`: report the faults of a pack by line, and optionally apply certain repairs."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from recevable.cli.app import FrenchCommand, page
from recevable.cli.check import Day
from recevable.cli.exits import ACCEPTED, usage
from recevable.cli.outputs import write_whole
from recevable.cli.packs import pack_folders
from recevable.cli.runs import TEXT, fail_level_option, finish, format_option, level_of
from recevable.language.diagnostics import Diagnostic, Severity, Span, suggest
from recevable.lint import manual
from recevable.lint.repair import Repaired, repaired
from recevable.lint.run import lint as lint_pack
from recevable.lint.vocabulary import Term, meanings, used, vocabulary
from recevable.outputs import lint as words
from recevable.outputs.run import Case, Run, annotation, line_of, relocated, seen_from_here
from recevable.outputs.trials import ABOUT
from recevable.pack.loader import TRIALS
from recevable.printed import say, visible
from recevable.report.layout import SPACES


@click.command(cls=FrenchCommand)
@click.argument("packs", nargs=-1, metavar="[PAQUET]...")
@click.option("--au", "today", type=Day(), metavar="AAAA-MM-JJ", help="Date du contrôle ; par défaut, aujourd'hui.")
@click.option("--fix", is_flag=True, help="Corriger ce qui est certain, dans les fichiers.")
@click.option("--diff", is_flag=True, help="Montrer ces corrections sans rien écrire.")
@click.option(
    "--explain",
    "code",
    metavar="CODE|MOT",
    help="Afficher la page d'un constat, comme PAQ-BOOLEEN, ou le sens d'un mot.",
)
@format_option()
@fail_level_option(Severity.WARNING)
def lint(
    packs: tuple[str, ...], today: date | None, fix: bool, diff: bool, code: str | None, fmt: str, fail_level: str
) -> int:
    """Contrôler des paquets de règles : chaque faute à sa ligne, avec ce qu'il faut écrire.

    PAQUET : le dossier d'un paquet, un dossier de paquets, ou le nom d'un paquet livré ; par défaut, ceux d'ici.

    Les scénarios et les dossiers connus se contrôlent avec `recevable test`, `mutants.yaml` avec `recevable mutate`.

    Codes de sortie : 0 rien à signaler ; 1 un constat au moins ; 2 usage. Avec --fix ou --diff, ne comptent que les
    constats qui restent.
    """
    if code is not None:
        return _explain(code)
    if diff and fmt != TEXT:
        raise usage("--diff ne se montre qu'en texte : retirez --format, ou --diff.")
    found: list[Diagnostic] = []
    cases: list[Case] = []
    done: list[Diagnostic] = []
    for folder in pack_folders(packs):
        if fix or diff:
            result = repaired(folder, today)
            if diff and fmt == TEXT:
                say(_diff(folder, result), nl=False)
            kept: set[str] = set()
            if fix and not diff:
                kept = {name for name in result.files if not _written(folder, name, result)}
            made = [one for one in result.done if one.span is None or one.span.file not in kept]
            done += relocated(made, folder)
            diagnostics = relocated([*result.left, *(one for one in result.done if one not in made)], folder)
        else:
            diagnostics = relocated(lint_pack(folder, today), folder)
        found += diagnostics
        cases += _cases(folder, diagnostics)
    about = {code: page.title for code, page in manual.pages().items()} if fmt != TEXT else {}
    run = Run("lint", tuple(cases), level_of(fail_level), about)
    return finish(run, fmt, lambda: words.render(found, () if diff else done, len(cases), page(sys.stdout), line_of))


def _cases(folder: Path, diagnostics: Sequence[Diagnostic]) -> list[Case]:
    """A case per file that lint reads, and one for the pack when a diagnostic has no place."""
    here = seen_from_here(folder)
    read = (path for path in sorted(folder.rglob("*.yaml")) if path.relative_to(folder).parts[0] not in TRIALS)
    by_file: dict[str, list[Diagnostic]] = {seen_from_here(path): [] for path in read}
    for one in diagnostics:
        by_file.setdefault(one.span.file if one.span else here, []).append(one)
    return [
        Case(here, file, Span(file, 1, 1), tuple(annotation(one) for one in found)) for file, found in by_file.items()
    ]


def _written(folder: Path, name: str, result: Repaired) -> bool:
    """Write a repaired file, unless it was saved since it was read: the newer edit is kept, and this is reported."""
    target = (folder / name).resolve()
    if write_whole(target, result.files[name], "--fix", result.before[name]):
        return True
    shown = visible(seen_from_here(folder / name))
    say(f"--fix : `{shown}` a été changé entre-temps, il est laissé tel quel. Relancez la commande.", err=True)
    return False


def _diff(folder: Path, result: Repaired) -> str:
    """The repairs as a patch."""
    parts = []
    for name, data in result.files.items():
        shown = seen_from_here(folder / name)
        before = result.before[name].decode("utf-8").splitlines(keepends=True)
        after = data.decode("utf-8").splitlines(keepends=True)
        parts += list(difflib.unified_diff(before, after, f"a/{shown}", f"b/{shown}"))
    # a line that could control a runner or a terminal is escaped, and the patch must then not be applied
    parts = [visible(line, "\t\r\n" + SPACES) for line in parts]
    return "".join(line if line.endswith("\n") else f"{line}\n\\ Pas de fin de ligne\n" for line in parts)


def _explain(code: str) -> int:
    wanted, pages = code.upper(), manual.pages()
    if wanted in ABOUT:
        why = "Le constat dit ce qui est attendu, ce qui est obtenu et pourquoi."
        say(f"{wanted} (recevable test)\n{ABOUT[wanted]}.\n\n{why}")
        return ACCEPTED
    found = pages.get(wanted)
    terms = meanings(code) if found is None else ()
    if terms:
        say("\n".join(line for term in terms for line in _term(term)), nl=False)
        return ACCEPTED
    if found is None:
        known_words, known_codes = [term.word for term in vocabulary()], [*pages, *ABOUT]
        near = suggest(wanted, known_codes) if "-" in code else suggest(code, known_words)
        near = near or "`recevable lint` donne le code de chaque constat entre crochets."
        also = "" if "-" in code else ", et aucun mot ne s'écrit ainsi"
        raise usage(f"--explain : aucun constat n'a le code `{code}`{also}. {near}")
    known = ", ".join(f"`{word}`" for word in used(found.body))
    more = f"\n\nMots employés : {known}. Leur sens : `recevable lint --explain MOT`." if known else ""
    say(f"{found.code} ({found.severity})\n{found.title}\n\n{found.body}{more}")
    return ACCEPTED


def _term(term: Term) -> list[str]:
    """A term and its meaning."""
    usage = [f"  {term.usage}"] if term.usage and term.usage != term.word else []
    return [f"{term.word} ({term.group})", f"  {term.meaning}", *usage, ""]
