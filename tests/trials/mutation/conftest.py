"""What the tests of mutation share: the small programme with one rule more, whose mutants are looked at."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from recevable.pack.compiled import CompiledPack
from recevable.programme import Programme, open_programme

SMALL = Path(__file__).parents[2] / "second_programme" / "prime-velo"
RULES = "regles/essai.yaml"
SOURCE = "    source: Délibération\n"

WithRule = Callable[[str], CompiledPack]
WithBench = Callable[[str], Programme]


@pytest.fixture
def with_bench(tmp_path: Path) -> WithBench:
    """The small programme and a rule `ESSAI`, given by its keys; or a parameter `essai`, from `type:` on."""

    def made(text: str) -> Programme:
        folder = Path(shutil.copytree(SMALL, tmp_path / "prime-velo"))
        keys = "".join(f"    {line}\n" for line in text.strip("\n").split("\n"))
        if text.startswith("type:"):
            with (folder / "parametres.yaml").open("a", encoding="utf-8") as parameters:
                parameters.write(f'  essai:\n    titre: Essai\n{keys}    verifie_le: "2026-11-26"\n')
            keys = USES
        (folder / RULES).write_text(f"regles:\n  - id: ESSAI\n    titre: Essai\n{keys}{SOURCE}", "utf-8")
        return open_programme(folder, prepared=False)

    return made


@pytest.fixture
def with_rule(with_bench: WithBench) -> WithRule:
    """The same, compiled."""
    return lambda text: with_bench(text).compiled


USES = """\
    demandes: [prime]
    condition: essai = essai
    si_faux: {consequence: signaler, message: Essai}
"""
