"""`recevable annuaire`: the commands of this package, in French, for the command line to attach.

Importing this module loads click and nothing heavy: XML, signatures and statistics are loaded by the command that needs
them. Exit codes: 0 done with nothing to examine; 1 done, and a human has something to look at; 2 wrong usage or input
refused, in one line on the standard error.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO, Any

import click

from recevable.printed import say, visible
from recevable.registers.annuaire.errors import EvidenceError, file_reason

FINDING = 1


class _Refusal(click.ClickException):
    """An input that cannot be used, in one line of French."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it on the standard error."""
        say(f"recevable : {visible(self.message)}", file=file, err=file is None)


class _French(click.Command):
    """A command whose usage line is French."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """`Usage : …`."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="Usage : ")


class _FrenchGroup(_French, click.Group):
    """A group that names its commands when the one asked for does not exist."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """`Usage : …`."""
        formatter.write_usage(ctx.command_path, "VERBE [ARGUMENTS]…", prefix="Usage : ")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs, under a French heading."""
        with formatter.section("Verbes"):
            commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
            formatter.write_dl([(name, command.get_short_help_str(70)) for name, command in commands if command])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command asked for."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"verbe inconnu ; verbes : {', '.join(self.list_commands(ctx))}", ctx) from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"`{text}` n'est pas une date ; l'écrire AAAA-MM-JJ, par exemple 2025-06-30") from None


def _minute(text: str) -> datetime:
    from recevable.registers.annuaire.extraction import PARIS

    try:
        if len(text) == 12:
            return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=PARIS)
    except ValueError:
        pass
    raise click.BadParameter(f"`{text}` n'est pas une date et une heure ; l'écrire AAAAMMJJhhmm, ainsi 202506300415")


def _whole(least: int, most: int) -> Callable[[str], int]:
    def convert(text: str | int) -> int:
        try:
            number = int(text)
        except ValueError:
            raise click.BadParameter(f"`{text}` n'est pas un nombre entier") from None
        if not least <= number <= most:
            raise click.BadParameter(f"{number} n'est pas entre {least} et {most}")
        return number

    return convert


def _ratio(text: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise click.BadParameter(f"`{text}` n'est pas un nombre") from None
    if not number.is_finite() or not 0 < number <= 1000:
        raise click.BadParameter(f"`{text}` n'est pas un nombre entre 0 et 1000")
    return number


def _operator(text: str) -> str:
    from recevable.registers.annuaire.distinguished_name import operator_asked

    identifier = operator_asked(text)
    if identifier is None:
        raise click.BadParameter(
            f"`{text}` n'est pas un identifiant d'opérateur : écrire 3 suivi du SIRET, 1 suivi du numéro FINESS, ou "
            "l'un de ces numéros seul"
        )
    return identifier


def _priced_type(text: str) -> tuple[str, str]:
    from recevable.registers.contract import NAMED_TYPE

    found = NAMED_TYPE.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"`{text}` n'est pas un type ; l'écrire CODE=chiffre, par exemple CAB=cabinets")
    return found["code"], found["figure"]


_PATH = click.Path(path_type=Path)

_white_list_option = click.option(
    "--liste-blanche",
    "white_list",
    type=_PATH,
    metavar="XML",
    help="Liste blanche MSSanté signée, qui dit à quels opérateurs est chaque domaine.",
)
_certificate_option = click.option(
    "--certificat",
    "certificate",
    type=_PATH,
    metavar="PEM",
    help="Certificat du signataire de la liste ; sans lui, la signature n'est pas vérifiée et le résultat le dit.",
)
_format_option = click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    help="Ce qui est affiché : un texte à lire (par défaut), ou du JSON.",
)
_types_option = click.option(
    "--type",
    "types",
    type=_priced_type,
    metavar="CODE=CHIFFRE",
    multiple=True,
    help="Un type de BAL de plus, et le nom de son chiffre (répétable ; par défaut, ceux que déclare le programme).",
)
_help_option = click.help_option("--help", help="Affiche cette aide.")


@click.group(cls=_FrenchGroup, invoke_without_command=True)
@_help_option
@click.pass_context
def annuaire(ctx: click.Context) -> None:
    """Compte les BAL d'une extraction de l'Annuaire Santé et en fait la preuve.

    Aucune adresse et aucun nom ne sort de ces commandes : seulement des nombres, des domaines et des identifiants
    d'opérateur.
    """
    if ctx.invoked_subcommand is None:
        raise click.UsageError("il manque un verbe : compare, count, sample", ctx)


