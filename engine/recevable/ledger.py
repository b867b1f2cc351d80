"""The register of acts: a hash chain in which each act seals all those before it; anyone can verify an export.

The digest of an act covers the digest of its content, not the content itself, so that content erased by the retention
policy leaves the chain valid; an act records the erasure.  An export is JSON lines: the format, the acts, the head.
Heads recorded elsewhere, day after day, show a chain that was cut at its end or made again: a file of heads is JSON
lines too, each with the rank and the digest of an act that was the last one at some instant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec
from msgspec import Struct

FORMAT: Final = "recevable/registre/1"
# The kind of an act that erases contents; its content lists their ranks: {"rangs": [3, 4], ...}.
PURGE: Final = "purge"
# The digest before the first act.
GENESIS: Final = "0" * 64


class Entry(Struct, frozen=True, rename={"rank": "rang", "kind": "nature", "subject": "objet", "keys": "cles",
                                         "author": "auteur", "validator": "valideur",
                                         "content_sha256": "contenu_sha256", "previous": "precedente",
                                         "digest": "empreinte"}):  # fmt: skip
    """An act in the chain: digests are hexadecimal SHA-256, `instant` is ISO 8601 in UTC.

    `subject` is the reference of a dossier, `keys` how the database that holds the act calls what it is about and who
    made it, `author` who prepared the act, `validator` who signed it, empty if not needed.
    """

    rank: int
    kind: str
    subject: str
    keys: str
    instant: str
    author: str
    validator: str
    content_sha256: str
    previous: str
    digest: str = ""


class Head(Struct, frozen=True, forbid_unknown_fields=True, rename={"rank": "rang", "digest": "tete"}):
    """The last act at an instant (ISO 8601 in UTC); rank 0 and `GENESIS` when there was none."""

    instant: str
    rank: int
    digest: str


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
    previous: Entry | None,
    kind: str,
    subject: str,
    instant: str,
    author: str,
    validator: str,
    content: bytes,
    *,
    keys: str = "",
) -> Entry:
    """The next act of a chain; `previous` is None for the first."""
    entry = Entry(
        1 if previous is None else previous.rank + 1,
        kind,
        subject,
        keys,
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
        # what is no text was not written by us: its digest will not be the one that was sealed
        text = None if content is None else content.decode(errors="replace")
        yield _written({**msgspec.to_builtins(entry), "contenu": text})
    head = GENESIS if last is None else last.digest
    yield msgspec.json.encode({"actes": 0 if last is None else last.rank, "tete": head}) + b"\n"


def _written(act: dict[str, Any]) -> bytes:
    return msgspec.json.encode(act) + b"\n"


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


def written_head(head: Head) -> bytes:
    """The line of a file of heads."""
    return msgspec.json.encode(head) + b"\n"


def heads(lines: Iterable[bytes]) -> list[Head]:
    """The heads of a file; ValueError, in French, for a line that is none and for a file that holds none."""
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            one = msgspec.json.decode(line, type=Head)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise ValueError(f"ligne {number} : ce n'est pas une tête") from None
        found.append(one)
    if not found:
        raise ValueError("ce fichier ne contient aucune tête")
    return found


def verify(lines: Iterable[bytes], head: str = "", recorded: Iterable[Head] = ()) -> Verification:
    """Verify an export; `head` is the expected digest of its last act, `recorded` the heads kept elsewhere."""
    return _Verifier(recorded).all(lines, head)


class _Verifier:
    def __init__(self, recorded: Iterable[Head]) -> None:
        self.heads: dict[int, list[Head]] = {}
        for one in recorded:
            self.heads.setdefault(one.rank, []).append(one)
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
        self._recorded(0, GENESIS)
        for one in sorted((one for held in self.heads.values() for one in held), key=lambda one: one.rank):
            self.fault(0, f"la tête conservée le {one.instant} est celle de l'acte {one.rank}, qui manque à l'export")
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
        elif line.rstrip(b"\n") != _written(msgspec.to_builtins(act)).rstrip(b"\n"):
            self.fault(act.rank, "sa ligne n'est pas celle d'un export : un membre y est peut-être écrit deux fois")
        self._content(act)
        self._recorded(act.rank, act.digest)
        self.rank, self.previous = act.rank, act.digest

    def _recorded(self, rank: int, digest: str) -> None:
        """Compare an act with the heads that were recorded when it was the last one."""
        for one in self.heads.pop(rank, ()):
            if one.digest != digest:
                self.fault(rank, f"ce n'est pas celui dont la tête a été conservée le {one.instant}")

    def _content(self, act: _Line) -> None:
        if act.contenu is None:
            self.erased.add(act.rank)
        elif hashlib.sha256(act.contenu.encode()).hexdigest() != act.content_sha256:
            self.fault(act.rank, "son contenu a été modifié")
        if act.kind == PURGE and act.contenu is not None:
            try:
                ranks = msgspec.json.decode(act.contenu, type=_Purged).rangs
            except msgspec.MsgspecError:
                self.fault(act.rank, "l'acte de purge ne dit pas quels rangs il efface")
                return
            if any(rank >= act.rank for rank in ranks):
                self.fault(act.rank, "l'acte de purge dit effacer un acte qui ne le précède pas")
            self.purged.update(ranks)
