"""A programme made ready: its pack opened, verified, kept prepared; dossiers read, decided, explained.

Everything that needs a pack and what decides with it starts here; nothing else assembles them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from pathlib import Path

from recevable import data
from recevable.decision.decide import Decider
from recevable.decision.model import Decision
from recevable.dossier.dossier import Dossier, load
from recevable.dossier.validate import SchemaValidator
from recevable.inference.engine import REMEMBERED
from recevable.inference.network import Network
from recevable.language.diagnostics import DiagnosticError
from recevable.pack.compiled import CompiledPack
from recevable.pack.model import MANIFEST, Manifest, Pack
from recevable.pack.source import AnyPack, FolderSource, PackSource, source_of
from recevable.prepared import prepare


class InvalidPack(DiagnosticError):
    """A pack that cannot be used; `diagnostics` say why, their files named from the pack."""


class InvalidDossier(DiagnosticError):
    """Bytes that are no dossier of the programme; `diagnostics` say why, with pointer, line and column."""


class Programme:
    """A verified pack, ready to decide; threads and forked processes may share it.

    Made by `open_programme`.  `decider` and `compiled` are for the tools of this project, not for its users.
    """

    def __init__(
        self,
        source: PackSource,
        compiled: CompiledPack,
        networks: Mapping[str, Network] | None = None,
        remembered: int = REMEMBERED,
    ) -> None:
        self.source, self.compiled = source, compiled
        manifest = compiled.pack.manifest
        self.validator = SchemaValidator(compiled.pack.schema, manifest.zone, manifest.years)
        self.decider = Decider(compiled, compiled.pack.schema, remembered, networks)

    @property
    def pack(self) -> Pack:
        """The rules and parameters as they were read."""
        return self.compiled.pack

    @property
    def manifest(self) -> Manifest:
        """What the programme declares about itself."""
        return self.pack.manifest

    @property
    def name(self) -> str:
        """The identifier of the programme, which its dossiers state."""
        return self.manifest.programme

    @property
    def zone(self) -> tzinfo:
        """The time zone of the programme."""
        return self.manifest.zone

    @property
    def folder(self) -> Path | None:
        """The folder that the pack was read from; None when it was not one."""
        return self.source.folder if isinstance(self.source, FolderSource) else None

    def today(self) -> date:
        """The current day in the zone of the programme."""
        return datetime.now(self.zone).date()

    def read(self, content: bytes, name: str = "dossier.json", line: int = 1) -> Dossier:
        """A dossier out of JSON in UTF-8, valid against the schema of the programme.

        `name` is what diagnostics call it, `line` where it starts in the file of that name.  Raises InvalidDossier.
        """
        try:
            return load(content, name, self.validator, line)
        except DiagnosticError as error:
            raise InvalidDossier(error.diagnostics) from None

    def decide(self, dossier: Dossier, on: date, requests: Sequence[str] = (), *, trace: bool = False) -> Decision:
        """The decision, on a day, about every request that a dossier holds, or only the named ones.

        `recouvrement` names the search for undue payments.  With `trace`, the decision also says which tests each rule
        passed and what they read.  Raises RulesContradict and EnginesDisagree: there is then no decision.
        """
        return self.decider.decide(dossier, on, requests, trace=trace)


def open_programme(pack: str | AnyPack, *, prepared: bool = True, remembered: int = REMEMBERED) -> Programme:
    """A programme ready to decide: the name of a shipped one, a folder (a path, or its text), or another source.

    A folder is verified once and kept prepared in the user's cache; `prepared=False` reads it anew, with its sources
    and examples, for whoever looks at the rules themselves.  `remembered` bounds what the engines may remember from one
    dossier to the next.  Raises InvalidPack.
    """
    source = source_of(_place(pack) if isinstance(pack, str) else pack)
    try:
        if prepared and isinstance(source, FolderSource):
            compiled, networks = prepare(source.folder)
            return Programme(source, compiled, networks, remembered)
        # compiling is not on the path of a command that finds its pack prepared
        from recevable.inference.verified import verified

        return Programme(source, verified(source), None, remembered)
    except DiagnosticError as error:
        raise InvalidPack(error.diagnostics) from None


def shipped_programmes() -> tuple[str, ...]:
    """The names of the programmes that come with the software."""
    return tuple(sorted(path.parent.name for path in data.shipped("rules").glob(f"*/{MANIFEST}")))


def _place(name: str) -> Path:
    return data.shipped("rules") / name if name in shipped_programmes() else Path(name)
