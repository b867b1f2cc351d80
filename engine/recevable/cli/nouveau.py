"""`recevable nouveau`: ask what a change of the law needs, and write it in a pack, all of it or nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from recevable.cli.app import FrenchCommand, page
from recevable.cli.exits import ACCEPTED, NOT_ACCEPTED, usage
from recevable.cli.outputs import write_together
from recevable.cli.packs import pack_folders, report_faults
from recevable.drafts.desk import Desk
from recevable.drafts.kinds import DRAFTS
from recevable.drafts.model import Draft
from recevable.drafts.questions import UNSURE, InvalidAnswer, Question, answer
from recevable.language.diagnostics import Diagnostic, DiagnosticError, Severity
from recevable.lint.checks import undecided
from recevable.outputs.run import relocated, seen_from_here
from recevable.printed import say, visible
from recevable.report import diagnostics as diagnostics_text

# How many choices are listed when a question is asked, and files of one folder once they are written.
_SHOWN: Final = 12
_PACK: Final = "PAQUET : le dossier d'un paquet ; par défaut, celui d'ici."
_PROJECT: Final = "PROJET : le dossier où sont rules, schemas et fixtures, ou le seront ; par défaut, celui d'ici."
_HELP: Final = """\
`?` pour réponse : ce qui reste à décider est écrit comme tel, et `recevable lint` le signale.

Codes de sortie : 0 écrit, rien ne reste à faire ; 1 écrit, quelque chose reste à décider ou à corriger ; 2 usage ;
3 rien n'est écrit, le paquet ne se lirait pas."""


