"""pytest run apart, on a copy of the small pack, with the plugin alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from recevable import data

SMALL = Path(__file__).parents[1] / "second_programme"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the small pack and one known dossier, as a policy team would lay it out."""
    shutil.copytree(SMALL / "prime-velo", tmp_path / "rules" / "prime-velo")
    known = tmp_path / "fixtures" / "prime-velo"
    known.mkdir(parents=True)
    shutil.copy(SMALL / "dossiers" / "acceptee.json", known)
    (known / "acceptee.attendu.yaml").write_text(
        'titre: T\nau: "2024-05-31"\ndemandes:\n  prime: {verdict: accepter}\na_apprecier: []\nrecouvrement: []\n'
    )
    scenarios = tmp_path / "rules" / "prime-velo" / "scenarios"
    scenarios.mkdir()
    (scenarios / "essais.yaml").write_text("""\
scenarios:
  - titre: Facture absente
    base: acceptee
    au: "2024-05-31"
    changements: {prime.pieces.facture: absent}
    attendu:
      prime: {verdict: completer, regles: ["FACTURE:absente"]}
""")
    return tmp_path


@pytest.fixture
def run(project: Path) -> Run:
    """`pytest ARGS` in the project, in a process of its own."""

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join([str(data.PACKAGE.parent), os.environ.get("PYTHONPATH", "")])
        # the settings of this run, and a plugin that may be installed or not
        settings = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTHONPATH": path}
        command = [sys.executable, "-m", "pytest", "-p", "recevable.pytest_plugin", "-p", "no:cacheprovider", *args]
        return subprocess.run(
            command, cwd=project, env={**os.environ, **settings}, capture_output=True, encoding="utf-8", check=False
        )

    return run
