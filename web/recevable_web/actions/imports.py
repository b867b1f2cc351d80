"""Files come in: each dossier of them is received with its pieces, or refused with its faults, by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final

from django.db import transaction
from django.utils import timezone

import recevable
from recevable_web import packs
from recevable_web.actions import dossiers, pieces, rights
from recevable_web.actions.refused import Refused
from recevable_web.archives import Archive, BadArchive, groups, place
from recevable_web.records.models import Account, Dossier, Import, ImportLine, Role

# The format of a dossier as the schema describes it; the others are those of the adapters.
NATIVE: Final = "recevable"
# More bytes than any dossier has (the reader of the engine says that it is too large), and dossiers of one import.
MOST_BYTES: Final = 2_000_001
MOST_DOSSIERS: Final = 500
# More bytes than an export may have, which its reader says.
MOST_EXPORT: Final = 50_000_001
_LINES: Final = (".ndjson", ".jsonl")
_KINDS: Final = "Donnez des fichiers .json, .ndjson (un dossier par ligne) ou .zip (des dossiers et leurs pièces)."

File = tuple[str, IO[bytes]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, where, and what to do; in French."""

    place: str
    message: str
    help: str = ""

    def data(self) -> dict[str, str]:
        """As it is stored."""
        # a database does not hold this character, and a value that is quoted may
        kept = (text.replace("\0", "\N{REPLACEMENT CHARACTER}") for text in (self.place, self.message, self.help))
        return dict(zip(("lieu", "message", "aide"), kept, strict=True))


@dataclass(frozen=True, slots=True)
class Submission:
    """A dossier that somebody sends: its bytes, where they were read, its pieces; or the faults that make it none.

    A piece is its path, which names its place, its name and its reader.  `digests` are those by which the pieces of an
    export were recognized.
    """

    name: str
    content: bytes = b""
    place: tuple[str, int] | None = None
    pieces: tuple[tuple[str, str, Callable[[], bytes]], ...] = ()
    faults: tuple[Fault, ...] = ()
    remarks: tuple[Fault, ...] = ()
    digests: frozenset[str] = frozenset()


def formats(programmes: Iterable[str]) -> list[tuple[str, str]]:
    """The formats that may be imported into some programmes, each with what it is called."""
    found = {NATIVE: "Dossiers de recevable"}
    for name in programmes:
        pack = packs.in_force(name, timezone.localdate())
        if pack is not None:
            found |= _mapped(packs.opened(pack.pk))
    return list(found.items())


def _mapped(opened: recevable.Programme) -> dict[str, str]:
    """The formats that a programme maps; none when its mapping is wrong, which lint says."""
    try:
        return {one.name: one.title for one in recevable.import_formats(opened)}
    except recevable.InvalidPack:
        return {}


def take(
    actor: Account, programme: str, files: Iterable[File], *, kind: str = NATIVE, most: int = MOST_DOSSIERS
) -> Import:
    """Receive the dossiers of some files; the lines of the import say what became of each.

    Each dossier is received with its pieces in one transaction, with its line; one that is refused leaves nothing but
    its line.  Past `most` dossiers the others are refused in a line.  Raises Refused without the right to import.
    """
    rights.require(actor, programme, Role.INSTRUCTOR)
    pack = packs.in_force(programme, timezone.localdate())
    if pack is None:
        raise Refused("REGLES", f"Aucune règle du programme « {programme} » n'est en vigueur aujourd'hui.")
    opened = packs.opened(pack.pk)
    if kind != NATIVE and kind not in _mapped(opened):
        raise Refused("FORMAT", "Ce programme ne prend pas de fichiers de ce format.")
    places = frozenset(one.path for one in opened.documents())
    imported = Import.objects.create(programme=programme, format=kind, account=actor)
    found = _submissions(files) if kind == NATIVE else _exported(files, opened, kind)
    for rank, one in enumerate(found, start=1):
        if rank > most:
            one = Submission(one.name, faults=(_too_many(most),))
        _take_one(actor, imported, rank, one, places)
        if rank > most:
            break
    imported.ended_at = timezone.now()
    imported.save(update_fields=["ended_at"])
    return imported


def _too_many(most: int) -> Fault:
    return Fault(
        "",
        f"cet import compte plus de {recevable.wording.number(most)} dossiers : celui-ci et la suite ne sont pas lus",
        "Envoyez-les dans un autre import.",
    )


