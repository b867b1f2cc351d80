"""Counting mailboxes: every address once, by type and by domain, and every rejected line with its reason.

The count is exact on any input and written for volume. Blocks of well-formed lines are recognised and counted by
operations on whole blocks, which cost a fraction of looking at each line; in a block that holds anything unusual each
line is looked at first, and rejected with its reason or kept.

Addresses are compared without case. They live in this module's sets only while it counts: what it returns is counts,
domains and line numbers.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from recevable.registers.annuaire.errors import EvidenceError
from recevable.registers.annuaire.extraction import BLOCK, COLUMNS, ExtractionFacts, open_extraction

APPLICATION = "APP"
ORGANISATION = "ORG"
PERSON = "PER"
PRICED_TYPES = (APPLICATION, ORGANISATION, PERSON)

EMPTY_LINE = "ligne_vide"
MISSING_COLUMNS = "colonnes_manquantes"
EXTRA_COLUMNS = "colonnes_en_trop"
UNREADABLE_BYTES = "octets_illisibles"
EMPTY_TYPE = "type_vide"
EMPTY_ADDRESS = "adresse_vide"
NO_AT_SIGN = "adresse_sans_arobase"
BAD_ADDRESS = "adresse_invalide"
REJECTION_CAUSES = (
    EMPTY_LINE,
    MISSING_COLUMNS,
    EXTRA_COLUMNS,
    UNREADABLE_BYTES,
    EMPTY_TYPE,
    EMPTY_ADDRESS,
    NO_AT_SIGN,
    BAD_ADDRESS,
)

LINES_KEPT = 5  # line numbers given for each reason of rejection
MOST_TYPES = 1000  # a second column of free text is not a column of types

# RFC 5322 atoms and dots: what an address holds on either side of its at sign.
_LEGAL = b"abcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+/=?^_`{}~-"
_ADDRESS = re.compile(rb"[%b]+@[%b]+" % (re.escape(_LEGAL), re.escape(_LEGAL)))
_SEPARATORS = COLUMNS - 1
_ALL_BUT_STRUCTURE = bytes(byte for byte in range(256) if byte not in b"|\n\r")
_UNIX_LINE = b"|" * _SEPARATORS + b"\n"
_WINDOWS_LINE = b"|" * _SEPARATORS + b"\r\n"


@dataclass(frozen=True, slots=True)
class Rejection:
    """How many lines were rejected for one reason, and the numbers of the first of them (the header is line 1)."""

    cause: str
    number: int
    first_lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of an extraction, before its domains are attributed to operators.

    `lines` counts the lines after the header: kept + rejected. `addresses` counts distinct addresses: those in `boxes`
    plus those in `conflicting`. `boxes[type][domain]` counts the addresses of one type only, under the type as written;
    `conflicting[domain]` those that came under several types. `repeated` counts addresses found on several lines.
    """

    lines: int
    kept: int
    rejections: tuple[Rejection, ...]
    addresses: int
    repeated: int
    boxes: Mapping[str, Mapping[str, int]]
    conflicting: Mapping[str, int]
    unix_ends: int
    windows_ends: int

    @property
    def rejected(self) -> int:
        """The number of rejected lines, for all reasons."""
        return sum(rejection.number for rejection in self.rejections)

    @property
    def applications_known(self) -> bool:
        """Whether the extraction lists application mailboxes at all; the public one never does."""
        return APPLICATION in self.boxes


def count_extraction(path: Path, *, block: int = BLOCK, lines_kept: int = LINES_KEPT) -> tuple[Tally, ExtractionFacts]:
    """Count the extraction at `path` (text or ZIP) in one pass.

    Raises EvidenceError when the file is not an extraction, holds no line, or holds no line that can be read.
    """
    counter = _Counter(lines_kept)
    with open_extraction(path, block) as reader:
        try:
            for lines in reader.blocks():
                counter.add_block(lines)
        except _TooManyTypes as error:
            raise EvidenceError(
                str(path),
                f"plus de {MOST_TYPES} types de BAL différents : la première colonne ne porte pas des types",
                "Reprendre le fichier d'origine, tel que l'ANS l'a produit",
            ) from error
        facts = reader.facts()
    tally = counter.result()
    if not tally.lines:
        raise EvidenceError(
            str(path),
            "aucune ligne après l'en-tête : il n'y a rien à compter",
            "Reprendre le fichier d'origine, tel que l'ANS l'a produit",
        )
    if not tally.kept:
        causes = ", ".join(f"{rejection.cause} : {rejection.number}" for rejection in tally.rejections)
        raise EvidenceError(
            str(path),
            f"aucune ligne ne peut être lue ({causes})",
            "Reprendre le fichier d'origine, tel que l'ANS l'a produit",
        )
    return tally, facts


_Columns = tuple[list[bytes], list[bytes]]


class _TooManyTypes(Exception):
    pass


