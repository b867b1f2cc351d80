"""`recevable simulate`: the questions that can still change the result of a request, then its likely result."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from recevable import files
from recevable.applicants.page import profile_title
from recevable.applicants.simulation import (
    DOES_NOT_KNOW,
    NONE,
    InvalidReply,
    Question,
    Reply,
    Result,
    Simulation,
    State,
)
from recevable.applicants.words import NOT_A_DECISION, NOTHING_KEPT, against, likely, likely_amount, to_provide
from recevable.cli.app import FrenchCommand, page
from recevable.cli.check import Day, report_pack_faults
from recevable.cli.exits import ACCEPTED, NOT_ACCEPTED, usage
from recevable.cli.outputs import emit
from recevable.cli.programmes import Programmes, having
from recevable.cli.runs import PATH, rules_option, text_or_json_option
from recevable.decision.calculation import sentence
from recevable.decision.model import RequestDecision, Verdict
from recevable.decision.outlook import UNSURE
from recevable.decision.wording import count, day, words
from recevable.dossier.json_reader import read
from recevable.dossier.limits import MAX_BYTES
from recevable.language.diagnostics import DiagnosticError, suggest
from recevable.outputs.run import line_of
from recevable.printed import say
from recevable.programme import Programme
from recevable.report import diagnostics as diagnostics_text
from recevable.report import json_format
from recevable.report.checklist import of_profile
from recevable.report.layout import Page

_BACK: Final = "<"
_ENTRY: Final = ":"


@click.command(cls=FrenchCommand)
@click.option("--profil", "profile", default="", metavar="PROFIL", help="Le profil du demandeur.")
@click.option("--demande", "request", default="", metavar="NOM", help="La demande à simuler.")
@click.option("--au", "today", type=Day(), metavar="AAAA-MM-JJ", help="Date des règles ; par défaut, aujourd'hui.")
@click.option("--programme", default="", metavar="NOM", help="Le programme, s'il y en a plusieurs.")
@click.option(
    "--reponses",
    "replies",
    type=PATH,
    metavar="FICHIER",
    help="Les réponses, en JSON : champ, valeur ; `null` : absent ; `?` : je ne sais pas.",
)
@text_or_json_option()
@rules_option()
def simulate(
    profile: str,
    request: str,
    today: date | None,
    programme: str,
    replies: Path | None,
    fmt: str,
    rules: Path | None,
) -> int:
    """Simuler une demande : les questions qui peuvent encore changer le résultat, puis le résultat probable.

    Rien n'est conservé, et le résultat ne vaut pas décision.
    """
    try:
        loaded = Programmes(rules).only(programme, *having(request, profile))
        profile, request = _chosen(loaded, profile, request)
        simulation = Simulation(loaded, request, profile, today or loaded.today())
    except DiagnosticError as error:
        return report_pack_faults(error)
    state = _from_file(simulation, replies) if replies is not None else _asked(simulation)
    result = simulation.result(state)
    if fmt == "json":
        emit(json_format.dump(_data(simulation, result), indent=True) + "\n")
    else:
        say("\n".join(_shown(simulation, result, page(sys.stdout))))
    accepted = result.verdicts == (Verdict.ACCEPT,) and not result.appraisals
    return ACCEPTED if accepted else NOT_ACCEPTED


def _interactive() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _chosen(programme: Programme, profile: str, request: str) -> tuple[str, str]:
    """The profile and the request: those of the options, or asked on a terminal."""
    found = []
    requests = programme.manifest.requests
    for option, value, known in (
        ("--profil", profile, {one: profile_title(programme, one) for one in programme.profiles()}),
        ("--demande", request, {name: one.title for name, one in requests.items()}),
    ):
        if value and value not in known:
            help = suggest(value, known) or f"Valeurs possibles : {', '.join(known)}."
            raise usage(f"{option} : `{value}` n'existe pas. {help if known else 'Le programme n’en a pas.'}")
        if not value and len(known) > 1:
            if not _interactive():
                raise usage(f"il manque l'option `{option}` ; valeurs possibles : {', '.join(known)}")
            value = _pick(option.removeprefix("--").capitalize(), known)
        found.append(value or next(iter(known), ""))
    return found[0], found[1]


def _pick(title: str, known: Mapping[str, str]) -> str:
    names = list(known)
    say(f"{title} :")
    for rank, name in enumerate(names, start=1):
        say(f"  {rank}. {known[name]}")
    while True:
        typed = input("> ").strip()
        if typed in names:
            return typed
        if typed.isascii() and typed.isdigit() and 0 < int(typed) <= len(names):
            return names[int(typed) - 1]
        say(f"  Tapez un nombre de 1 à {len(names)}.")


# --- answers --------------------------------------------------------------------------------------------------------


def _from_file(simulation: Simulation, path: Path) -> State:
    """The state after the answers of a file; a fault is a usage error, shown with its place."""
    try:
        found = read(files.read(path, MAX_BYTES), str(path))
    except OSError as error:
        raise usage(f"--reponses : `{path}` {files.reason(error)}.") from None
    except DiagnosticError as error:
        say(diagnostics_text.render(error.diagnostics, page(sys.stderr), line_of), err=True, nl=False)
        raise usage(f"--reponses : `{path}` ne peut pas être lu.") from None
    if not isinstance(found, dict):
        raise usage('--reponses : écrivez un objet JSON, par exemple {"demande.recue_le": "2023-07-01T10:00:00"}.')
    try:
        replies = {key: UNSURE if value == DOES_NOT_KNOW else value for key, value in found.items()}
        return simulation.from_fields(replies)
    except InvalidReply as error:
        for diagnostic in error.diagnostics:
            say(f"recevable : {diagnostic.message}. {diagnostic.help}", err=True)
        raise usage(f"--reponses : `{path}` contient des réponses qui ne conviennent pas.") from None


def _asked(simulation: Simulation) -> State:
    """The state after a conversation on the terminal; the end of the input ends the questions."""
    if not _interactive():
        raise usage("il n'y a pas de terminal pour répondre : donnez les réponses avec --reponses FICHIER")
    page_ = page(sys.stderr)
    say("\n".join(_head(simulation, page_)), err=True)
    replies: list[Reply] = []
    state = simulation.state()
    while (question := state.question) is not None:
        say("\n".join(_question(question, len(replies) + 1, state.remaining, page_)), err=True)
        try:
            typed = input("> ").strip()
        except EOFError:
            break
        if typed == _BACK:
            if replies:
                replies.pop()
            state = simulation.state(replies)
            continue
        reply = (question.key, _reply(question, typed))
        try:
            state = simulation.state([*replies, reply])
        except InvalidReply as error:
            for diagnostic in error.diagnostics:
                say("\n".join(page_.paragraph(f"{diagnostic.message}. {diagnostic.help}", "  ")), err=True)
            continue
        replies.append(reply)
    return state


def _reply(question: Question, typed: str) -> str:
    """The reply that was meant: options are numbered on a terminal, whatever their own words."""
    rank, _, entry = typed.partition(_ENTRY)
    if question.options and rank.isascii() and rank.isdigit() and 0 < int(rank) <= len(question.options):
        option = question.options[int(rank) - 1]
        if option.entry and not entry:
            entry = input(f"{question.entry} > ")
        return f"{option.reply}{_ENTRY}{entry}" if option.entry else option.reply
    return typed


def _question(question: Question, number: int, remaining: int, page_: Page) -> list[str]:
    left = count(remaining, "question possible", "questions possibles")
    lines = ["", *page_.paragraph(f"Question {number} ({left}) : {question.text}", "")]
    if question.help:
        lines += page_.paragraph(question.help, "  ")
    if question.written:
        lines += page_.paragraph(question.written, "  ")
    if question.holders:
        lines += page_.paragraph(f"Cette donnée est connue de {', '.join(question.holders)}.", "  ")
    for rank, option in enumerate(question.options, start=1):
        lines += page_.paragraph(option.label, f"  {rank}. ")
    also = [f"`{DOES_NOT_KNOW}` : je ne sais pas", f"`{_BACK}` : question précédente"]
    if question.optional:
        also.insert(0, f"`{NONE}` : aucun")
    return [*lines, page_.paint("  " + " ; ".join(also), "dim")]


# --- what comes out -------------------------------------------------------------------------------------------------


def _head(simulation: Simulation, page_: Page) -> list[str]:
    title = simulation.programme.manifest.requests[simulation.request].title
    profile = profile_title(simulation.programme, simulation.profile)
    lines = [
        page_.paint(page_.spread(of_profile(title, profile), f"règles au {day(simulation.on)}"), "bold"),
        *page_.paragraph(f"{NOT_A_DECISION} {NOTHING_KEPT}", ""),
    ]
    if simulation.assumptions:
        lines += ["", "La simulation suppose que :"]
        for assumption in simulation.assumptions:
            lines += page_.paragraph(assumption, "  – ")
    return lines


def _shown(simulation: Simulation, result: Result, page_: Page) -> list[str]:
    decision = result.decision
    lines = [*_head(simulation, page_), "", page_.paint("Résultat probable", "bold")]
    lines += page_.paragraph(likely(result), "  ")
    amount = likely_amount(result)
    if amount:
        lines += page_.paragraph(amount, "  ")
        lines += _steps(decision, result, page_)
    for heading, found in (
        ("Ce qui s'y oppose", [one.message for one in against(result)]),
        ("À fournir ou à corriger", to_provide(result)),
        ("Ce que seule l'agence peut apprécier", [one.question for one in result.appraisals]),
        ("Ce que vous ne savez pas et qui change le résultat", [one.text for one in result.doubts]),
        ("Questions qui restent", [one.text for one in result.unasked]),
    ):
        if found:
            lines += ["", page_.paint(heading, "bold")]
            for text in dict.fromkeys(found):
                lines += page_.paragraph(text, "  – ")
    return [*lines, "", NOT_A_DECISION]


def _steps(decision: RequestDecision, result: Result, page_: Page) -> list[str]:
    if not result.amount_known:
        return []
    lines = []
    for line in decision.amounts:
        for step in line.steps:
            words = sentence(step)
            if words:
                lines += page_.paragraph(f"{line.title} : {words}", "    ")
    return lines


def _data(simulation: Simulation, result: Result) -> dict[str, Any]:
    decision, zone = result.decision, simulation.programme.zone
    proposed = decision.proposed
    return {
        "programme": simulation.programme.name,
        "demande": simulation.request,
        "profil": simulation.profile,
        "au": simulation.on.isoformat(),
        "vaut_decision": False,
        "hypotheses": list(simulation.assumptions),
        "verdicts": list(result.verdicts),
        "montant": str(proposed.value) if proposed is not None and result.amount_known else None,
        "montants": [
            {
                "nom": line.name,
                "titre": line.title,
                "valeur": words(line.value, line.type, zone),
                "etapes": [step_words for step in line.steps if (step_words := sentence(step))],
            }
            for line in (decision.amounts if result.amount_known else ())
        ],
        "a_fournir": [{"action": one.text, "aupres_de": one.party} for one in result.actions],
        "appreciations": [{"regle": one.rule, "question": one.question} for one in result.appraisals],
        "incertitudes": _listed(result.doubts),
        "questions": _listed(result.unasked),
    }


def _listed(questions: Sequence[Question]) -> list[dict[str, Any]]:
    return [
        {
            "champ": one.key,
            "question": one.text,
            "nature": one.kind or None,
            "reponses": [option.label for option in one.options],
        }
        for one in questions
    ]
