"""What the guide shows is what the commands print: each example is run again, in the order of the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from recevable.registers.annuaire.commands import annuaire

GUIDE = Path(__file__).parents[3] / "docs/annuaire.md"
EXAMPLE = re.compile(r"^```console\n\$ recevable annuaire (?P<arguments>.*)\n(?P<output>(?:.*\n)*?)```$", re.MULTILINE)


def masked(output: str) -> str:
    """Without the fingerprint of the invented list, which is signed by a key of its own each time."""
    return re.sub(r"\b[0-9a-f]{64}\b", "…", output)


def test_the_guide_shows_what_the_commands_print(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    examples = list(EXAMPLE.finditer(GUIDE.read_text(encoding="utf-8")))
    assert len(examples) == 5
    for example in examples:
        result = CliRunner().invoke(annuaire, example["arguments"].split())
        assert masked(result.output) == masked(example["output"]), example["arguments"]
        assert result.exit_code in {0, 1, 2}


def test_every_option_is_in_the_guide() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for verb in annuaire.commands:
        assert f"recevable annuaire {verb}" in text
    options = {option for command in annuaire.commands.values() for one in command.params for option in one.opts}
    unexplained = {"--help", "--zip", "--applicatives"}
    assert {one for one in options if one.startswith("--")} - unexplained <= set(re.findall(r"--[a-z-]+", text))
