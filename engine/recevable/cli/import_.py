"""`recevable import`: dossiers out of the export of another portal, by the mapping of a pack."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from recevable import files
from recevable.adapters import export_json
from recevable.adapters.registry import check_import, import_export, import_formats
from recevable.cli.app import FrenchCommand
from recevable.cli.exits import ACCEPTED, INVALID_RULES, NOT_ACCEPTED, USAGE, usage
from recevable.cli.outputs import emit, write_whole
from recevable.cli.programmes import Programmes
from recevable.cli.runs import PATH
from recevable.decision.wording import count
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity, suggest
from recevable.outputs.run import printable
from recevable.printed import say, visible
from recevable.programme import Programme


@click.command("import", cls=FrenchCommand, short_help="Reprendre les dossiers exportés d'un autre portail.")
@click.argument("exports", nargs=-1, required=True, type=PATH, metavar="EXPORT...")
@click.option("--format", "format_", metavar="FORMAT", help="Format des exports ; par défaut, le seul du paquet.")
@click.option("--output", "folder", type=PATH, metavar="DIR", help="Écrire un fichier par dossier.")
@click.option("--verifier", "check", is_flag=True, help="Confronter import.yaml aux exports, sans rien reprendre.")
@click.option("--rules", type=PATH, metavar="DIR", help="Le paquet de règles, ou un dossier de paquets.")
@click.option("--programme", "name", default="", metavar="NOM", help="Le programme, s'il y en a plusieurs.")
def import_(
    exports: tuple[Path, ...], format_: str | None, folder: Path | None, check: bool, rules: Path | None, name: str
) -> int:
    """Reprendre les dossiers exportés d'un autre portail, par `import.yaml` du paquet.

    Sans --output, un dossier par ligne (NDJSON) sur la sortie. Un dossier qui a une faute n'est pas écrit, les
    autres le sont.

    Codes de sortie : 0 tout est repris ; 1 un dossier au moins est refusé, ou --verifier a trouvé une faute ; 2 usage
    ou fichier illisible ; 3 import.yaml ou le paquet sont faux.
    """
    if folder is not None and (check or not folder.is_dir()):
        raise usage(
            "--output ne va pas avec --verifier." if check else f"--output : `{folder}` n'est pas un répertoire."
        )
    try:
        programme = Programmes(rules).only(name, lambda one: bool(import_formats(one)))
        chosen = _format(programme, format_)
    except DiagnosticError as error:
        _tell(error.diagnostics)
        return INVALID_RULES
    code = ACCEPTED
    for path in exports:
        shown = printable(path)
        try:
            content = files.read(path, export_json.MAX_BYTES)
        except files.TooLargeError:
            say(f"recevable : `{shown}` dépasse {export_json.MAX_BYTES} octets. Exportez en plusieurs fois.", err=True)
            code = USAGE
            continue
        except (OSError, ValueError) as error:
            say(f"recevable : `{shown}` {files.reason(error)}.", err=True)
            code = USAGE
            continue
        done = (
            _checked(programme, content, shown, chosen)
            if check
            else _imported(programme, content, shown, chosen, folder)
        )
        code = max(code, done)
    return code


def _format(programme: Programme, wanted: str | None) -> str:
    known = [one.name for one in import_formats(programme)]
    if not known:
        raise usage(f"le paquet `{programme.name}` n'a pas de fichier import.yaml : il ne reprend aucun export.")
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted is None or wanted not in known:
        why = f"`{wanted}` n'est pas repris par ce paquet" if wanted else "il y en a plusieurs, choisissez"
        help = (suggest(wanted, known) if wanted else "") or f"Formats : {', '.join(known)}."
        raise usage(f"--format : {why}. {help}")
    return wanted


def _checked(programme: Programme, content: bytes, name: str, format_: str) -> int:
    """Say what an export shows of the mapping."""
    found = check_import(programme, content, name, format_)
    _tell(found)
    wrong = sum(one.severity is not Severity.NOTE for one in found)
    others = count(len(found) - wrong, "information", "informations")
    say(f"{visible(name)} : {count(wrong, 'faute', 'fautes')}, {others}.")
    return NOT_ACCEPTED if wrong else ACCEPTED


def _imported(programme: Programme, content: bytes, name: str, format_: str, folder: Path | None) -> int:
    """Write the dossiers of an export, and say why the others are refused."""
    written = refused = 0
    for one in import_export(programme, content, name, format_):
        _tell([*one.faults, *one.remarks])
        refused += bool(one.faults)
        if not one.content:
            continue
        written += 1
        if folder is None:
            emit(one.content.decode() + "\n")
        else:
            write_whole(folder / f"{one.name}.json", one.content + b"\n", "--output")
    if folder is not None:
        made = count(written, "dossier écrit", "dossiers écrits")
        say(f"{visible(name)} : {made}, {count(refused, 'refusé', 'refusés')}.")
    return NOT_ACCEPTED if refused else ACCEPTED


def _tell(found: Sequence[Diagnostic]) -> None:
    for one in found:
        place = f"{one.span} " if one.span is not None else ""
        help = f" {one.help}" if one.help else ""
        say(visible(f"{place}{one.severity} [{one.code}] {one.message}.{help}"), err=True)
