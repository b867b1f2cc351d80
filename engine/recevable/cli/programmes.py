"""The packs of a run: shipped ones by the `programme` of a dossier, or the folder given with `--rules`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import click

from recevable import data
from recevable.cli.exits import usage
from recevable.language.diagnostics import Diagnostic, DiagnosticError, suggest
from recevable.outputs.run import relocated
from recevable.pack.model import MANIFEST
from recevable.programme import Programme, open_programme


class Programmes:
    """Loads each pack once, when a dossier needs it."""

    def __init__(self, rules: Path | None) -> None:
        root = rules if rules is not None else data.shipped("rules")
        if (root / MANIFEST).exists():
            self.folders = {"": root}
        else:
            self.folders = {p.parent.name: p.parent for p in sorted(root.glob(f"*/{MANIFEST}"))}
        if not self.folders:
            help = "Donnez un dossier qui contient programme.yaml, ou un dossier de tels dossiers."
            raise DiagnosticError(
                [Diagnostic("PAQ-ABSENT", f"`{root}` ne contient aucun paquet de règles", None, help)]
            )
        self._loaded: dict[str, Programme] = {}

    def only(self, name: str = "", *fits: Callable[[Programme], bool]) -> Programme:
        """The named pack, or the only one, or the only one that meets the first of `fits` that any meets."""
        known = ", ".join(f"`{folder}`" for folder in self.folders)
        if not name and len(self.folders) > 1:
            met = ([one for one in self.all() if fit(one)] for fit in fits)
            fitting = next(filter(None, met), [])
            if len(fitting) != 1:
                raise usage(f"il y a plusieurs programmes : {known} ; choisissez avec --programme")
            return fitting[0]
        programme = self._load(name if name in self.folders else next(iter(self.folders)))
        if name and name not in (*self.folders, programme.pack.manifest.programme):
            known = known if "" not in self.folders else f"`{programme.pack.manifest.programme}`"
            raise usage(f"le programme `{name}` n'existe pas ; programmes : {known}")
        return programme

    def of(self, dossier: object) -> Programme | Diagnostic:
        """The pack of a dossier, by its `programme` field."""
        if "" in self.folders:
            return self._load("")
        if not isinstance(dossier, dict) or len(self.folders) == 1:
            # the schema of the only programme explains what this dossier lacks, that of any that it is no object
            return self._load(next(iter(self.folders)))
        name = dossier.get("programme")
        if isinstance(name, str) and name in self.folders:
            return self._load(name)
        known = ", ".join(f"`{f}`" for f in self.folders)
        if name is None:
            help = f"Ajoutez `programme` : {known}."
            return Diagnostic("PROGRAMME", "il manque le champ `programme`", None, help)
        # only a fault needs it: a dossier that is right starts without it
        from recevable.dossier.positions import shortened

        help = (suggest(name, self.folders) if isinstance(name, str) else "") or f"Programmes : {known}."
        message = f"ce dossier est du programme `{shortened(str(name))}`, dont les règles ne sont pas ici"
        return Diagnostic("PROGRAMME", message, None, help)

    def all(self) -> list[Programme]:
        """Every pack."""
        return [self._load(key) for key in self.folders]

    def _load(self, key: str) -> Programme:
        if key not in self._loaded:
            try:
                self._loaded[key] = open_programme(self.folders[key])
            except DiagnosticError as error:
                raise DiagnosticError(relocated(error.diagnostics, self.folders[key])) from None
        return self._loaded[key]


def unknown_request(request: str, known: Iterable[str]) -> click.UsageError:
    """The error to raise for a `--demande` that is none of the `known` ones."""
    known = tuple(known)
    near = suggest(request, known) or f"Demandes : {', '.join(known)}."
    return usage(f"--demande : `{request}` n'est pas une demande. {near}")


def having(request: str, profile: str) -> tuple[Callable[[Programme], bool], ...]:
    """The programmes that have a request and a profile of applicants of that name, else those that have either.

    Of the latter, the programme then says what is wrong.
    """

    def both(one: Programme) -> bool:
        return request in one.manifest.requests and profile in one.profiles()

    def either(one: Programme) -> bool:
        return request in one.manifest.requests or profile in one.profiles()

    return both, either
