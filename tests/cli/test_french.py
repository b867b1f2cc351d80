"""The command speaks French: help pages and every way of misusing it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click
import pytest

from recevable import __version__
from recevable.cli.app import VERBS, VerbGroup, cli

Command = Callable[..., Any]
ENGLISH = re.compile(
    r"\b(usage:|options:|arguments?:|commands?|show|message|exit|required|default|error|missing|invalid|value|such"
    r"|got|unexpected|extra|does not|did you mean|requires|takes|is not|one of|choose|try|for help|aborted|file"
    r"|directory|the|and|or|to|with|this)\b",
    re.IGNORECASE,
)


def verbs() -> list[str]:
    """Every verb, and every verb of a verb."""
    context, found = click.Context(cli), [""]
    assert isinstance(cli, VerbGroup)
    for name in sorted(VERBS):
        command = cli.get_command(context, name)
        found.append(name)
        found += [f"{name} {inner}" for inner in sorted(getattr(command, "commands", {}))]
    return found


def english(text: str) -> list[str]:
    """The English words of a text, the names of options and what stands in backquotes excepted."""
    return ENGLISH.findall(re.sub(r"`[^`]*`|--[\w-]+|recevable [a-z]+", "", text))


@pytest.mark.parametrize("verb", verbs())
def test_a_help_page_is_in_french(recevable: Command, verb: str) -> None:
    outcome = recevable(*verb.split(), "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(f"Usage : recevable {verb}".rstrip())
    assert "\nOptions :\n" in outcome.out
    assert re.search(r"--help +Affiche(r)? cette aide\.", outcome.out)
    assert english(outcome.out) == []
    assert "[required]" not in outcome.out


def test_the_first_page_lists_every_verb_with_its_own_words(recevable: Command) -> None:
    page = recevable("--help").out
    for verb, (_, _, help) in VERBS.items():
        assert re.search(rf"^  {verb} +{re.escape(help[:30])}", page, re.MULTILINE)


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_option_and_every_verb_says_what_it_does(verb: str) -> None:
    assert isinstance(cli, VerbGroup)
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    assert command.help
    assert [p.name for p in command.params if isinstance(p, click.Option) and not p.help] == []


def test_the_version_is_that_of_the_package(recevable: Command) -> None:
    assert recevable("--version").out == f"recevable {__version__}\n"


MISUSES = [
    ([], "il manque un verbe", "recevable"),
    (["chek"], "le verbe `chek` n'existe pas. Vouliez-vous dire `check`", "recevable"),
    (["zzz"], "le verbe `zzz` n'existe pas. Verbes : ", "recevable"),
    (["--nope"], "l'option `--nope` n'existe pas", "recevable"),
    (["check"], "il manque l'argument `FICHIER...`", "recevable check"),
    (["check", "--formt", "json", "x"], "l'option `--formt` n'existe pas. Vouliez-vous dire `--format`",
     "recevable check"),
    (["check", "-z", "x"], "l'option `-z` n'existe pas", "recevable check"),
    (["check", "x", "--au"], "l'option `--au` attend une valeur", "recevable check"),
    (["check", "--trace=oui", "x"], "l'option `--trace` ne prend pas de valeur", "recevable check"),
    (["check", "--format", "xml", "x"], "valeur refusée pour `--format` ; valeurs possibles : text, json, ndjson",
     "recevable check"),
    (["check", "--au", "hier", "x"], "`--au` : `hier` est refusé, une date s'écrit AAAA-MM-JJ", "recevable check"),
    (["checklist"], "il manque l'option `--demande`", "recevable checklist"),
    (["checklist", "--profil", "acheteur"], "il manque l'option `--demande`", "recevable checklist"),
    (["checklist", "--profil", "acheteur", "--demande", "avanc"],
     "--demande : `avanc` n'est pas une demande. Vouliez-vous dire `avance` ?", "recevable checklist"),
    (["checklist", "--profil", "vendeur", "--demande", "avance"],
     "--profil : `vendeur` n'est pas un profil. ", "recevable checklist"),
    (["checklist", "--profil", "acheteur", "--demande", "avance", "reste"], "argument en trop : `reste`",
     "recevable checklist"),
    (["checklist", "--profil", "acheteur", "--demande", "avance", "--programme", "autre"],
     "le programme `autre` n'existe pas ; programmes : ", "recevable checklist"),
    (["schema"], "il manque l'argument `NOM`", "recevable schema"),
    (["schema", "dossie"], "le schéma `dossie` n'existe pas. Vouliez-vous dire `dossier` ?", "recevable schema"),
    (["schema", "dossier", "deux", "trois"], "argument en trop : `deux trois`", "recevable schema"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("args", "sentence", "page"), MISUSES, ids=[" ".join(args) or "nothing" for args, *_ in MISUSES]
)
def test_a_misuse_is_one_french_sentence_and_where_to_read_more(
    recevable: Command, args: list[str], sentence: str, page: str
) -> None:
    outcome = recevable(*args)
    assert (outcome.code, outcome.out) == (2, "")
    first, help = outcome.err.splitlines()
    assert first.startswith(f"recevable : {sentence}")
    assert help == f"  aide : {page} --help"
    assert english(outcome.err) == []


def _command(**options: Any) -> click.Command:
    return click.Command("essai", params=[click.Option(["--valeur"], **options)], callback=lambda valeur: None)


@pytest.mark.parametrize(("type_", "value", "sentence"), [
    (click.INT, "douze", "`--valeur` : `douze` n'est pas un nombre entier"),
    (click.IntRange(1, 9), "12", "`--valeur` : 12 est hors de l'intervalle 1<=x<=9"),
    (click.FLOAT, "x", "`--valeur` : la valeur `x` est mal écrite"),
    (click.Path(exists=True), "/absent", "`--valeur` : `/absent` n'existe pas"),
    (click.Path(exists=True, dir_okay=False), "/", "`--valeur` : `/` est un répertoire"),
    (click.Choice(["a", "b"]), "c", "valeur refusée pour `--valeur` ; valeurs possibles : a, b"),
])  # fmt: skip
def test_what_click_says_of_other_types_is_translated_too(
    recevable: Command, monkeypatch: pytest.MonkeyPatch, type_: click.ParamType[Any], value: str, sentence: str
) -> None:
    """A verb to come may use them."""
    monkeypatch.setattr(VerbGroup, "get_command", lambda self, ctx, name: _command(type=type_))
    outcome = recevable("check", "--valeur", value)
    assert outcome.code == 2
    assert outcome.err.splitlines()[0] == f"recevable : {sentence}"
