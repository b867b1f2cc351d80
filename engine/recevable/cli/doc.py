"""`recevable doc`: the rules of a pack as a site that a lawyer can read."""

from __future__ import annotations

import errno
from datetime import date
from pathlib import Path
from typing import Final

import click

from recevable.cli.app import FrenchCommand
from recevable.cli.check import Day
from recevable.cli.exits import ACCEPTED, INTERNAL, usage
from recevable.cli.packs import dossiers_option, pack_folders, report_faults
from recevable.cli.runs import PATH
from recevable.decision.wording import number
from recevable.language.diagnostics import DiagnosticError
from recevable.outputs.run import seen_from_here
from recevable.printed import say, visible
from recevable.programme import open_programme

OUTPUT: Final = Path("site")
_SHOWN: Final = 3


@click.command(cls=FrenchCommand)
@click.argument("pack", required=False, metavar="[PAQUET]")
@click.option(
    "--output",
    type=PATH,
    default=OUTPUT,
    metavar="DIR",
    help=f"Répertoire du site (défaut : {OUTPUT}) ; nouveau, vide, ou écrit par cette commande.",
)
@click.option("--au", "today", type=Day(), metavar="AAAA-MM-JJ", help="Date des valeurs ; par défaut, aujourd'hui.")
@dossiers_option()
@click.option("--sans-historique", is_flag=True, help="Ne pas lire le dépôt git du paquet.")
def doc(pack: str | None, output: Path, today: date | None, dossiers: Path | None, sans_historique: bool) -> int:
    """Écrire le site d'un paquet : une page par règle, le calendrier, les pièces, les paramètres, les exigences.

    PAQUET : le dossier d'un paquet, ou le nom d'un paquet livré ; par défaut, celui d'ici. Le site se lit sans serveur
    ni réseau : ouvrez index.html.

    Codes de sortie : 0 le site est écrit ; 2 usage ; 3 règles invalides ; 4 erreur interne.
    """
    folder = _one(pack)
    try:
        # Sphinx is an extra, and slow to import
        from recevable.handbook.publish import NotOurs, publish, refuse_foreign
        from recevable.handbook.site import BuildError, build
        from recevable.handbook.sources import scripts, sources
        from recevable.handbook.survey import survey
    except ModuleNotFoundError as error:
        raise usage(f"il manque `{error.name}` : installez recevable avec son option `doc`.") from None
    try:
        refuse_foreign(output)
        programme = open_programme(folder, prepared=False)
        day = today or programme.today()
        found = survey(programme, day, dossiers=dossiers, with_history=not sans_historique)
        pages = sources(found)
        title = found.pack.manifest.title
        publish(output, lambda work, site: build(pages, title, work, site, scripts(found)))
    except DiagnosticError as error:
        return report_faults(error.diagnostics, folder)
    except NotOurs as error:
        raise usage(f"--output : {_foreign(output, error.names)}") from None
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise usage(f"--output : `{output}` ne peut pas être écrit.") from None
    except BuildError as error:
        message = visible(str(error), "\n")
        say(f"recevable : erreur interne, Sphinx refuse une page du site. Rien n'est écrit.\n{message}", err=True)
        return INTERNAL
    shown = visible(seen_from_here(output))
    say(f"{shown} : {number(len(pages))} pages, {number(len(found.pack.rules))} règles. Ouvrez {shown}/index.html.")
    return ACCEPTED


def _foreign(output: Path, names: tuple[str, ...]) -> str:
    if not names:
        return f"`{output}` n'est ni nouveau, ni vide, ni un site écrit par cette commande."
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    more = f" et {number(len(names) - _SHOWN)} autres" if len(names) > _SHOWN else ""
    who = "d'une autre main, ou changé" if len(names) == 1 else "d'une autre main, ou changés"
    return f"dans `{output}`, {shown}{more} : {who} depuis. Rien n'est remplacé ; déplacez ce que vous voulez garder."


def _one(name: str | None) -> Path:
    """The folder of the requested pack; raises click.UsageError unless exactly one matches."""
    folders = pack_folders([name] if name is not None else [])
    if len(folders) > 1:
        among = ", ".join(f"`{seen_from_here(folder)}`" for folder in folders)
        raise usage(f"il y a plusieurs paquets de règles : choisissez entre {among}.")
    return folders[0]