class _Counter:
    """The working memory of one count."""

    def __init__(self, lines_kept: int) -> None:
        self._lines_kept = lines_kept
        self._seen: dict[bytes, set[bytes]] = {}  # by type as written, the distinct addresses in lower case
        self._domains: dict[bytes, Counter[bytes]] = {}  # by type, how many of those each domain has
        self._repeated: set[bytes] = set()  # addresses that came again under the same type
        self._rejections: Counter[str] = Counter()
        self._rejected: dict[str, list[int]] = {}
        self._next_line = 2
        self._unix_ends = 0
        self._windows_ends = 0

    def add_block(self, block: bytes) -> None:
        """Add whole lines; only the last line of the last block may lack its line end."""
        lines = block.split(b"\n")
        if not lines[-1]:
            lines.pop()
        start = self._next_line
        self._next_line += len(lines)
        if self._is_sound(block, len(lines)) and (columns := _columns_by_type(lines)) is not None:
            self._add(columns)
        else:
            # Something is unusual: look at each line, then treat those that are left in the same way.
            accepted = [line for number, line in enumerate(lines, start) if self._accept(number, line)]
            self._add(_columns_by_type(accepted) or {})

    def _is_sound(self, block: bytes, number: int) -> bool:
        """Whether these lines all have the right number of columns and are in UTF-8. Counts their line ends."""
        structure = block.translate(None, _ALL_BUT_STRUCTURE)
        if structure == _UNIX_LINE * number:
            self._unix_ends += number
        elif structure == _WINDOWS_LINE * number:
            self._windows_ends += number
        else:
            windows = block.count(b"\r\n")
            self._windows_ends += windows
            self._unix_ends += block.count(b"\n") - windows
            return False
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            return False
        return True

    def _accept(self, number: int, line: bytes) -> bool:
        """Whether this line can be counted; if not, it is rejected for the first reason found."""
        separators = line.count(b"|")
        if separators > _SEPARATORS:
            return self._reject(EXTRA_COLUMNS, number)
        if separators < _SEPARATORS:
            return self._reject(MISSING_COLUMNS if line.strip() else EMPTY_LINE, number)
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return self._reject(UNREADABLE_BYTES, number)
        kind, address, _ = line.split(b"|", 2)
        if not kind:
            return self._reject(EMPTY_TYPE, number)
        if not address:
            return self._reject(EMPTY_ADDRESS, number)
        if b"@" not in address:
            return self._reject(NO_AT_SIGN, number)
        return _ADDRESS.fullmatch(address.lower()) is not None or self._reject(BAD_ADDRESS, number)

    def _reject(self, cause: str, number: int) -> Literal[False]:
        self._rejections[cause] += 1
        kept = self._rejected.setdefault(cause, [])
        if len(kept) < self._lines_kept:
            kept.append(number)
        return False

    def _add(self, columns: Mapping[bytes, _Columns]) -> None:
        for kind, (addresses, domains) in columns.items():
            seen = self._seen.get(kind)
            if seen is None:
                if len(self._seen) >= MOST_TYPES:
                    raise _TooManyTypes
                seen = self._seen[kind] = set()
                self._domains[kind] = Counter()
            distinct = set(addresses)
            if len(distinct) == len(addresses) and seen.isdisjoint(distinct):
                self._domains[kind].update(domains)
            else:
                self._repeated |= distinct & seen
                self._repeated.update(address for address, number in Counter(addresses).items() if number > 1)
                self._domains[kind].update(map(_domain, distinct - seen))
            seen |= distinct

    def result(self) -> Tally:
        """The count of everything added."""
        conflicting = _in_several(list(self._seen.values()))
        boxes: dict[str, Mapping[str, int]] = {}
        for kind, domains in self._domains.items():
            alone = domains.copy()
            alone.subtract(_domain(address) for address in conflicting & self._seen[kind])
            boxes[kind.decode("utf-8")] = {domain.decode("ascii"): number for domain, number in (+alone).items()}
        lines = self._next_line - 2
        surplus = sum(sum(address in seen for seen in self._seen.values()) - 1 for address in conflicting)
        return Tally(
            lines=lines,
            kept=lines - self._rejections.total(),
            rejections=tuple(
                Rejection(cause, self._rejections[cause], tuple(self._rejected[cause]))
                for cause in REJECTION_CAUSES
                if cause in self._rejections
            ),
            addresses=sum(map(len, self._seen.values())) - surplus,
            repeated=len(self._repeated | conflicting),
            boxes=boxes,
            conflicting=Counter(_domain(address).decode("ascii") for address in conflicting),
            unix_ends=self._unix_ends,
            windows_ends=self._windows_ends,
        )


def _columns_by_type(lines: Iterable[bytes]) -> dict[bytes, _Columns] | None:
    """The addresses of these lines in lower case and their domains, by type; the lines have enough columns.

    None when a type is empty or an address is not `local@domain` in legal characters: found out by a few operations on
    all the addresses together.
    """
    by_type: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for line in lines:
        kind, address, _ = line.split(b"|", 2)
        by_type[kind].append(address.lower())
    columns: dict[bytes, _Columns] = {}
    for kind, addresses in by_type.items():
        text = b"\n".join(addresses)
        halves = text.replace(b"\n", b"@").split(b"@")
        if not kind or text.translate(None, _LEGAL) + b"\n" != b"@\n" * len(addresses) or b"" in halves:
            return None
        columns[kind] = (addresses, halves[1::2])
    return columns


def _domain(address: bytes) -> bytes:
    return address.partition(b"@")[2]


def _in_several(sets: list[set[bytes]]) -> set[bytes]:
    """What is in more than one of the sets."""
    found: set[bytes] = set()
    ordered = sorted(sets, key=len)
    for position, small in enumerate(ordered):
        for large in ordered[position + 1 :]:
            found |= small & large
    return found
