"""Reading an extraction of the Annuaire Santé: one text file, plain or alone in a ZIP, as a stream of whole lines.

Format: `Extraction_Correspondance_MSSante_AAAAMMJJhhmm.txt`, UTF-8, 31 columns separated by `|`, one header line. The
raw header has never been published, so only what the count depends on is demanded of it: 31 columns, of which the first
two are the type and the address. This module handles lines and bytes; `counting` interprets the lines.
"""

from __future__ import annotations

import hashlib
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from recevable.registers.annuaire.errors import EvidenceError, file_reason

HEADER = (
    "Type de BAL|Adresse BAL|Type Identifiant PP|Identifiant PP|Identification nationale PP|Type identifiant structure|"
    "Identification Structure|Service de rattachement|Civilité d'exercice|Nom d'exercice|Prénom d'exercice|"
    "Catégorie profession|Libellé de catégorie profession|Code Profession|Libellé Profession|Code savoir-faire|"
    "Libellé savoir-faire|Dématérialisation|Raison Sociale structure BAL|Enseigne commerciale structure BAL|"
    "L2COMPLEMENTLOCALISATION|L3COMPLEMENTDISTRIBUTION|L4NUMEROVOIE|L4COMPLEMENTNUMEROVOIE|NL4TYPEVOIE|L4LIBELLEVOIE|"
    "L5LIEUDITMENTION|L6LIGNEACHEMINEMENT|Code postal|Département|Pays"
)
COLUMNS = 31
PARIS = ZoneInfo("Europe/Paris")

BLOCK = 1 << 16  # bytes read at once: small enough for its lines to stay in the processor's cache
LONGEST_LINE = 1 << 20  # a file without line ends must not fill the memory
LARGEST_TEXT = 4 << 30  # bytes once decompressed: forty times the national file
LARGEST_EXPANSION = 200  # decompressed bytes for one compressed; such a text expands about ten times
_LARGEST_READ = 2 << 20  # bytes of a ZIP read at once: a directory of names beyond counting must not fill the memory
_EXPANSION_GRACE = 1 << 20  # a short text may repeat itself without being a bomb

_NAME = re.compile(r"^Extraction_Correspondance_MSSante_([0-9]{12})\.(?:txt|zip)$")
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
_ENCRYPTED = 0x1  # bit of the flags of a ZIP member
_BOM = b"\xef\xbb\xbf"
_GET_ORIGINAL = "Reprendre le fichier d'origine, tel que l'ANS l'a produit"


@dataclass(frozen=True, slots=True)
class ExtractionFacts:
    """Digests, sizes and time of generation of the file, known once it was read to its end.

    `sha256` and `size` are those of the file given, `text_sha256` and `text_size` those of the text, the same unless
    the file is a ZIP. `generated` is the time in the file name, which is Paris time; None when the name holds none.
    """

    sha256: str
    size: int
    text_sha256: str
    text_size: int
    archive: bool
    byte_order_mark: bool
    generated: datetime | None
    unexpected_columns: tuple[int, ...]
    last_line_ended: bool