@annuaire.command(cls=_French)
@click.argument("extraction", type=_PATH)
@_white_list_option
@_certificate_option
@click.option(
    "--operateur",
    "operators",
    type=_operator,
    metavar="ID",
    multiple=True,
    help="Ne montrer que cet opérateur ; à répéter pour les identifiants d'un même opérateur (SIRET et FINESS).",
)
@click.option(
    "--cloture",
    "closing",
    type=_day,
    metavar="AAAA-MM-JJ",
    help="Date à laquelle l'extraction doit avoir été produite.",
)
@_types_option
@_format_option
@click.option("--out", "out", type=_PATH, metavar="FICHIER", help="Écrit la preuve (JSON) dans ce fichier.")
@_help_option
def count(
    extraction: Path,
    white_list: Path | None,
    certificate: Path | None,
    operators: tuple[str, ...],
    closing: date | None,
    types: tuple[tuple[str, str], ...],
    output_format: str,
    out: Path | None,
) -> None:
    """Compte les BAL d'une EXTRACTION (texte ou ZIP) par opérateur, et en écrit la preuve.

    Code de sortie : 0 rien à examiner, 1 des points à examiner, 2 fichier refusé.
    """
    if white_list is None:
        raise click.UsageError("donner la liste blanche avec --liste-blanche XML")
    with _refusals():
        from recevable.registers.annuaire.count_text import count_text, points_to_examine
        from recevable.registers.annuaire.proof import to_json
        from recevable.registers.annuaire.proving import prove

        proof = prove(
            extraction,
            white_list,
            certificate=certificate,
            operator=tuple(sorted(set(operators))),
            closing=closing,
            further=dict(types),
        )
        text = to_json(proof)
        if out is not None:
            _write(out, text, extraction, white_list, certificate)
        say(text if output_format == "json" else count_text(proof), nl=False)
        code = FINDING if points_to_examine(proof) else 0
    raise click.exceptions.Exit(code)


@annuaire.command(cls=_French)
@click.argument("old", metavar="ANCIENNE", type=_PATH)
@click.argument("new", metavar="NOUVELLE", type=_PATH)
@_white_list_option
@_certificate_option
@click.option(
    "--seuil",
    "threshold",
    type=_ratio,
    metavar="NOMBRE",
    default="3.5",
    help="Nombre d'écarts habituels à partir duquel un opérateur est signalé (par défaut, le paramètre du programme).",
)
@click.option(
    "--effectif-minimal",
    "smallest",
    type=_whole(1, 1_000_000),
    metavar="N",
    default=30,
    help="Nombre de BAL au-dessous duquel un opérateur ou un écart ne compte pas (par défaut, celui du programme).",
)
@_types_option
@_format_option
@click.option("--out", "out", type=_PATH, metavar="FICHIER", help="Écrit la comparaison (JSON) dans ce fichier.")
@click.option("--html", "html", type=_PATH, metavar="FICHIER", help="Écrit la page avec le graphique dans ce fichier.")
@_help_option
def compare(
    old: Path,
    new: Path,
    white_list: Path | None,
    certificate: Path | None,
    threshold: Decimal,
    smallest: int,
    types: tuple[tuple[str, str], ...],
    output_format: str,
    out: Path | None,
    html: Path | None,
) -> None:
    """Compare deux extractions, ou deux preuves de `count`, et signale les opérateurs qui s'écartent de l'ensemble.

    La même liste blanche sert pour les deux extractions. Un signal est une question pour un humain, jamais une
    décision.

    Code de sortie : 0 aucun signal, 1 des opérateurs signalés ou aucune statistique possible, 2 fichier refusé.
    """
    with _refusals():
        from recevable.registers.annuaire.growth import compare as compare_snapshots
        from recevable.registers.annuaire.growth import snapshot
        from recevable.registers.annuaire.growth_page import growth_page
        from recevable.registers.annuaire.growth_text import growth_data, growth_text
        from recevable.registers.annuaire.proof import looks_like_json, read_proof, to_json
        from recevable.registers.annuaire.proving import prove

        snapshots = []
        for path in (old, new):
            if looks_like_json(path):
                proof = read_proof(path)
            elif white_list is None:
                raise click.UsageError(
                    "pour comparer des extractions, donner la liste blanche avec --liste-blanche XML"
                )
            else:
                proof = prove(path, white_list, certificate=certificate, further=dict(types))
            snapshots.append(snapshot(proof, str(path)))
        growth = compare_snapshots(*snapshots, threshold=threshold, smallest=smallest)
        text = to_json(growth_data(growth))
        for target, content in ((out, text), (html, growth_page(growth) if html else "")):
            if target is not None:
                _write(target, content, old, new, white_list, certificate)
        say(text if output_format == "json" else growth_text(growth), nl=False)
        code = FINDING if growth.signals or growth.statistic is None else 0
    raise click.exceptions.Exit(code)


