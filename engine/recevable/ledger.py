"""The register of acts: a hash chain in which each act seals all those before it; anyone can verify an export.

The digest of an act covers the digest of its content, not the content itself, so that content erased by the retention
policy leaves the chain valid; an act records the erasure.  An export is JSON lines: the format, the acts, the head.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec import Struct

FORMAT: Final = "recevable/registre/1"
# The kind of an act that erases contents; its content lists their ranks: {"rangs": [3, 4], ...}.
PURGE: Final = "purge"
# The digest before the first act.
GENESIS: Final = "0" * 64


class Entry(Struct, frozen=True, rename={"rank": "rang", "kind": "nature", "subject": "objet", "author": "auteur",
                                         "validator": "valideur", "content_sha256": "contenu_sha256",
                                         "previous": "precedente", "digest": "empreinte"}):  # fmt: skip
    """An act in the chain: digests are hexadecimal SHA-256, `instant` is ISO 8601 in UTC.

    `subject` is the reference of a dossier, `author` who prepared the act, `validator` who signed it, empty if not
    needed.
    """

    rank: int
    kind: str
    subject: str
    instant: str
    author: str
    validator: str
    content_sha256: str
    previous: str
    digest: str = ""


class ChainFault(Struct, frozen=True):
    """A fault at a rank, in French; rank 0 is the export itself."""

    rank: int
    message: str


class Verification(Struct, frozen=True):
    """The result for an export: the number of acts, the digest of the last, the erased contents, and all faults."""

    acts: int
    head: str
    erased: int
    faults: tuple[ChainFault, ...]


def sealed(
    previous: Entry | None, kind: str, subject: str, instant: str, author: str, validator: str, content: bytes
) -> Entry:
    """The next act of a chain; `previous` is None for the first."""
    entry = Entry(
        1 if previous is None else previous.rank + 1,
        kind,
        subject,
        instant,
        author,
        validator,
        hashlib.sha256(content).hexdigest(),
        GENESIS if previous is None else previous.digest,
    )
    return msgspec.structs.replace(entry, digest=digest(entry))


def digest(entry: Entry) -> str:
    """The digest that seals an act, computed from its other members as a line of JSON."""
    members = [getattr(entry, name) for name in Entry.__struct_fields__ if name != "digest"]
    return hashlib.sha256(msgspec.json.encode([FORMAT, *members])).hexdigest()


def export(acts: Iterable[tuple[Entry, bytes | None]]) -> Iterator[bytes]:
    """The lines of an export, from each act and its content (None when erased)."""
    yield msgspec.json.encode({"format": FORMAT}) + b"\n"
    last: Entry | None = None
    for entry, content in acts:
        last = entry
        text = None if content is None else content.decode()
        yield msgspec.json.encode({**msgspec.to_builtins(entry), "contenu": text}) + b"\n"
    head = GENESIS if last is None else last.digest
    yield msgspec.json.encode({"actes": 0 if last is None else last.rank, "tete": head}) + b"\n"


class _Line(Entry, frozen=True, forbid_unknown_fields=True):
    """An act of an export with its content."""

    contenu: str | None = None


class _Head(Struct, frozen=True, forbid_unknown_fields=True):
    format: str


class _Tail(Struct, frozen=True, forbid_unknown_fields=True):
    actes: int
    tete: str


class _Purged(Struct):
    rangs: list[int]


def verify(lines: Iterable[bytes], head: str = "") -> Verification:
    """Verify an export; `head` is the expected digest of its last act, when it was recorded elsewhere."""
    return _Verifier().all(lines, head)


class _Verifier:
    def __init__(self) -> None:
        self.faults: list[ChainFault] = []
        self.rank, self.previous = 0, GENESIS
        self.erased: set[int] = set()
        self.purged: set[int] = set()
        self.ended: _Tail | None = None

    def fault(self, rank: int, message: str) -> None:
        self.faults.append(ChainFault(rank, message))

    def all(self, lines: Iterable[bytes], head: str) -> Verification:
        for number, line in enumerate(lines):
            if number == 0:
                self._first(line)
            elif self.ended is not None:
                self.fault(0, f"ligne {number + 1} : il y a quelque chose après la fin de l'export")
                break
            else:
                self._line(number + 1, line)
        if self.ended is None:
            self.fault(0, "l'export s'arrête avant sa dernière ligne : des actes peuvent manquer")
        elif (self.ended.actes, self.ended.tete) != (self.rank, self.previous):
            self.fault(0, f"l'export annonce {self.ended.actes} actes et une autre tête que celle du dernier acte lu")
        if head and head != self.previous:
            self.fault(0, "la tête n'est pas celle qui était attendue : le registre a été refait, ou un acte manque")
        for rank in sorted(self.erased - self.purged):
            self.fault(rank, "son contenu manque, et aucun acte de purge ne le dit")
        for rank in sorted(self.purged - self.erased):
            self.fault(rank, "un acte de purge dit son contenu effacé, et il est là ou l'acte n'existe pas")
        return Verification(self.rank, self.previous, len(self.erased), tuple(self.faults))

    def _first(self, line: bytes) -> None:
        try:
            found = msgspec.json.decode(line, type=_Head)
        except msgspec.MsgspecError:
            found = None
        if found is None or found.format != FORMAT:
            self.fault(0, f"ce n'est pas un export de registre : la première ligne annonce `{FORMAT}`")

    def _line(self, number: int, line: bytes) -> None:
        try:
            self.ended = msgspec.json.decode(line, type=_Tail)
            return
        except msgspec.MsgspecError:
            pass
        try:
            act = msgspec.json.decode(line, type=_Line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            self.fault(self.rank + 1, f"ligne {number} : ce n'est pas un acte")
            return
        rank = self.rank + 1
        if act.rank != rank:
            self.fault(rank, f"l'acte a le rang {act.rank} : un acte manque, ou l'ordre a changé")
        if act.previous != self.previous:
            self.fault(act.rank, "il ne suit pas l'acte qui le précède")
        entry = Entry(**{name: getattr(act, name) for name in Entry.__struct_fields__})
        if digest(entry) != act.digest:
            self.fault(act.rank, "il a été modifié après avoir été scellé")
        self._content(act)
        self.rank, self.previous = act.rank, act.digest

    def _content(self, act: _Line) -> None:
        if act.contenu is None:
            self.erased.add(act.rank)
        elif hashlib.sha256(act.contenu.encode()).hexdigest() != act.content_sha256:
            self.fault(act.rank, "son contenu a été modifié")
        if act.kind == PURGE and act.contenu is not None:
            try:
                self.purged.update(msgspec.json.decode(act.contenu, type=_Purged).rangs)
            except msgspec.MsgspecError:
                self.fault(act.rank, "l'acte de purge ne dit pas quels rangs il efface")
