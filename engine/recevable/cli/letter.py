"""`recevable letter`: a letter to an applicant about a dossier, as an accessible PDF."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from recevable import files
from recevable.cli.app import FrenchCommand, page
from recevable.cli.check import Day, report_pack_faults
from recevable.cli.exits import ACCEPTED, INTERNAL, INVALID_RULES, NOT_ACCEPTED, usage
from recevable.cli.outputs import check_writable, write_whole
from recevable.cli.programmes import Programmes, unknown_request
from recevable.cli.runs import PATH, rules_option
from recevable.decision.model import RequestDecision
from recevable.dossier.dossier import Dossier
from recevable.dossier.formats import ImplausibleYear, plausible
from recevable.dossier.json_reader import read
from recevable.dossier.limits import MAX_BYTES
from recevable.inference.definitions import Contradiction
from recevable.inference.engine import EngineDisagreement
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Span, suggest
from recevable.letters import InvalidFacts, LetterContent, LetterRefused, TypstMissing, pdf, read_facts, write
from recevable.outputs.run import line_of, relocated
from recevable.pack.letter_kinds import KINDS
from recevable.pack.model import RECOVERY
from recevable.printed import say
from recevable.programme import InvalidDossier, InvalidPack, Programme
from recevable.report import diagnostics as diagnostics_text
from recevable.report.refusal import refusal


@click.command(cls=FrenchCommand)
@click.argument("kind", metavar="COURRIER")
@click.argument("file", metavar="DOSSIER", type=PATH)
@click.option("--out", type=PATH, required=True, metavar="FICHIER", help="Le PDF à écrire.")
@click.option("--demande", "request", default="", metavar="NOM", help="La demande dont parle le courrier.")
@click.option("--au", "today", type=Day(), metavar="AAAA-MM-JJ", help="Date du courrier ; par défaut, aujourd'hui.")
@click.option(
    "--faits",
    "facts",
    type=PATH,
    metavar="FICHIER",
    help="Ce que le dossier ne dit pas, en JSON : agent, signataire, dates, montants en centimes.",
)
@click.option("--apercu", "draft", is_flag=True, help="Écrire un aperçu : filigrane, et textes à confirmer signalés.")
@click.option(
    "--format",
    "fmt",
    type=click.Choice(("pdf", "json")),
    default="pdf",
    metavar="FORMAT",
    help="pdf (défaut) ou json : ce que dit le courrier, sans sa mise en page.",
)
@rules_option()
def letter(
    kind: str,
    file: Path,
    out: Path,
    request: str,
    today: date | None,
    facts: Path | None,
    draft: bool,
    fmt: str,
    rules: Path | None,
) -> int:
    """Écrire un courrier au demandeur d'un dossier, en PDF accessible (PDF/UA-1 et PDF/A-2a).

    COURRIER : accuse_reception, demande_complement, acceptation, rejet, mise_en_demeure, ouverture_contradictoire,
    fin_contradictoire, proposition_ordre, retrait, notification_controle, constat_controle ou conclusion_controle.

    Codes de sortie : 0 le courrier est écrit ; 1 il ne peut pas l'être, les raisons sont dites ; 2 usage, dossier ou
    faits illisibles ; 3 règles invalides, ou qui se contredisent sur ce dossier ; 4 erreur interne.
    """
    if kind not in KINDS:
        help = suggest(kind, KINDS) or f"Courriers : {', '.join(KINDS)}."
        raise usage(f"le courrier `{kind}` n'existe pas. {help}")
    check_writable(out, "--out")
    try:
        programme, dossier = _read(Programmes(rules), file)
        given = _facts(programme, kind, facts)
        on = _day(programme, today)
        decision = _decided(programme, kind, dossier, on, request, str(file))
        found = write(programme, kind, dossier, on, given, decision, draft=draft)
        content = found.data if fmt == "json" else pdf(found.data)
    except (InvalidDossier, InvalidFacts) as error:
        raise _refused(error, "ce qui est donné ne convient pas") from None
    except InvalidPack as error:
        folder = programme.folder
        return report_pack_faults(InvalidPack(relocated(error.diagnostics, folder) if folder else error.diagnostics))
    except Contradiction as error:
        say(_shown([refusal(error, Span(str(file), 1, 1))]), err=True, nl=False)
        return INVALID_RULES
    except EngineDisagreement as error:
        say(_shown([refusal(error)]), err=True, nl=False)
        return INTERNAL
    except LetterRefused as error:
        say(f"Ce courrier ne peut pas être écrit ({KINDS[kind].title.lower()}) :", err=True)
        for reason in error.reasons:
            say("\n".join(page(sys.stderr).paragraph(reason, "  – ")), err=True)
        return NOT_ACCEPTED
    except TypstMissing as error:
        raise usage(f"{error}.") from None
    except DiagnosticError as error:
        return report_pack_faults(error)
    write_whole(out, content, "--out")
    _warn(found)
    return ACCEPTED


def _read(programmes: Programmes, file: Path) -> tuple[Programme, Dossier]:
    """The programme of a dossier, and the dossier."""
    content = _bytes(file, "DOSSIER")
    if len(programmes.folders) == 1:
        programme = programmes.only()
    else:
        try:
            found = programmes.of(read(content, str(file)))
        except DiagnosticError as error:
            raise InvalidDossier(error.diagnostics) from None
        if isinstance(found, Diagnostic):
            raise InvalidDossier([found])
        programme = found
    return programme, programme.read(content, str(file))


def _day(programme: Programme, given: date | None) -> date:
    """The date of the letter; a year that the programme does not allow is refused, as in a dossier."""
    if given is None:
        return programme.today()
    try:
        plausible(given.isoformat(), programme.manifest.years)
    except ImplausibleYear as error:
        raise usage(f"--au : {error}.") from None
    return given


def _facts(programme: Programme, kind: str, path: Path | None) -> dict[str, Any]:
    content, name = (b"{}", "--faits") if path is None else (_bytes(path, "--faits"), str(path))
    return read_facts(KINDS[kind], content, name, programme.zone, programme.manifest.years)


def _bytes(path: Path, option: str) -> bytes:
    try:
        return files.read(path, MAX_BYTES)
    except OSError as error:
        raise usage(f"{option} : `{path}` {files.reason(error)}.") from None


def _decided(
    programme: Programme, kind: str, dossier: Dossier, on: date, request: str, name: str
) -> RequestDecision | None:
    """The decision on the request that the letter is about; None for a letter about none."""
    if not KINDS[kind].request:
        if request:
            raise usage(f"--demande : le courrier `{kind}` ne parle pas d'une demande.")
        return None
    known = [one for one in programme.request_names() if one != RECOVERY]
    if not request:
        raise usage(f"--demande manque. Demandes : {', '.join(known)}.")
    if request == RECOVERY or not programme.compiled.decides(request):
        raise unknown_request(request, known)
    found = programme.decide(dossier, on, [request]).requests
    if len(found) > 1:
        raise usage(f"--demande : dites laquelle de {', '.join(f'`{one.label}`' for one in found)}.")
    if found:
        return found[0]
    raise InvalidDossier([programme.without_request(name, [request], dossier)])


def _shown(diagnostics: list[Diagnostic]) -> str:
    return diagnostics_text.render(diagnostics, page(sys.stderr), line_of)


def _refused(error: DiagnosticError, what: str) -> click.UsageError:
    say(_shown(list(error.diagnostics)), err=True, nl=False)
    return usage(f"le courrier n'est pas écrit : {what}.")


def _warn(found: LetterContent) -> None:
    """What the legal service has not validated: an application in production refuses to send it."""
    if found.unconfirmed:
        say("À confirmer par le service juridique avant tout envoi :", err=True)
        for one in found.unconfirmed:
            say("\n".join(page(sys.stderr).paragraph(f"{one.what} ({one.source})", "  – ")), err=True)
