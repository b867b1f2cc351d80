"""Counting mailboxes: every address once, by type and by domain, and every rejected line with its reason.

The count is exact on any input and written for volume. Whole blocks of well-formed lines are recognised by operations on
bytes; a block that holds anything unusual is looked at line by line. An address is remembered with the line on which it
first came, so that one dictionary per type gives the distinct addresses, the repeated ones and the line numbers.

Addresses are compared without case. They live in this module's dictionaries only while it counts: what it returns is
counts, domains and line numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from recevable.evidence.errors import EvidenceError
from recevable.evidence.extraction import BLOCK, COLUMNS, ExtractionFacts, open_extraction

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
_GROUP = 512  # addresses checked together


@dataclass(frozen=True, slots=True)
class Rejection:
    """How many lines were rejected for one reason, and the numbers of the first of them (the header is line 1)."""

    cause: str
    number: int
    first_lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What an extraction holds, before anyone is named as the operator of a domain.

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
        """Lines rejected, for all reasons."""
        return sum(rejection.number for rejection in self.rejections)

    @property
    def applications_known(self) -> bool:
        """Whether the extraction lists application mailboxes at all; the public one never does."""
        return APPLICATION in self.boxes


def count_extraction(
    path: Path, *, block: int = BLOCK, lines_kept: int = LINES_KEPT
) -> tuple[Tally, ExtractionFacts]:
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


class _TooManyTypes(Exception):
    pass


class _Counter:
    """The working memory of one count."""

    def __init__(self, lines_kept: int) -> None:
        self._lines_kept = lines_kept
        # For each type as written, the line on which each address (lower case) first came under it...
        self._first: dict[bytes, dict[bytes, int]] = {}
        # ... and for those that came again under the same type, how many times and on which lines.
        self._again: dict[bytes, dict[bytes, list[int]]] = {}
        self._remember = {kind: self._store(kind) for kind in (b"PER", b"ORG", b"APP")}
        self._rejected: dict[str, list[int]] = {}
        self._rejections: Counter[str] = Counter()
        self._next_line = 2
        self._unix_ends = 0
        self._windows_ends = 0

    def _store(self, kind: bytes) -> Callable[[bytes, int], int]:
        self._first[kind] = {}
        self._again[kind] = {}
        return self._first[kind].setdefault

    def add_block(self, block: bytes) -> None:
        """Add whole lines; only the last line of the last block may lack its line end."""
        lines = block.split(b"\n")
        if not lines[-1]:
            lines.pop()
        number = len(lines)
        start = self._next_line
        self._next_line += number
        structure = block.translate(None, _ALL_BUT_STRUCTURE)
        if structure == _UNIX_LINE * number:
            self._unix_ends += number
        elif structure == _WINDOWS_LINE * number:
            self._windows_ends += number
        else:
            self._add_checked(lines, start, ended=block.endswith(b"\n"))
            return
        try:
            block.decode("utf-8")
        except UnicodeDecodeError:
            self._add(self._sound(lines, start))
        else:
            self._add(enumerate(lines, start))

    def _add_checked(self, lines: list[bytes], start: int, *, ended: bool) -> None:
        windows = sum(line.endswith(b"\r") for line in lines)
        self._windows_ends += windows
        self._unix_ends += len(lines) - windows
        if not ended:
            if lines[-1].endswith(b"\r"):
                self._windows_ends -= 1
            else:
                self._unix_ends -= 1
        self._add(self._sound(lines, start))

    def _sound(self, lines: list[bytes], start: int) -> Iterator[tuple[int, bytes]]:
        """The lines with the right number of columns, in UTF-8; the others are rejected."""
        for number, line in enumerate(lines, start):
            separators = line.count(b"|")
            if separators == _SEPARATORS:
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    self._reject(UNREADABLE_BYTES, [number])
                else:
                    yield number, line
            elif separators > _SEPARATORS:
                self._reject(EXTRA_COLUMNS, [number])
            elif line.strip():
                self._reject(MISSING_COLUMNS, [number])
            else:
                self._reject(EMPTY_LINE, [number])

    def _add(self, numbered: Iterable[tuple[int, bytes]]) -> None:
        remember = self._remember
        for number, line in numbered:
            kind, address, _ = line.split(b"|", 2)
            address = address.lower()
            try:
                first = remember[kind](address, number)
            except KeyError:
                if len(remember) >= MOST_TYPES:
                    raise _TooManyTypes from None
                first = remember.setdefault(kind, self._store(kind))(address, number)
            if first != number:
                self._repeat(kind, address, number)

    def _repeat(self, kind: bytes, address: bytes, number: int) -> None:
        again = self._again[kind].setdefault(address, [0])
        again[0] += 1
        if len(again) <= self._lines_kept:
            again.append(number)

    def _reject(self, cause: str, lines: list[int], number: int | None = None) -> None:
        self._rejections[cause] += len(lines) if number is None else number
        kept = self._rejected.setdefault(cause, [])
        kept.extend(lines)
        # Lines arrive nearly in order: the first ones are settled by sorting a short list.
        kept.sort()
        del kept[self._lines_kept :]

    def _reject_address(self, cause: str, kind: bytes, address: bytes) -> None:
        """Take back an address that was remembered, with every line on which it came."""
        again = self._again[kind].pop(address, [0])
        self._reject(cause, [self._first[kind].pop(address), *again[1:]], 1 + again[0])

    def _reject_bad_addresses(self) -> None:
        for address in list(self._first.get(b"", ())):
            self._reject_address(EMPTY_TYPE, b"", address)
        for kind, first in self._first.items():
            bad = [address for group in _suspect_groups(first) for address in group if not _ADDRESS.fullmatch(address)]
            for address in bad:
                if not address.strip():
                    cause = EMPTY_ADDRESS
                elif b"@" not in address:
                    cause = NO_AT_SIGN
                else:
                    cause = BAD_ADDRESS
                self._reject_address(cause, kind, address)

    def result(self) -> Tally:
        """The count of everything added. Call it once: it takes the rejected addresses out."""
        self._reject_bad_addresses()
        stores = [first for first in self._first.values() if first]
        conflicting = _in_several(stores)
        repeated = conflicting.union(*(again for again in self._again.values() if again))
        boxes: dict[str, dict[str, int]] = {}
        for kind, first in self._first.items():
            if first:
                domains = _count_domains(first)
                domains.subtract(_domain(address) for address in conflicting if address in first)
                boxes[kind.decode("utf-8")] = {domain.decode("ascii"): n for domain, n in (+domains).items()}
        lines = self._next_line - 2
        return Tally(
            lines=lines,
            kept=lines - self._rejections.total(),
            rejections=tuple(
                Rejection(cause, self._rejections[cause], tuple(self._rejected[cause]))
                for cause in REJECTION_CAUSES
                if cause in self._rejections
            ),
            addresses=sum(len(first) for first in stores) - _surplus(conflicting, stores),
            repeated=len(repeated),
            boxes=boxes,
            conflicting=Counter(_domain(address).decode("ascii") for address in conflicting),
            unix_ends=self._unix_ends,
            windows_ends=self._windows_ends,
        )


def _suspect_groups(addresses: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The groups of addresses in which at least one is not `local@domain` in legal characters."""
    iterator = iter(addresses)
    while group := list(islice(iterator, _GROUP)):
        text = b"\n" + b"\n".join(group) + b"\n"
        if text.translate(None, _LEGAL) != b"\n" + b"@\n" * len(group) or b"\n@" in text or b"@\n" in text:
            yield group


def _count_domains(addresses: Iterable[bytes]) -> Counter[bytes]:
    """How many of these addresses, all of them `local@domain`, each domain has."""
    domains: Counter[bytes] = Counter()
    iterator = iter(addresses)
    while group := list(islice(iterator, _GROUP)):
        domains.update(b"@".join(group).split(b"@")[1::2])
    return domains


def _domain(address: bytes) -> bytes:
    return address.partition(b"@")[2]


def _in_several(stores: list[dict[bytes, int]]) -> set[bytes]:
    """The addresses that are in more than one of the stores."""
    found: set[bytes] = set()
    ordered = sorted(stores, key=len)
    for position, small in enumerate(ordered):
        for large in ordered[position + 1 :]:
            found |= small.keys() & large.keys()
    return found


def _surplus(conflicting: set[bytes], stores: list[dict[bytes, int]]) -> int:
    """How many times too many the conflicting addresses are counted when the stores are added up."""
    return sum(sum(address in store for store in stores) - 1 for address in conflicting)
