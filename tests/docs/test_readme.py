"""What the README shows is what the command prints."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
# A line that stands for all the rest of an output.
REST = "[…]"
EXAMPLES = [tuple(block.partition("\n")[::2]) for block in BLOCKS if block.startswith("$ recevable ")]


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_an_example_of_the_readme_prints_what_it_shows(command: str, shown: str) -> None:
    words = command.removeprefix("$ recevable ").split()
    run = [sys.executable, "-m", "recevable", *words]
    printed = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False).stdout
    kept, rest, _ = shown.partition(REST)
    assert kept
    assert printed.startswith(kept) if rest else printed == kept


def test_the_readme_shows_an_example() -> None:
    assert EXAMPLES


def test_every_target_that_the_readme_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"(?:`|\$ )make ([a-z0-9]+)", README)
    assert targets
    for target in targets:
        assert f"\n{target}:" in makefile, target


def test_every_page_that_the_readme_links_to_exists() -> None:
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / link).exists(), link


def test_the_rule_that_the_readme_shows_is_a_rule_of_the_pack() -> None:
    shown = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    rules = (ROOT / "rules" / "af-ope-mss" / "regles" / "calendrier.yaml").read_text(encoding="utf-8")
    for line in shown[1].strip().splitlines():
        assert line.strip() in rules, line


def test_the_demonstration_is_the_example_of_the_readme() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    settings = dict(re.findall(r"^(DEMO\w*) := (.*)$", makefile, re.MULTILINE))
    command = f"$ recevable check --au {settings['DEMO_DATE']} {settings['DEMO_ARGS']} {settings['DEMO']}"
    assert command in [shown for shown, _ in EXAMPLES]
