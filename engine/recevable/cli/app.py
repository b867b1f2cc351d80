"""The command group: imports a verb when it is used, and reports each usage error as one French sentence."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, TextIO

import click

from recevable import __version__
from recevable.cli.defaults import PolicyDefaults
from recevable.cli.exits import ACCEPTED, INTERNAL, INTERRUPTED, NOT_ACCEPTED, READER_GONE, USAGE, usage
from recevable.language.diagnostics import suggest
from recevable.printed import say
from recevable.report.layout import Page, visible

# verb: (module, attribute, one-line help).  The help is here so that listing the verbs imports none of them.
VERBS: Final[dict[str, tuple[str, str, str]]] = {
    "annuaire": (
        "recevable.registers.annuaire.commands",
        "annuaire",
        "Compter les BAL d'une extraction d'annuaire et en faire la preuve.",
    ),
    "batch": ("recevable.cli.batch.command", "batch", "Décider de très nombreux dossiers et écrire leurs décisions."),
    "check": ("recevable.cli.check", "check", "Vérifier des dossiers et rendre une décision motivée."),
    "checklist": ("recevable.cli.checklist", "checklist", "Lister ce qu'un demandeur doit fournir."),
    "coverage": ("recevable.cli.coverage", "coverage", "Mesurer ce que les essais des règles montrent d'elles."),
    "doc": ("recevable.cli.doc", "doc", "Écrire le site d'un paquet, une page par règle."),
    "enregistrer": ("recevable.cli.save", "save", "Enregistrer un paquet de règles contrôlé, sans connaître git."),
    "impact": (
        "recevable.cli.impact",
        "impact",
        "Montrer ce qu'une modification des règles change pour des dossiers.",
    ),
    "import": ("recevable.cli.import_", "import_", "Reprendre les dossiers exportés d'un autre portail."),
    "letter": ("recevable.cli.letter", "letter", "Écrire un courrier au demandeur d'un dossier, en PDF accessible."),
    "lint": ("recevable.cli.lint", "lint", "Contrôler des paquets de règles, chaque faute à sa ligne."),
    "lsp": ("recevable.cli.lsp", "lsp", "Servir un éditeur de texte pendant qu'on écrit des règles."),
    "mutate": ("recevable.cli.mutate", "mutate", "Montrer les changements des règles qu'aucun essai ne remarque."),
    "nouveau": (
        "recevable.cli.nouveau",
        "nouveau",
        "Écrire dans un paquet ce que demande un changement du droit.",
    ),
    "prove": (
        "recevable.cli.prove",
        "prove",
        "Prouver ce qui tient pour tout dossier, ou montrer un dossier contraire.",
    ),
    "serve": ("", "", "Ouvrir la démonstration du guichet d'instruction."),
    "schema": ("recevable.cli.schema", "schema", "Afficher un schéma JSON."),
    "simulate": ("recevable.cli.simulate", "simulate", "Simuler une demande, question après question."),
    "verify-register": (
        "recevable.cli.verify_register",
        "verify_register",
        "Vérifier l'export d'un registre d'actes.",
    ),
    "test": ("recevable.cli.test", "test", "Jouer les essais des règles : exemples, scénarios, dossiers connus."),
}


# Verbs provided by another package of the distribution, with its extra: verb, extra.
LENT: Final[dict[str, str]] = {"serve": "web"}


def _lent(name: str) -> click.Command:
    """The command of another package, found by its entry point rather than by import."""
    # as slow to import as all that our own first decision needs
    from importlib import metadata

    found = [one for one in metadata.entry_points(group="recevable.verbs") if one.name == name]
    try:
        command = found[0].load() if found else None
    except ImportError:
        command = None
    if not isinstance(command, click.Command):
        raise usage(f"le verbe `{name}` demande l'option d'installation : pip install 'recevable[{LENT[name]}]'.")
    if type(command) is click.Command:
        # another package brings a plain command: its help page is in French all the same
        command.__class__ = FrenchCommand
    return command


class FrenchFormatter(click.HelpFormatter):
    """Help pages with French typography."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """`Usage : …`."""
        super().write_usage(prog, args, prefix or "Usage : ")

    def write_heading(self, heading: str) -> None:
        """`Options :`."""
        super().write_heading(f"{heading} ")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Options and verbs with their help."""
        french = [(name, help.replace("[required]", "[obligatoire]")) for name, help in rows]
        super().write_dl(french, col_max, col_spacing)


