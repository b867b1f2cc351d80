"""A pytest plugin that collects the trials of rule packs, like `recevable test`, with file and line.

Off by default: use `pytest --recevable rules fixtures`, or `recevable = true` in the pytest settings.  The engine is
imported only when a pack is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from recevable.decision.decide import Decider
    from recevable.language.diagnostics import Diagnostic
    from recevable.trials.suite import Trial

_OPTION: Final = "recevable"
_MANIFEST: Final = "programme.yaml"
_FOLDERS: Final = ("regles", "scenarios")
_EXPECTED: Final = ".attendu.yaml"
_SUITES: Final = pytest.StashKey[dict[Path, "_Suite"]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--recevable`, and the setting of the same name."""
    words = "Jouer aussi les essais des paquets de règles de recevable."
    parser.getgroup(_OPTION).addoption(f"--{_OPTION}", action="store_true", help=words)
    parser.addini(_OPTION, words, type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the files of a pack, and the expected decisions of its known dossiers."""
    config = parent.config
    if file_path.suffix != ".yaml" or not (config.getoption(_OPTION) or config.getini(_OPTION)):
        return None
    folder = _pack_of(file_path)
    return None if folder is None else PackFile.from_parent(parent, path=file_path, folder=folder)


def _pack_of(path: Path) -> Path | None:
    """The pack of a file of trials: `regles/*.yaml`, `scenarios/*.yaml`, `fixtures/<pack>/*.attendu.yaml`."""
    if path.name == _MANIFEST:
        return path.parent
    if path.name.endswith(_EXPECTED):
        folder = path.parent.parent.parent / "rules" / path.parent.name
    elif path.parent.name in _FOLDERS:
        folder = path.parent.parent
    else:
        return None
    return folder if (folder / _MANIFEST).is_file() else None


class _Suite:
    """The trials of one pack, read once per pytest run."""

    def __init__(self, folder: Path) -> None:
        from recevable.programme import open_programme
        from recevable.trials.suite import collect

        self.folder = folder
        self.unreadable: list[Diagnostic] = []
        programme = open_programme(folder, prepared=False)
        self.decider = programme.decider
        self.by_file: dict[Path, list[Trial]] = {}
        for trial in collect(programme, self.unreadable):
            self.by_file.setdefault((folder / trial.span.file).resolve(), []).append(trial)


class PackFile(pytest.File):
    """A file of a pack: one item per trial; the manifest has an item that fails when trials are unreadable."""

    def __init__(self, *, folder: Path, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.folder = folder

    def collect(self) -> Iterator[pytest.Item]:
        """The items; an invalid pack is a collection error, with its diagnostics."""
        from recevable.language.diagnostics import DiagnosticError

        suites = self.config.stash.setdefault(_SUITES, {})
        try:
            suite = suites.setdefault(self.folder, suites.get(self.folder) or _Suite(self.folder))
        except DiagnosticError as error:
            raise self.CollectError(_shown(list(error.diagnostics), self.folder)) from None
        if self.path.name == _MANIFEST:
            yield PackItem.from_parent(self, name="essais", suite=suite)
        for trial in suite.by_file.get(self.path.resolve(), ()):
            yield TrialItem.from_parent(self, name=trial.name, trial=trial, decider=suite.decider, folder=self.folder)


class _Refused(Exception):
    """The text shown for a failure."""


class _Item(pytest.Item):
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The diagnostics alone, without a traceback."""
        if isinstance(excinfo.value, _Refused):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class PackItem(_Item):
    """Checks that a pack has trials, all readable."""

    def __init__(self, *, suite: _Suite, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.suite = suite

    def runtest(self) -> None:
        """Fails with the unreadable trials, or when there are none."""
        if self.suite.unreadable:
            raise _Refused(_shown(self.suite.unreadable, self.suite.folder))
        if not self.suite.by_file:
            raise _Refused(f"{self.suite.folder} : aucun essai. Écrivez des `exemples` ou des scénarios.")

    def reportinfo(self) -> tuple[Path, int, str]:
        """The first line of the manifest."""
        return self.path, 0, f"{self.suite.folder.name} : ses essais sont lisibles"


class TrialItem(_Item):
    """One trial."""

    def __init__(self, *, trial: Trial, decider: Decider, folder: Path, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.trial, self.decider, self.folder = trial, decider, folder

    def runtest(self) -> None:
        """Fails with every difference and its explanation."""
        from recevable.outputs.trials import differences
        from recevable.trials.suite import run

        result = run(self.trial, self.decider)
        if not result.passed:
            raise _Refused(_shown(differences(result), self.folder))

    def reportinfo(self) -> tuple[Path, int, str]:
        """The place of the trial."""
        return self.path, self.trial.span.line - 1, self.name


def _shown(diagnostics: list[Diagnostic], folder: Path) -> str:
    from recevable.outputs.run import line_of, relocated
    from recevable.report import diagnostics as diagnostics_text
    from recevable.report.layout import Page

    return diagnostics_text.render(relocated(diagnostics, folder), Page(), line_of)
