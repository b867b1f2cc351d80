"""Packs in the database: stored as bytes, opened as programmes, one per process and digest."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import date
from functools import lru_cache
from typing import Final

from django.db import transaction

import recevable
from recevable_web.records.models import Account, PackFile, PackVersion, Publication

# How many packs a process keeps open: the one in force, and those of decisions that are verified.
KEPT = 8


def store(programme: recevable.Programme, label: str) -> PackVersion:
    """The pack of a programme, written if it is not there yet."""
    with transaction.atomic():
        found, created = PackVersion.objects.get_or_create(
            programme=programme.name, digest=programme.digest, defaults={"label": label}
        )
        if created:
            PackFile.objects.bulk_create(
                PackFile(pack=found, name=name, content=content) for name, content in programme.files().items()
            )
    return found


def publish(pack: PackVersion, in_force_from: date, account: Account | None = None) -> Publication:
    """Put a pack in force from a day."""
    return Publication.objects.create(
        pack=pack, programme=pack.programme, in_force_from=in_force_from, published_by=account
    )


def in_force(programme: str, on: date) -> PackVersion | None:
    """The pack in force on a day: of the publications that have begun, the last; None when there is none."""
    found = PackVersion.objects.raw(_IN_FORCE, [programme, on.isoformat()])
    return next(iter(found), None)


def key_in_force(programme: str) -> str:
    """A query for the key of the pack in force, in SQL: of a programme in SQL, on a day that is a parameter."""
    return (
        f"SELECT p.pack_id FROM records_publication p WHERE p.programme = {programme} AND p.in_force_from <= %s "
        "ORDER BY p.in_force_from DESC, p.id DESC LIMIT 1"
    )


_IN_FORCE: Final = f"SELECT v.* FROM records_packversion v WHERE v.id = ({key_in_force('%s')})"


class _Files:
    """The files of a pack, compared by their bytes."""

    def __init__(self, contents: Mapping[str, bytes], label: str) -> None:
        self.contents, self.label = contents, label
        names = sorted(contents.items())
        self.digests = tuple((name, hashlib.sha256(content).digest()) for name, content in names)

    def __hash__(self) -> int:
        return hash(self.digests)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Files) and other.digests == self.digests


def all_in_force(programmes: Collection[str], on: date) -> list[PackVersion]:
    """The packs in force on a day, of the programmes that have one, in the order of their names."""
    begun = Publication.objects.filter(programme__in=programmes, in_force_from__lte=on)
    found = {one.programme: one.pack for one in begun.select_related("pack").order_by("in_force_from", "id")}
    return [found[name] for name in sorted(found)]


@lru_cache(maxsize=KEPT)
def opened(pack_id: int) -> recevable.Programme:
    """The programme of a stored pack; a stored pack never changes.  ValueError when its files are not its digest's."""
    pack = PackVersion.objects.get(pk=pack_id)
    found = _programme(_Files({one.name: bytes(one.content) for one in pack.files.all()}, pack.label))
    if found.digest != pack.digest:
        raise ValueError("a stored pack has been altered")
    return found


@lru_cache(maxsize=KEPT)
def _programme(files: _Files) -> recevable.Programme:
    """The same bytes are one programme, whatever database they came from: opening one takes seconds."""
    return recevable.open_programme(recevable.MemorySource(files.contents, files.label))
