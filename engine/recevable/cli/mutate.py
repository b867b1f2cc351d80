"""`recevable mutate`: find small changes of the rules that no trial detects."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recevable.cli.app import FrenchCommand, page
from recevable.cli.coverage import Share
from recevable.cli.exits import ACCEPTED, NOT_ACCEPTED, usage
from recevable.cli.outputs import emit, write_whole
from recevable.cli.packs import dossiers_option, pack_folders, report_faults, trials_of
from recevable.cli.runs import counting, processes_option, text_or_json_option
from recevable.cli.solver import at_fault, completing_option, examples_option, needed, to_accept, write_examples
from recevable.decision.decide import Decider
from recevable.language.diagnostics import DiagnosticError, suggest
from recevable.outputs import mutation as words
from recevable.outputs.mutation import Mutation
from recevable.outputs.run import line_of, seen_from_here
from recevable.printed import say, visible
from recevable.programme import Programme, open_programme
from recevable.report.json_format import dump
from recevable.trials.mutation import accepted
from recevable.trials.mutation.model import Mutant
from recevable.trials.mutation.mutants import mutants
from recevable.trials.mutation.operators import operators as all_operators
from recevable.trials.mutation.run import Fate, try_all
from recevable.trials.suite import Origin, Trial, run

if TYPE_CHECKING:
    from recevable.proofs.report import Report


@click.command(cls=FrenchCommand)
@click.argument("packs", nargs=-1, metavar="[PAQUET]...")
@dossiers_option()
@click.option("--seuil", "threshold", type=Share(), metavar="POURCENTAGE", help="Échouer en dessous de cette part.")
@click.option("--regle", "rules", multiple=True, metavar="ID", help="Cette règle ou ce paramètre seulement.")
@click.option(
    "--operateur",
    "operators",
    type=click.Choice(tuple(all_operators())),
    multiple=True,
    metavar="NOM",
    help=f"Cette sorte de changement seulement : {', '.join(all_operators())}.",
)
@processes_option()
@click.option(
    "--prouver",
    "proving",
    is_flag=True,
    help="Pour chaque survivant, la preuve qu'il ne change rien, ou un dossier qui le tue (recevable[preuves]).",
)
@examples_option()
@completing_option("Y écrire, pour chaque survivant qu'un dossier tue, un scénario à accepter.")
@click.option("-v", "--verbose", is_flag=True, help="Montrer aussi les changements que le compilateur refuse.")
@text_or_json_option()
def mutate(
    packs: tuple[str, ...],
    dossiers: Path | None,
    threshold: Fraction | None,
    rules: tuple[str, ...],
    operators: tuple[str, ...],
    processes: int,
    proving: bool,
    folder: Path | None,
    waiting: Path | None,
    verbose: bool,
    fmt: str,
) -> int:
    """Changer un rien dans les règles, un changement à la fois, et montrer ceux qu'aucun essai ne remarque.

    Un changement que nul exemple, scénario ou dossier connu ne remarque survit : il manque un essai, ou le changement
    ne change rien et `mutants.yaml` dit pourquoi. La dernière ligne est la part des changements remarqués, tronquée.

    Codes de sortie : 0 ; 1 sous le seuil, un survivant sans motif (avec --seuil, si le paquet tient un mutants.yaml),
    aucun changement, aucun essai, des essais qui échouent déjà, ou un survivant qu'un dossier tue (--prouver) ;
    2 usage ; 3 règles ou essais invalides, ou un mutants.yaml qui explique ce qui ne survit pas ; 4 les moteurs ne
    confirment pas un dossier.
    """
    if folder is not None and not proving:
        raise usage("--exemples écrit les dossiers que trouve --prouver : ajoutez-le.")
    if waiting is not None and not proving:
        raise usage("--completer écrit les scénarios que trouve --prouver : ajoutez-le.")
    if proving:
        needed("--prouver")
    found: list[Mutation] = []
    packs_data: list[dict[str, Any]] = []
    ends_well = True
    for where in pack_folders(packs):
        try:
            one, strict, programme, trials = _mutated(where, dossiers, rules, operators, processes)
        except DiagnosticError as error:
            return report_faults(error.diagnostics, where)
        except _AlreadyFailing as error:
            say(visible(f"{seen_from_here(where)} : {error}"), err=True)
            return NOT_ACCEPTED
        found.append(one)
        packs_data.append(words.data(one))
        strict = strict or threshold is None
        ends_well = ends_well and bool(one.counts[1] and one.trials) and not (strict and one.unexplained)
        if fmt == "text":
            say(words.render(one, page(sys.stdout), line_of, verbose=verbose))
            _explain(one, strict=strict)
        if proving:
            from recevable.proofs import report, scenarios
            from recevable.proofs.prover import NotConfirmed

            try:
                proved = _proved(one, programme, trials)
            except NotConfirmed as error:
                return at_fault(error)
            write_examples(proved, folder)
            if waiting is not None and (text := scenarios.file(line.scenario for line in proved.lines)):
                write_whole(to_accept(waiting, scenarios.name_of(programme)), text, "--completer")
            ends_well = ends_well and not proved.refuted
            packs_data[-1]["preuves"] = report.data(proved)
            if fmt == "text":
                say(report.render(proved, page(sys.stdout), verbose=True))
    counts = [one.counts for one in found]
    if threshold is not None and any(words.share([count]) < threshold for count in counts):
        ends_well = False
        if fmt == "text":
            wanted = f"{float(threshold * 100):g}".replace(".", ",")
            say(f"Le seuil de {wanted} % n'est pas atteint.")
    if fmt == "json":
        emit(dump({"paquets": packs_data}, indent=True) + "\n")
    else:
        say(words.total(counts))
    return ACCEPTED if ends_well else NOT_ACCEPTED


def _explain(found: Mutation, *, strict: bool) -> None:
    """Print why the command fails."""
    if not found.counts[1] or not found.trials:
        nothing = "Aucun essai n'a été joué" if found.counts[1] else "Aucun changement n'a été essayé"
        say(f"{nothing} : cela ne prouve rien.")
    elif strict and found.unexplained:
        count = len(found.unexplained)
        several = "survivants" if count > 1 else "survivant"
        say(f"{count} {several} sans motif : écrivez l'exemple qui manque, ou le motif dans {accepted.FILE}.")


class _AlreadyFailing(Exception):
    """Some trials fail on the unchanged pack, so mutation results would be meaningless."""


def _mutated(
    folder: Path, dossiers: Path | None, rules: Sequence[str], operators: Sequence[str], processes: int
) -> tuple[Mutation, bool, Programme, tuple[Trial, ...]]:
    """The fate of the requested mutants, whether the pack has a `mutants.yaml`, the pack and its trials.

    Raises DiagnosticError.
    """
    programme = open_programme(folder, prepared=False)
    known = [*programme.pack.parameters, *programme.pack.rules]
    for name in rules:
        if name not in known:
            raise usage(f"`{name}` n'est ni une règle ni un paramètre du paquet. {suggest(name, known)}".rstrip())
    listed = accepted.read(folder)
    trials = _trials(programme, dossiers)
    everything = list(mutants(programme.compiled))
    chosen = [m for m in everything if _asked_for(m, rules, operators)]
    tell = counting("mutants")
    tried = try_all(programme.compiled, trials, chosen, processes, lambda done: tell(done, len(chosen)))
    lines = listed or {}
    faults = accepted.faults(lines.values(), [m.id for m in everything], tried)
    if faults:
        raise DiagnosticError(faults)
    reasons = {name: line.reason for name, line in lines.items()}
    return Mutation(folder, tuple(tried), reasons, len(trials)), listed is not None, programme, trials


def _proved(one: Mutation, programme: Programme, trials: Sequence[Trial]) -> Report:
    """What is proved of the survivors; raises NotConfirmed."""
    from recevable.proofs.mutants import proved
    from recevable.proofs.prover import bases_of
    from recevable.proofs.search import TIME
    from recevable.trials.proved import ELEMENTS

    survivors = [tried.mutant for tried in one.with_fate(Fate.SURVIVED)]
    # a scenario starts from a known dossier, not from another scenario
    known = bases_of(trial for trial in trials if trial.origin is Origin.DOSSIER)
    return proved(programme, survivors, one.reasons, known, seconds=TIME, elements=ELEMENTS)


def _asked_for(mutant: Mutant, rules: Sequence[str], operators: Sequence[str]) -> bool:
    return (not rules or mutant.subject in rules) and (not operators or mutant.operator in operators)


def _trials(programme: Programme, dossiers: Path | None) -> tuple[Trial, ...]:
    """The trials of a pack, which must all pass; raises DiagnosticError when one is unreadable."""
    trials = trials_of(programme, dossiers)
    decider = Decider(programme.compiled, programme.pack.schema, reference_only=True)
    failing = sum(not run(trial, decider).passed for trial in trials)
    if failing:
        count, them = (f"{failing} essais échouent", "les") if failing > 1 else ("1 essai échoue", "le")
        raise _AlreadyFailing(f"{count} avant tout changement : corrigez-{them} d'abord (recevable test).")
    return trials