class FrenchContext(click.Context):
    """A context whose help pages are in French."""

    formatter_class = FrenchFormatter


class FrenchCommand(click.Command):
    """A command whose help page is in French."""

    context_class = FrenchContext

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """`--help`, described in French."""
        return _HELP


class VerbGroup(click.Group):
    """Looks verbs up in VERBS and imports only the one requested."""

    context_class = FrenchContext

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs."""
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """A verb's command, imported now."""
        if name in LENT:
            return _lent(name)
        if name not in VERBS:
            return None
        module, attribute, _ = VERBS[name]
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        # verbs of other packages, and their subcommands, get the same page layout
        for one in (command, *getattr(command, "commands", {}).values()):
            one.context_class = FrenchContext
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The requested verb; an error suggests the closest names."""
        if args and not args[0].startswith("-") and args[0] not in VERBS:
            near = suggest(args[0], VERBS) or f"Verbes : {', '.join(sorted(VERBS))}."
            raise click.UsageError(f"le verbe `{args[0]}` n'existe pas. {near}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs, from VERBS."""
        with formatter.section("Verbes"):
            formatter.write_dl([(verb, VERBS[verb][2]) for verb in sorted(VERBS)])

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """`--help`, described in French."""
        return _HELP


def _printing(name: str, help: str, text: Callable[[click.Context], str]) -> click.Option:
    """An option that prints a text and exits; those of click look for translations, a hundredth of a check."""

    def show(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            say(text(ctx))
            ctx.exit()

    return click.Option([name], is_flag=True, expose_value=False, is_eager=True, help=help, callback=show)


_HELP: Final = _printing("--help", "Afficher cette aide.", click.Context.get_help)
_VERSION: Final = _printing("--version", "Afficher la version.", lambda ctx: f"recevable {__version__}")


@click.group(
    cls=VerbGroup,
    no_args_is_help=False,
    options_metavar="",
    subcommand_metavar="VERBE [ARGUMENTS]…",
    params=[_VERSION],
    help="Vérifier des dossiers de financement public contre des règles écrites en YAML.",
)
def cli() -> None:
    """The group has nothing to do before its verb."""


def page(stream: TextIO | None) -> Page:
    """The page settings of a stream: colours only on a terminal that supports them, and never with NO_COLOR."""
    refused = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return Page(colour=stream is not None and stream.isatty() and not refused)


def run(args: list[str] | None = None) -> None:
    """Run the command line and exit with a documented code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # a terminal that cannot display a character shows `?` instead of failing
            stream.reconfigure(errors="replace")
    code = run_code(args)
    if sys.stdout is None and code in (ACCEPTED, NOT_ACCEPTED):
        code = INTERNAL  # the decision could not be printed
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.flush()
    # all output is written: freeing objects one by one would take as long as a decision
    os._exit(code)


def run_code(args: list[str] | None = None) -> int:
    """Run the command line; returns its exit code."""
    words = sys.argv[1:] if args is None else list(args)
    try:
        with cli.make_context("recevable", list(words), default_map=PolicyDefaults()) as context:
            result: Any = cli.invoke(context)
            return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        say(f"recevable : {visible(_sentence(error))}", err=True)
        if isinstance(error, click.UsageError):
            # for some options the parser does not record the verb
            verb = f" {words[0]}" if words and words[0] in VERBS else ""
            say(f"  aide : {error.ctx.command_path if error.ctx else f'recevable{verb}'} --help", err=True)
        return USAGE
    except (click.Abort, KeyboardInterrupt, EOFError):
        say("\nrecevable : interrompu.", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        _give_up_printing()
        return READER_GONE
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        say(f"recevable : {visible(_fault(error))}", err=True)
        return INTERNAL


def _give_up_printing() -> None:
    """The reader of a pipe is gone: write no more, and keep Python from flushing at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            with contextlib.suppress(OSError):
                os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _fault(error: Exception) -> str:
    """The message for an internal error, with its place; `python -X dev -m recevable` shows the full traceback."""
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "il n'y a plus de place pour écrire la sortie."
    if isinstance(error, ImportError) and error.name == "durable_rules_engine":
        return str(error)  # inference/library.py: the message says what to do
    import traceback  # imported only for a failing run

    frames = traceback.extract_tb(error.__traceback__)
    where = f", {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"erreur interne ({what}{where}). Aucune décision n'est rendue ; signalez ce défaut."


# --- click's messages, in French --------------------------------------------------------------------------------------

_TRANSLATIONS: Final = (
    (r"(\S+) is not in the range (.*)\.", "{0} est hors de l'intervalle {1}"),
    (r"'(.*)' is not a valid integer\.?", "`{0}` n'est pas un nombre entier"),
    (r"'(.*)' is not a valid .*", "la valeur `{0}` est mal écrite"),
    (r"\w+ '(.*)' does not exist\.", "`{0}` n'existe pas"),
    (r"\w+ '(.*)' is a directory\.", "`{0}` est un répertoire"),
    (r"\w+ '(.*)' is a file\.", "`{0}` est un fichier"),
    (r"\w+ '(.*)' is not readable\.", "`{0}` ne peut pas être lu"),
    (r"\w+ '(.*)' is not writable\.", "`{0}` ne peut pas être écrit"),
    (r"Got unexpected extra arguments? \((.*)\)", "argument en trop : `{0}`"),
    (r"Missing command\.", "il manque un verbe"),
    (r"Argument .* takes \d+ values?\.?", "le nombre d'arguments ne convient pas"),
)


def _sentence(error: click.ClickException) -> str:
    """A click error in French; our own messages are already French."""
    if isinstance(error, click.NoSuchOption):
        near = suggest(error.option_name, _options(error.ctx))
        return f"l'option `{error.option_name}` n'existe pas{f'. {near}' if near else ''}"
    if isinstance(error, click.FileError):
        return f"`{error.ui_filename}` ne peut pas être ouvert"
    if isinstance(error, click.MissingParameter):
        kind = "l'option" if isinstance(error.param, click.Option) else "l'argument"
        return f"il manque {kind} {_name(error)}"
    if isinstance(error, click.BadOptionUsage):
        flag = "does not take" in error.message
        return f"l'option `{error.option_name}` {'ne prend pas de' if flag else 'attend une'} valeur"
    if isinstance(error, click.BadParameter):
        if error.param is not None and isinstance(error.param.type, click.Choice):
            choices = ", ".join(str(choice) for choice in error.param.type.choices)
            return f"valeur refusée pour {_name(error)} ; valeurs possibles : {choices}"
        name = _name(error)
        return f"{name} : {_translated(error.message)}" if name else _translated(error.message)
    return _translated(error.message)


def _translated(message: str) -> str:
    for pattern, words in _TRANSLATIONS:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            return words.format(*found.groups())
    return message


def _name(error: click.BadParameter) -> str:
    """The displayed name of a parameter: `--au`, or the metavar of an argument."""
    if error.param is None or error.ctx is None:
        return ""
    if isinstance(error.param, click.Option):
        return f"`{max(error.param.opts, key=len)}`"
    return f"`{error.param.make_metavar(error.ctx)}`"


def _options(ctx: click.Context | None) -> list[str]:
    return [name for param in ctx.command.params for name in param.opts] + ["--help"] if ctx is not None else []