class ExtractionReader:
    """The lines of one extraction after its header, in blocks, each block made of whole lines.

    Read `blocks()` to its end, then ask for `facts()`. Memory holds one block, whatever the size of the file.
    """

    def __init__(self, path: Path, file: BufferedReader, block: int = BLOCK) -> None:
        self._path = path
        self._source = str(path)
        self._file = file
        self._block = block
        self._digest = hashlib.sha256()
        self._size = 0
        self._generated = _generation_time(path.name, self._source)
        self._byte_order_mark = False
        self._unexpected_columns: tuple[int, ...] = ()
        self._last_line_ended = True
        self._member: zipfile.ZipInfo | None = None

    def blocks(self) -> Iterator[bytes]:
        """Blocks of whole lines, header left out. Only the very last line may lack its line end.

        Raises EvidenceError when the file is not such an extraction or is truncated.
        """
        try:
            archive = self._file.peek(2)[:2] == b"PK"
        except OSError as error:
            raise self._interrupted(error) from error
        if archive:
            with self._open_member() as member:
                yield from self._lines(member)
        else:
            yield from self._lines(self._file)

    def facts(self) -> ExtractionFacts:
        """The facts of the file; call it after the last block."""
        text_sha256 = self._digest.hexdigest()
        if self._member is None:
            sha256, size = text_sha256, self._size
        else:
            self._file.seek(0)
            sha256 = hashlib.file_digest(self._file, "sha256").hexdigest()
            size = self._file.tell()
        return ExtractionFacts(
            sha256=sha256,
            size=size,
            text_sha256=text_sha256,
            text_size=self._size,
            archive=self._member is not None,
            byte_order_mark=self._byte_order_mark,
            generated=self._generated,
            unexpected_columns=self._unexpected_columns,
            last_line_ended=self._last_line_ended,
        )

    def _lines(self, stream: IO[bytes]) -> Iterator[bytes]:
        limit = LARGEST_TEXT
        if self._member is not None:
            # The size that the archive announces may be false, that of the file is not.
            compressed = min(self._member.compress_size, self._path.stat().st_size)
            limit = min(limit, compressed * LARGEST_EXPANSION + _EXPANSION_GRACE)
        try:
            header = stream.readline(LONGEST_LINE)
            self._digest.update(header)
            self._size = len(header)
            self._check_header(header.removesuffix(b"\n"))
            while block := stream.read(self._block):
                if block[-1:] != b"\n":
                    end = stream.readline(LONGEST_LINE)
                    block += end
                    self._check_length(end)
                self._digest.update(block)
                self._size += len(block)
                if self._size > limit:
                    raise EvidenceError(
                        self._source,
                        "texte démesuré, ou archive piégée (« bombe » de décompression)",
                        _GET_ORIGINAL,
                    )
                self._last_line_ended = block[-1:] == b"\n"
                yield block
        except _BROKEN_ARCHIVE as error:
            raise EvidenceError(
                self._source,
                "archive ZIP tronquée ou abîmée : son contenu ne se lit pas en entier",
                _GET_ORIGINAL,
            ) from error
        except OSError as error:
            raise self._interrupted(error) from error

    def _interrupted(self, error: OSError) -> EvidenceError:
        return EvidenceError(
            self._source,
            f"lecture interrompue : {file_reason(error)}",
            "Vérifier le disque ou le partage, puis recommencer",
        )

    def _check_length(self, line: bytes) -> None:
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise EvidenceError(
                self._source, "ligne de plus d'un mégaoctet : ce n'est pas une extraction", _GET_ORIGINAL
            )

    @contextmanager
    def _open_member(self) -> Iterator[IO[bytes]]:
        with ExitStack() as opened:
            try:
                archive = opened.enter_context(zipfile.ZipFile(_Bounded(self._file, self._source)))
                member = self._only_member(archive.infolist())
                stream = opened.enter_context(archive.open(member))
            except (*_BROKEN_ARCHIVE, OSError, ValueError, RuntimeError, struct.error) as error:
                # What zipfile raises on a directory of nonsense is not limited to what it documents.
                raise EvidenceError(
                    self._source, "archive ZIP tronquée ou abîmée : elle ne s'ouvre pas", _GET_ORIGINAL
                ) from error
            self._member = member
            self._settle_generation_time(Path(member.filename).name)
            yield stream

    def _only_member(self, members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
        # the name of a folder ends with a slash, and there may be no name at all
        if len(members) != 1 or members[0].filename[-1:] in ("", "/"):
            raise EvidenceError(
                self._source,
                f"l'archive ZIP doit contenir un seul fichier, l'extraction ; elle en contient {len(members)}",
                "Donner l'archive d'origine, ou le seul fichier texte qu'il faut compter",
            )
        member = members[0]
        if member.flag_bits & _ENCRYPTED:
            raise EvidenceError(
                self._source, "archive ZIP protégée par un mot de passe", "Donner le fichier texte extrait"
            )
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise EvidenceError(
                self._source,
                "compression inhabituelle dans l'archive ZIP",
                "Donner l'archive d'origine, ou le fichier texte extrait",
            )
        return member

    def _settle_generation_time(self, member_name: str) -> None:
        inner = _generation_time(member_name, self._source)
        if inner is not None and self._generated is not None and inner != self._generated:
            raise EvidenceError(
                self._source,
                "l'archive et le fichier qu'elle contient portent deux dates différentes dans leurs noms",
                _GET_ORIGINAL,
            )
        self._generated = inner or self._generated

    def _check_header(self, raw: bytes) -> None:
        def refuse(problem: str) -> EvidenceError:
            return EvidenceError(self._source, problem, _GET_ORIGINAL, line=1)

        if self._size == 0:
            raise EvidenceError(self._source, "fichier vide", _GET_ORIGINAL)
        self._check_length(raw)
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise refuse("texte réencodé en UTF-16 ; l'extraction est en UTF-8")
        if raw.startswith(_BOM):
            self._byte_order_mark = True
            raw = raw[len(_BOM) :]
        try:
            names = raw.decode("utf-8").removesuffix("\r").split("|")
        except UnicodeDecodeError as error:
            raise refuse("l'en-tête n'est pas en UTF-8 : texte réencodé (Latin-1 ?)") from error
        if len(names) != COLUMNS:
            raise refuse(f"l'en-tête doit avoir {COLUMNS} colonnes séparées par `|` ; il en a {len(names)}")
        differing = tuple(
            position
            for position, (found, expected) in enumerate(zip(names, HEADER.split("|"), strict=True), start=1)
            if _plain(found) != _plain(expected)
        )
        if 1 in differing or 2 in differing:
            raise refuse("les deux premières colonnes de l'en-tête doivent être « Type de BAL » et « Adresse BAL »")
        self._unexpected_columns = differing


class _Bounded:
    """A file that bounds each read: a forged ZIP directory cannot make zipfile load gigabytes."""

    def __init__(self, file: BufferedReader, source: str) -> None:
        self._file, self._source = file, source
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """Like `io.BufferedIOBase.read`; raises EvidenceError for more than `_LARGEST_READ`."""
        if size < 0:
            return self._file.read(_LARGEST_READ)
        if size > _LARGEST_READ:
            problem = "l'archive ZIP doit contenir un seul fichier, l'extraction ; sa table des matières est démesurée"
            raise EvidenceError(self._source, problem, "Donner l'archive d'origine, ou le seul fichier texte à compter")
        return self._file.read(size)


@contextmanager
def open_extraction(path: Path, block: int = BLOCK) -> Iterator[ExtractionReader]:
    """Open the extraction at `path`, a text or a ZIP; raises EvidenceError when it cannot be opened."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise EvidenceError(str(path), file_reason(error), "Vérifier le chemin de l'extraction") from error
    with file:
        yield ExtractionReader(path, file, block)


def _generation_time(name: str, source: str) -> datetime | None:
    match = _NAME.match(name)
    if match is None:
        return None
    try:
        return datetime.strptime(match[1], "%Y%m%d%H%M").replace(tzinfo=PARIS)
    except ValueError as error:
        raise EvidenceError(source, "la date portée par le nom du fichier n'existe pas", _GET_ORIGINAL) from error


def _plain(name: str) -> str:
    """A column name without case, accents, spaces or punctuation."""
    decomposed = unicodedata.normalize("NFD", name).casefold()
    return "".join(character for character in decomposed if character.isascii() and character.isalnum())