@annuaire.command(cls=_French)
@click.option("--out", "out", type=_PATH, metavar="DOSSIER", required=True, help="Dossier où écrire, créé au besoin.")
@click.option(
    "--lines",
    "lines",
    type=_whole(200, 20_000_000),
    metavar="N",
    default=540_000,
    help="Nombre de lignes, sans l'en-tête (par défaut 540 000).",
)
@click.option(
    "--seed",
    "seed",
    type=_whole(0, 2**63 - 1),
    metavar="N",
    default=0,
    help="Graine, par défaut 0 : la même donne la même extraction (seule la signature de la liste change).",
)
@click.option(
    "--domaines",
    "domains",
    type=_whole(20, 1_000_000),
    metavar="N",
    help="Nombre de domaines (d'après --lines, au plus 5000).",
)
@click.option(
    "--operateurs",
    "operators",
    type=_whole(1, 10_000),
    metavar="N",
    help="Nombre d'opérateurs (d'après les domaines, au plus 340).",
)
@click.option("--applicatives", is_flag=True, help="Ajoute des BAL applicatives, comme dans l'extraction de l'ANS.")
@click.option(
    "--anomalies",
    type=_whole(0, 1000),
    metavar="N",
    default=0,
    help="Nombre d'opérateurs aux BAL gonflées (par défaut 0).",
)
@click.option("--zip", "archive", is_flag=True, help="Écrit l'extraction dans une archive ZIP.")
@click.option(
    "--produite-le",
    "generated",
    type=_minute,
    metavar="AAAAMMJJhhmm",
    default="202501010300",
    help="Date et heure de production, portées par le nom de l'extraction (par défaut le 01/01/2025 à 03:00).",
)
@_help_option
def sample(
    out: Path,
    lines: int,
    seed: int,
    domains: int | None,
    operators: int | None,
    applicatives: bool,
    anomalies: int,
    archive: bool,
    generated: datetime,
) -> None:
    """Invente une extraction et sa liste blanche signée, de la forme et de la taille des vraies.

    Écrit aussi le certificat du signataire et un résumé de ce qui a été mis dedans (`contenu.json`).
    """
    with _refusals():
        from recevable.registers.annuaire.sample import CONTENTS, write_sample

        written = write_sample(
            out,
            lines=lines,
            seed=seed,
            domains=domains,
            operators=operators,
            applications=applicatives,
            anomalies=anomalies,
            archive=archive,
            generated=generated,
        )
        for path in (written.extraction, written.white_list, written.certificate, out / CONTENTS):
            say(visible(str(path)))


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what cannot be used into one line of French and exit code 2."""
    try:
        yield
    except EvidenceError as error:
        raise _Refusal(str(error)) from error
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in {"lxml", "signxml", "cryptography"}:
            raise
        raise _Refusal(f"la bibliothèque {library} n'est pas installée. Installer `recevable[annuaire]`.") from error


def _write(target: Path, content: str, *inputs: Path | None) -> None:
    """Write a file whole or not at all, and never over an input."""
    if any(path is not None and _same(target, path) for path in inputs):
        raise EvidenceError(
            str(target), "c'est un des fichiers à lire : il serait écrasé", "Choisir un autre nom pour le résultat"
        )
    partial: str | None = None
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="\n", dir=target.parent, delete=False) as file:
            partial = file.name
            file.write(content)
        Path(partial).chmod(0o666 & ~_umask())
        Path(partial).replace(target)
    except OSError as error:
        if partial is not None:
            Path(partial).unlink(missing_ok=True)
        raise EvidenceError(str(target), file_reason(error), "Choisir un endroit où écrire") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
