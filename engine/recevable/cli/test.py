"""`recevable test`: run the trials of a pack; fails unless every result is as expected."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from recevable.cli.app import FrenchCommand, page
from recevable.cli.exits import usage
from recevable.cli.packs import dossiers_option, pack_folders, report_faults
from recevable.cli.review import Asked, review
from recevable.cli.runs import TEXT, fail_level_option, finish, format_option, level_of
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity, in_order
from recevable.outputs import trials as words
from recevable.outputs.run import Case, Run, line_of
from recevable.programme import open_programme
from recevable.trials.suite import collect, run, untried


@click.command(cls=FrenchCommand)
@click.argument("packs", nargs=-1, metavar="[PAQUET]...")
@dossiers_option()
@click.option(
    "-k",
    "--essais",
    "wanted",
    default="",
    metavar="TEXTE",
    help="Les essais dont le nom contient ce texte : règle, titre de scénario, dossier.",
)
@click.option("-v", "--verbose", is_flag=True, help="Montrer aussi les essais réussis.")
@click.option(
    "--revoir",
    "reviewed",
    is_flag=True,
    help="Grouper les échecs par cause, et récrire ce que vous acceptez des résultats attendus.",
)
@click.option(
    "--depuis",
    "since",
    default="",
    metavar="ANCIEN",
    help="Avec --revoir : le paquet d'avant la modification ; par défaut, le dernier enregistré dans git.",
)
@click.option(
    "--accepter",
    "accepted",
    multiple=True,
    metavar="NOM",
    help="Avec --revoir : accepter sans question ce groupe, cet effet d'une règle ajoutée, ou cet essai (répétable).",
)
@click.option("--motif", "reason", default="", metavar="TEXTE", help="Le motif de --accepter, gardé dans JOURNAL.md.")
@format_option()
@fail_level_option(Severity.ERROR)
def test(
    packs: tuple[str, ...],
    dossiers: Path | None,
    wanted: str,
    verbose: bool,
    reviewed: bool,
    since: str,
    accepted: tuple[str, ...],
    reason: str,
    fmt: str,
    fail_level: str,
) -> int:
    """Jouer les essais des règles : leurs exemples, les scénarios, les dossiers connus.

    Un essai illisible, une règle mal nommée, un scénario qui ne change rien, ou aucun essai joué : la commande échoue.
    Une règle sans aucun essai est un avertissement.

    Codes de sortie : 0 tout est comme attendu ; 1 un essai au moins échoue, est illisible, ou aucun n'est joué ;
    2 usage ; 3 règles invalides.  Avec --revoir, ce qui a été accepté n'échoue plus.
    """
    if reviewed:
        if fmt != TEXT:
            raise usage("--revoir ne se montre qu'en texte : retirez --format, ou --revoir.")
        return review(packs, Asked(dossiers, wanted, since, accepted, reason.strip()))
    if since or accepted or reason:
        raise usage("--depuis, --accepter et --motif vont avec --revoir.")
    cases: list[Case] = []
    texts: list[str] = []
    for folder in pack_folders(packs):
        try:
            found = _tried(folder, dossiers, wanted)
        except DiagnosticError as error:
            return report_faults(error.diagnostics, folder)
        cases += words.cases(found)
        texts.append(words.render(found, page(sys.stdout), line_of, verbose=verbose))
    return finish(Run("test", tuple(cases), level_of(fail_level), words.ABOUT), fmt, lambda: "\n".join(texts))


def _tried(folder: Path, dossiers: Path | None, wanted: str) -> words.PackTrials:
    """The results of the trials of a pack; raises DiagnosticError when the pack is invalid."""
    programme = open_programme(folder, prepared=False)
    unreadable: list[Diagnostic] = []
    trials = collect(programme, unreadable, dossiers)
    chosen = [trial for trial in trials if wanted.casefold() in trial.name.casefold()]
    results = tuple(run(trial, programme.decider) for trial in chosen)
    missing = () if wanted else tuple(untried(programme, trials))
    return words.PackTrials(folder, results, tuple(in_order(unreadable)), missing, wanted)