def _take_one(actor: Account, imported: Import, rank: int, one: Submission, places: frozenset[str]) -> None:
    """Receive one dossier and write its line, all or nothing; a refusal is a line too."""
    found: dict[str, Any] = {"outcome": ImportLine.Outcome.REFUSED}
    faults, remarks = list(one.faults), list(one.remarks)
    try:
        if not faults:
            with transaction.atomic():
                dossier, remarks = _received(actor, imported.programme, one, places)
                line = _line(
                    imported, rank, one, outcome=ImportLine.Outcome.RECEIVED, dossier=dossier, pieces=len(one.pieces),
                    remarks=[*one.remarks, *remarks],
                )  # fmt: skip
                line.save()
                return
    except dossiers.AlreadyReceived as error:
        faults = _unknown_pieces(error.dossier, one, places)
        if not faults:
            found = {"outcome": ImportLine.Outcome.KNOWN, "dossier": error.dossier}
            remarks.append(Fault("", error.message))
    except recevable.InvalidDossier as error:
        faults = [Fault(str(one_.span or ""), one_.message, one_.help) for one_ in error.diagnostics]
    except (Refused, BadArchive) as error:
        faults = [Fault("", error.message, getattr(error, "help", ""))]
    _line(imported, rank, one, **found, faults=faults, remarks=remarks).save()


def _line(imported: Import, rank: int, one: Submission, **found: Any) -> ImportLine:
    kept = {key: [fault.data() for fault in found.pop(key, ())] for key in ("faults", "remarks")}
    return ImportLine(imported=imported, rank=rank, name=one.name[:300], **found, **kept)


def _received(actor: Account, programme: str, one: Submission, places: frozenset[str]) -> tuple[Dossier, list[Fault]]:
    """The dossier with its pieces, and the remarks about them.  Must run in a transaction."""
    dossier = dossiers.receive(actor, programme, one.content, one.name, place=one.place)
    joined = set()
    for path, name, read in one.pieces:
        where = _place(path, places)
        pieces.attach(actor, dossier, where, name, read())
        joined.add(where)
    declared = set(_declared(dossiers.composed(dossiers.latest(dossier)), places))
    remarks = []
    if declared - joined:
        listed = ", ".join(f"`{where}`" for where in sorted(declared - joined))
        remarks.append(
            Fault("", f"pièces déclarées sans leur fichier : {listed}", "Joignez-les sur la page du dossier.")
        )
    if joined - declared:
        listed = ", ".join(f"`{where}`" for where in sorted(joined - declared))
        remarks.append(
            Fault(
                "", f"pièces jointes que le dossier ne déclare pas : {listed}", "Les règles ne lisent que le dossier."
            )
        )
    return dossier, remarks


def _unknown_pieces(dossier: Dossier, one: Submission, places: frozenset[str]) -> list[Fault]:
    """Why a dossier is not known whole: pieces that came with it now and are not joined to it."""
    known = set(dossier.pieces.values_list("place", "blob__sha256"))
    found = []
    for path, name, read in one.pieces:
        try:
            where, content = _place(path, places), read()
        except (Refused, BadArchive) as error:
            return [Fault(name, error.message, getattr(error, "help", ""))]
        if (where, hashlib.sha256(content).hexdigest()) not in known:
            message = f"le dossier « {dossier.reference} » est déjà reçu, et cette pièce n'y est pas"
            found.append(Fault(name, message, "Ouvrez ce dossier et joignez-la, ou déposez un supplément."))
    return found


def _place(path: str, places: frozenset[str]) -> str:
    found = place(path, places)
    if found is None:
        known = ", ".join(f"`{one}`" for one in sorted(places))
        raise Refused(
            "PLACE",
            f"« {path} » n'est à la place d'aucune pièce. Nommez ce fichier d'après sa place, par exemple "
            f"`{min(places, default='piece')}.pdf`, ou mettez-le dans un dossier de ce nom. Places : {known}.",
        )
    return found


def _declared(data: Any, places: frozenset[str]) -> Iterator[str]:
    """The places of pieces that a dossier says were joined."""
    for where in places:
        found = data
        for name in where.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        if found is not None:
            yield where


# --- files into dossiers ----------------------------------------------------------------------------------------------


def _submissions(files: Iterable[File]) -> Iterator[Submission]:
    for name, stream in files:
        lower = name.lower()
        if lower.endswith(".zip"):
            yield from _of_archive(name, stream)
        elif lower.endswith(_LINES):
            yield from _of_lines(name, stream)
        elif lower.endswith(".json"):
            yield Submission(name, stream.read(MOST_BYTES))
        else:
            yield Submission(name, faults=(Fault(name, "ce fichier n'est pas d'un format que l'import lit", _KINDS),))


def _of_lines(name: str, stream: IO[bytes]) -> Iterator[Submission]:
    seen = False
    number = 0
    while line := stream.readline(MOST_BYTES):
        number += 1
        if not line.strip():
            continue
        seen = True
        whole = line.endswith(b"\n")
        yield Submission(f"{name}:{number}", line.rstrip(b"\r\n"), (name, number))
        while not whole and (rest := stream.readline(MOST_BYTES)):
            # the rest of a line that is too long, which its reader refuses
            whole = rest.endswith(b"\n")
    if not seen:
        yield Submission(name, faults=(Fault(name, "ce fichier ne contient aucun dossier", "Un dossier par ligne."),))


