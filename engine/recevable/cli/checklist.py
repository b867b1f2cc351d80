"""`recevable checklist`: what an applicant must provide, derived from the rules."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from recevable.applicants.page import profile_title
from recevable.cli.app import FrenchCommand, page
from recevable.cli.check import Day, report_pack_faults
from recevable.cli.exits import ACCEPTED, usage
from recevable.cli.outputs import emit
from recevable.cli.programmes import Programmes, having, unknown_request
from recevable.cli.runs import rules_option, text_or_json_option
from recevable.decision.checklist import Section
from recevable.language.diagnostics import DiagnosticError, suggest
from recevable.pack.model import RECOVERY
from recevable.printed import say
from recevable.programme import Programme
from recevable.report import checklist as checklist_text
from recevable.report import json_format


@click.command(cls=FrenchCommand)
@click.option("--profil", "profile", default="", metavar="PROFIL", help="Le profil du demandeur, s'il y en a.")
@click.option("--demande", "request", required=True, metavar="NOM", help="La demande à préparer.")
@click.option("--au", "today", type=Day(), metavar="AAAA-MM-JJ", help="Date des règles ; par défaut, aujourd'hui.")
@click.option("--programme", default="", metavar="NOM", help="Le programme, s'il y en a plusieurs.")
@text_or_json_option()
@rules_option()
def checklist(profile: str, request: str, today: date | None, programme: str, fmt: str, rules: Path | None) -> int:
    """Lister ce qu'un demandeur doit fournir, d'après les règles.

    Seul le profil est connu : ce qui dépend d'autre chose est listé sous sa condition.
    """
    try:
        loaded = Programmes(rules).only(programme, *having(request, profile))
    except DiagnosticError as error:
        return report_pack_faults(error)
    _verify(loaded, profile, request)
    day = today or loaded.today()
    sections = loaded.checklist(profile, request, day)
    if fmt == "json":
        emit(json_format.dump(_data(sections, profile, request, day), indent=True) + "\n")
    else:
        manifest = loaded.pack.manifest
        asked = manifest.requests[request]
        title = profile_title(loaded, profile)
        shown = checklist_text.render(sections, asked, title, day, manifest.parties, page(sys.stdout))
        say(shown, nl=False)
    return ACCEPTED


def _verify(programme: Programme, profile: str, request: str) -> None:
    requests = tuple(programme.pack.manifest.requests)
    if request not in requests:
        if programme.compiled.decides(request) and request != RECOVERY:
            name = request.partition(":")[0]
            raise usage(f"--demande : la liste est la même pour chaque élément ; demandez `{name}`.")
        raise unknown_request(request, requests)
    profiles = programme.profiles()
    if not profile and profiles:
        raise usage(f"il manque l'option `--profil` ; valeurs possibles : {', '.join(profiles)}")
    if profile not in (profiles or ("",)):
        help = suggest(profile, profiles) or f"Profils : {', '.join(profiles)}."
        raise usage(f"--profil : `{profile}` n'est pas un profil. {help}")


def _data(sections: list[Section], profile: str, request: str, day: date) -> dict[str, Any]:
    return {
        "profil": profile,
        "demande": request,
        "au": day.isoformat(),
        "conditions": [
            {
                "condition": section.condition or None,
                "elements": [
                    {
                        "regle": item.rule,
                        "nature": item.kind,
                        "titre": item.title,
                        "action": item.action,
                        "controles": list(item.details),
                        "aupres_de": item.party,
                        "signalement": item.warning,
                        "facultative": item.optional,
                        "montant": item.counts,
                        "source": item.source,
                        "defauts_maison": [
                            {"nom": d.name, "titre": d.title, "raison": d.reason, "source": d.source}
                            for d in item.defaults
                        ],
                    }
                    for item in section.items
                ],
            }
            for section in sections
        ],
    }