class _FrenchGroup(FrenchCommand, click.Group):
    """A group that lists its kinds of change under a French heading."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The kinds of change."""
        with formatter.section("Verbes"):
            formatter.write_dl([(draft.verb, draft.about) for draft in DRAFTS])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The kind asked for; an error lists them."""
        if args and args[0] not in self.commands:
            raise click.UsageError(f"`nouveau {args[0]}` n'existe pas. Choisissez : {', '.join(self.commands)}.", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_FrenchGroup, invoke_without_command=True, subcommand_metavar="VERBE [ARGUMENTS]…", options_metavar="")
@click.pass_context
def nouveau(ctx: click.Context) -> None:
    """Écrire dans un paquet ce que demande un changement du droit : schéma, exigence, règle, exemples et scénario.

    Chaque question a son option ; dans un terminal, celles qui manquent sont posées. Tout est écrit, ou rien.
    """
    if ctx.invoked_subcommand is None:
        raise click.UsageError(f"il manque un verbe : {', '.join(draft.verb for draft in DRAFTS)}", ctx)


def _command(draft: Draft) -> click.Command:
    """The command of a kind of change, an option for each question."""

    def run(pack: str | None, **given: Any) -> int:
        return _run(draft, pack, {name.replace("_", "-"): value for name, value in given.items()})

    where = "[PAQUET]" if draft.opens is Desk else "[PROJET]"
    params: list[click.Parameter] = [click.Argument(["pack"], required=False, metavar=where)]
    for question in draft.questions:
        help = question.text.rstrip(".") + "."
        if question.many:
            help = f"{help.removesuffix(' ; vide : fini.')} (répétable)."
        params.append(
            click.Option(
                [f"--{question.name}"], multiple=question.many, metavar="TEXTE", help=help.replace(" ?.", " ?")
            )
        )
    folder = _PACK if draft.opens is Desk else _PROJECT
    help = f"{draft.about}\n\n{folder}\n\n{_HELP}"
    return FrenchCommand(draft.verb, callback=run, params=params, help=help, short_help=draft.about)


for _draft in DRAFTS:
    nouveau.add_command(_command(_draft))


def _run(draft: Draft, pack: str | None, given: dict[str, Any]) -> int:
    folder = _folder(draft, pack)
    try:
        desk = draft.opens(folder)
        answers = _answers(draft.questions, desk, given)
        draft.write(desk, answers)
        left = desk.findings()
    except InvalidAnswer as error:
        raise usage(_sentence(error)) from None
    except DiagnosticError as error:
        say("Rien n'est écrit :", err=True)
        return report_faults(error.diagnostics, folder)
    grave = [one for one in left if one.severity is Severity.ERROR and one.code != undecided.CODE]
    if grave:
        say("Rien n'est écrit : avec ces réponses, le paquet aurait ces défauts.", err=True)
        return report_faults(grave, folder)
    changed = desk.changed()
    meanwhile = write_together(changed, draft.verb)
    if meanwhile is not None:
        shown = visible(seen_from_here(meanwhile))
        raise usage(f"`{shown}` a été changé entre-temps, rien n'est écrit : relancez la commande")
    _tell(desk.pack_folder, list(changed), desk.notes, left)
    return NOT_ACCEPTED if any(one.severity is not Severity.NOTE for one in left) else ACCEPTED


def _folder(draft: Draft, pack: str | None) -> Path:
    """The folder to change: of one pack, or of the project in which one is to be made."""
    if draft.opens is not Desk:
        if pack and not Path(pack).is_dir():
            raise usage(f"`{pack}` n'est pas un dossier")
        return Path(pack or ".")
    folders = pack_folders([pack] if pack else [])
    if len(folders) != 1:
        names = ", ".join(visible(seen_from_here(one)) for one in folders)
        raise usage(f"il y a plusieurs paquets ici : dites lequel ({names})")
    return folders[0]


def _tell(folder: Path, written: Sequence[Path], notes: Sequence[str], left: Sequence[Diagnostic]) -> None:
    """What was written, what was computed and what to read again, and what is left."""
    by_folder: dict[Path, list[Path]] = {}
    for path in written:
        by_folder.setdefault(path.parent, []).append(path)
    for above, paths in by_folder.items():
        if len(paths) > _SHOWN:
            say(f"{visible(seen_from_here(above))} : {len(paths)} fichiers écrits")
            continue
        for path in paths:
            say(f"{visible(seen_from_here(path))} : écrit")
    for note in notes:
        say(f"  – {visible(note)}")
    if left:
        shown = relocated(left, folder)
        say(diagnostics_text.render(shown, page(sys.stdout)), nl=False)
    say(f"Relisez, puis : recevable test {visible(seen_from_here(folder))}")


# --- questions and answers --------------------------------------------------------------------------------------------


def _interactive() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _answers(questions: Sequence[Question], desk: Desk, given: dict[str, Any]) -> dict[str, str]:
    """Every answer: that of its option, else asked on a terminal, else the default."""
    found: dict[str, str] = {}
    for question in questions:
        option = given.get(question.name)
        typed = "\n".join(option or ()) if question.many else option
        if typed:
            found[question.name] = _read(question, desk, found, typed, f"--{question.name} : ")
        elif typed is not None and not question.many:
            found[question.name] = _read(question, desk, found, "", f"--{question.name} : ")
        else:
            default = _default(question, desk, found)
            if _interactive():
                found[question.name] = _asked(question, desk, found, default)
            elif default is None:
                raise usage(f"il manque l'option `--{question.name}` : {question.text}")
            else:
                found[question.name] = default
    return found


def _default(question: Question, desk: Desk, found: dict[str, str]) -> str | None:
    try:
        return question.default(desk, found) if question.default is not None else None
    except KeyError:
        return None


def _read(question: Question, desk: Desk, found: dict[str, str], text: str, where: str = "") -> str:
    try:
        return answer(question, desk, found, text)
    except InvalidAnswer as error:
        raise usage(f"{where}{_sentence(error)}") from None


def _asked(question: Question, desk: Desk, found: dict[str, str], default: str | None) -> str:
    """The answer typed; asked again until it fits."""
    say(f"\n{question.text}", err=True)
    choices = question.choices(desk, found)
    if choices:
        say(f"  {', '.join(choices[:_SHOWN])}{', …' if len(choices) > _SHOWN else ''}", err=True)
    if default:
        say(f"  Entrée : {default}", err=True)
    if question.left:
        say(f"  {UNSURE} : je ne sais pas encore", err=True)
    typed: list[str] = []
    while True:
        text = input("> ").strip()
        if not text and typed:
            return "\n".join(typed)
        if not text and default is not None:
            return default
        try:
            kept = answer(question, desk, found, text)
        except InvalidAnswer as error:
            say(f"  {visible(_sentence(error))}", err=True)
            continue
        if not question.many:
            return kept
        typed.append(kept)


def _sentence(error: InvalidAnswer) -> str:
    return f"{error.message}. {error.help}".rstrip() if error.help else f"{error.message}."