def _of_archive(name: str, stream: IO[bytes]) -> Iterator[Submission]:
    try:
        archive = Archive(stream)
    except BadArchive as error:
        yield Submission(name, faults=(Fault(name, error.message, error.help),))
        return
    found, orphans = groups(archive.names)
    for group in found:
        shown = f"{name}/{group.dossier}"
        joined = tuple((path, piece.rpartition("/")[2], _reading(archive, piece)) for piece, path in group.pieces)
        try:
            yield Submission(_short(group.dossier), archive.read(group.dossier), (shown, 1), joined)
        except BadArchive as error:
            yield Submission(shown, faults=(Fault(shown, error.message, error.help),))
    if orphans:
        help = "Mettez chaque pièce dans le dossier du fichier JSON qu'elle accompagne."
        faults = tuple(Fault(f"{name}/{one}", "ce fichier n'accompagne aucun dossier", help) for one in orphans)
        yield Submission(name, faults=faults)


# --- exports of other portals into dossiers ---------------------------------------------------------------------------


def _exported(files: Iterable[File], opened: recevable.Programme, kind: str) -> Iterator[Submission]:
    """The dossiers of exports: JSON alone, or in archives with the files that they name."""
    for name, stream in files:
        lower = name.lower()
        if lower.endswith(".json"):
            yield from _of_export(name, stream.read(MOST_EXPORT), opened, kind, {})
        elif lower.endswith(".zip"):
            yield from _of_exports(name, stream, opened, kind)
        else:
            help = "Donnez l'export en .json, ou une archive .zip de l'export et des fichiers joints."
            yield Submission(name, faults=(Fault(name, "ce fichier n'est pas d'un format que l'import lit", help),))


def _of_exports(name: str, stream: IO[bytes], opened: recevable.Programme, kind: str) -> Iterator[Submission]:
    """An archive of exports: the other files are recognized by their content, whatever they are called."""
    try:
        archive = Archive(stream)
        others = [one for one in archive.names if not one.lower().endswith(".json")]
        known = {hashlib.md5(archive.read(one), usedforsecurity=False).hexdigest(): one for one in others}
        readers = {digest: _reading(archive, one) for digest, one in known.items()}
        used: set[str] = set()
        for export in archive.names:
            if export not in others:
                for one in _of_export(f"{name}/{export}", archive.read(export), opened, kind, readers):
                    used.update(digest for digest in one.digests)
                    yield one
    except BadArchive as error:
        yield Submission(name, faults=(Fault(name, error.message, error.help),))
        return
    left = sorted(one for digest, one in known.items() if digest not in used)
    if left:
        help = "Vérifiez que ces fichiers sont ceux que l'export nomme, ou joignez-les sur la page du dossier."
        message = "aucun dossier de l'export ne nomme ce fichier"
        yield Submission(name, faults=tuple(Fault(f"{name}/{one}", message, help) for one in left))


def _of_export(
    name: str, content: bytes, opened: recevable.Programme, kind: str, readers: Mapping[str, Callable[[], bytes]]
) -> Iterator[Submission]:
    for one in recevable.import_export(opened, content, name, kind):
        sent = [piece for piece in one.pieces if piece.md5 in readers]
        lacking = [piece for piece in one.pieces if piece.md5 not in readers]
        remarks = [_fault(fault) for fault in one.remarks]
        if lacking and one.content:
            listed = ", ".join(f"« {piece.name} » (`{piece.place}`)" for piece in lacking)
            help = "Téléchargez-les sur le portail, puis joignez-les sur la page du dossier."
            remarks.append(Fault("", f"fichiers que l'export nomme et qui ne sont pas envoyés : {listed}", help))
        yield Submission(
            one.name,
            one.content,
            None,
            tuple((f"{piece.place}/{piece.name}", piece.name, readers[piece.md5]) for piece in sent),
            # a remark about a whole export has no dossier: it is a fault of one
            tuple(_fault(fault) for fault in one.faults) or (() if one.content else tuple(remarks)),
            tuple(remarks) if one.content or one.faults else (),
            frozenset(piece.md5 for piece in sent),
        )


def _fault(fault: recevable.Diagnostic) -> Fault:
    return Fault(str(fault.span or ""), fault.message, fault.help)


def _reading(archive: Archive, name: str) -> Callable[[], bytes]:
    return lambda: archive.read(name)


def _short(path: str) -> str:
    """The reference of a dossier that states none: the name of its file, or of the folder that holds it alone."""
    *folders, last = path.split("/")
    stem = last.rpartition(".")[0]
    return folders[-1] if folders and stem in ("dossier", "demande") else stem
