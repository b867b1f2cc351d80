"""The engine, its help, its manual and the schemas of all packs know no shipped programme by its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest

from recevable.cli.app import cli
from recevable.pack.letter_kinds import ROLES
from recevable.pack.source import shipped_programmes
from recevable.programme import open_programme

ROOT: Final = Path(__file__).parents[2]
# The counting of mailboxes is an adapter to one national directory, and speaks of what that directory holds.
ADAPTER: Final = ROOT / "engine" / "recevable" / "registers" / "annuaire"


def _files() -> Iterator[Path]:
    for path in sorted((ROOT / "engine").rglob("*")):
        if path.suffix in (".py", ".md", ".typ", ".html", ".css") and not path.is_relative_to(ADAPTER):
            yield path
    yield from sorted((ROOT / "schemas").glob("*.json"))


def _helps(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    yield name, command.get_help(click.Context(command, info_name=name))
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for below in command.list_commands(context):
            if below != "annuaire":
                found = command.get_command(context, below)
                assert found is not None
                yield from _helps(found, f"{name} {below}")


def _proper_words(programme: str) -> list[str]:
    """What only this programme names; a name that the texts of every programme have is the engine's own."""
    pack = open_programme(programme).pack
    own = {name for role in ROLES.values() for name in role.names}
    names = {pack.manifest.programme, pack.manifest.title, *pack.rules, *pack.parameters} - own
    return sorted(name for name in names if re.search("[ _-]", name))


@pytest.mark.parametrize("shipped", shipped_programmes())
def test_no_word_of_a_shipped_programme_is_in_the_engine(shipped: str) -> None:
    words = _proper_words(shipped)
    assert len(words) > 20
    sought = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, words))}|MSSanté|AF-OPE)(?![\w-])")
    texts = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in _files()}
    helps = dict(_helps(cli, "recevable"))
    assert "recevable check" in helps
    found = {f"{name}: {match[0]}" for name, text in (texts | helps).items() for match in sought.finditer(text)}
    assert sorted(found) == []
