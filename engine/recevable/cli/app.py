"""The command group: verbs are imported when they are used, and every refusal is one French sentence."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, Final

import click

from recevable import __version__
from recevable.cli.exits import INTERNAL, USAGE

# verb: (module, attribute, one-line help).  The help stands here so that listing the verbs imports none of them.
VERBS: Final[dict[str, tuple[str, str, str]]] = {
    "check": ("recevable.cli.check", "check", "Vérifier des dossiers et rendre une décision motivée."),
    "checklist": ("recevable.cli.checklist", "checklist", "Lister ce qu'un demandeur doit fournir."),
    "schema": ("recevable.cli.schema", "schema", "Afficher un schéma JSON."),
}


class FrenchCommand(click.Command):
    """A command whose help page is in French."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """`--help`, described in French."""
        return french_help(super().get_help_option(ctx))

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """`Usage : …`."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="Usage : ")


class VerbGroup(click.Group):
    """Looks verbs up in VERBS and imports the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs."""
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """A verb's command, imported now."""
        if name not in VERBS:
            return None
        module, attribute, _ = VERBS[name]
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs, from VERBS."""
        with formatter.section("Verbes"):
            formatter.write_dl([(verb, VERBS[verb][2]) for verb in sorted(VERBS)])

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """`--help`, described in French."""
        return french_help(super().get_help_option(ctx))

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """`Usage : …`."""
        formatter.write_usage(ctx.command_path, "VERBE [ARGUMENTS]…", prefix="Usage : ")


def french_help(option: click.Option | None) -> click.Option | None:
    """Click's own `--help` with its description in French."""
    if option is not None:
        option.help = "Afficher cette aide."
    return option


@click.group(cls=VerbGroup, help="Vérifier des dossiers de financement public contre des règles écrites en YAML.")
@click.version_option(__version__, "--version", message="recevable %(version)s", help="Afficher la version.")
def cli() -> None:
    """The group has nothing to do before its verb."""


def run(args: list[str] | None = None) -> None:
    """Run the command line and exit with a documented code."""
    sys.exit(run_code(args))


def run_code(args: list[str] | None = None) -> int:
    """Run the command line; its exit code."""
    try:
        result: Any = cli.main(args, prog_name="recevable", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        click.echo(f"recevable : {_sentence(error)}", err=True)
        if isinstance(error, click.UsageError) and error.ctx is not None:
            click.echo(f"  aide : {error.ctx.command_path} --help", err=True)
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("recevable : interrompu.", err=True)
        return USAGE
    except BrokenPipeError:
        # the reader of a pipe has gone: nothing more can be said to it, and Python must not try at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERNAL
    return result if isinstance(result, int) else 0


def _sentence(error: click.ClickException) -> str:
    """Click's refusals in French."""
    if isinstance(error, click.NoSuchOption):
        near = f" ; vouliez-vous dire {' ou '.join(error.possibilities)} ?" if error.possibilities else ""
        return f"l'option {error.option_name} n'existe pas{near}"
    if isinstance(error, click.MissingParameter):
        name = error.param.get_error_hint(error.ctx) if error.param is not None and error.ctx is not None else "?"
        return f"il manque l'argument {name}"
    if isinstance(error, click.BadOptionUsage):
        return f"l'option {error.option_name} attend une valeur"
    if isinstance(error, click.BadParameter):
        name = error.param.get_error_hint(error.ctx) if error.param is not None and error.ctx is not None else ""
        if error.param is not None and isinstance(error.param.type, click.Choice):
            choices = ", ".join(str(choice) for choice in error.param.type.choices)
            return f"valeur refusée pour {name} ; valeurs possibles : {choices}"
        return f"{name} : {error.message}" if name else error.message
    if isinstance(error, click.UsageError) and "No such command" in error.message:
        return f"verbe inconnu ; verbes : {', '.join(sorted(VERBS))}"
    if isinstance(error, click.UsageError) and "Missing command" in error.message:
        return f"il manque un verbe : {', '.join(sorted(VERBS))}"
    if isinstance(error, click.UsageError) and "unexpected extra argument" in error.message:
        return "argument en trop"
    return error.message
