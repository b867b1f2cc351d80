"""`recevable lsp`: the language server that an editor starts for diagnostics, names and values."""

from __future__ import annotations

import sys

import click

from recevable.cli.app import FrenchCommand
from recevable.cli.exits import ACCEPTED, usage


@click.command(cls=FrenchCommand)
@click.option("--stdio", is_flag=True, help="Parler par l'entrée et la sortie standard (c'est toujours le cas).")
def lsp(stdio: bool) -> int:
    """Servir un éditeur de texte : fautes à la frappe, complétion, valeurs au survol, définitions.

    L'éditeur lance cette commande lui-même, et lui parle selon le Language Server Protocol.

    Codes de sortie : 0 l'éditeur a fermé la session ; 2 usage.
    """
    try:
        # an extra, imported only here
        from recevable.editor.server import serve
    except ModuleNotFoundError as error:
        raise usage(f"il manque `{error.name}` : installez recevable avec son option `editeur`.") from None
    if sys.stdin is None or sys.stdout is None:
        raise usage("l'entrée et la sortie standard doivent être ouvertes : c'est par elles que l'éditeur parle.")
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    # text printed by a library would break the protocol
    sys.stdout = sys.stderr
    serve(stdin, stdout)
    return ACCEPTED
