"""The register: acts are appended under the lock of one row, in the transaction of what they decide; export, heads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from django.db import transaction
from django.utils import timezone

import recevable
from recevable_web.records.models import Account, Act, ActContent, ChainHead, Dossier, Draft


def append(
    kind: str,
    subject: str,
    content: bytes,
    author: Account,
    validator: Account | None = None,
    *,
    dossier: Dossier | None = None,
    draft: Draft | None = None,
) -> Act:
    """Seal an act after the last one.  Must be called inside a transaction, which the caller's change shares."""
    assert transaction.get_connection().in_atomic_block
    head = ChainHead.objects.select_for_update().get()
    last = _entry(Act.objects.select_related("dossier").get(rank=head.rank)) if head.rank else None
    instant = now()
    names = _name(author), _name(validator) if validator is not None else ""
    pointed = None if draft is None else draft.pk, author.pk, None if validator is None else validator.pk
    keys = _keys(dossier, *pointed)
    entry = recevable.ledger.sealed(last, kind, subject, instant, *names, content, keys=keys)
    act = Act.objects.create(
        rank=entry.rank,
        kind=kind,
        dossier=dossier,
        draft=draft,
        subject=subject,
        instant=instant,
        author=author,
        validator=validator,
        author_name=names[0],
        validator_name=names[1],
        content_sha256=entry.content_sha256,
        previous=entry.previous,
        digest=entry.digest,
    )
    ActContent.objects.create(act=act, content=content)
    head.rank, head.digest = entry.rank, entry.digest
    head.save()
    return act


def export() -> Iterator[bytes]:
    """The lines of an export of the whole register, which `recevable verify-register` reads."""
    acts = Act.objects.select_related("content", "dossier").order_by("rank").iterator(chunk_size=500)
    return recevable.ledger.export((_entry(act), _content(act)) for act in acts)


def now() -> str:
    """The instant of an act or of a head, as the register writes it."""
    return written(timezone.now())


def written(instant: datetime) -> str:
    """An instant as the register writes it: such texts are in the order of time."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def day_of(act: Act) -> date:
    """The day of an act, where the agency is."""
    return timezone.localtime(datetime.fromisoformat(act.instant)).date()


def _name(account: Account) -> str:
    """How the chain names a person: the name and capacity of that day."""
    return account.name + (f", {account.capacity}" if account.capacity else "")


def _keys(dossier: Dossier | None, draft: int | None, author: int, validator: int | None) -> str:
    """The rows that an act points to: sealed, so that an act that is made to point elsewhere is seen."""
    found = {
        "programme": dossier and dossier.programme, "dossier": dossier and dossier.pk, "projet": draft,
        "auteur": author, "valideur": validator,
    }  # fmt: skip
    return " ".join(f"{name}={value}" for name, value in found.items() if value is not None)


def _content(act: Act) -> bytes | None:
    try:
        return bytes(act.content.content)
    except ActContent.DoesNotExist:
        return None


def _entry(act: Act) -> recevable.ledger.Entry:
    return recevable.ledger.Entry(
        act.rank,
        act.kind,
        act.subject,
        _keys(act.dossier, act.draft_id, act.author_id, act.validator_id),
        act.instant,
        act.author_name,
        act.validator_name,
        act.content_sha256,
        act.previous,
        act.digest,
    )


def last() -> recevable.ledger.Head:
    """The line that a file of heads gets: the last act, at this instant."""
    rank, digest = head()
    return recevable.ledger.Head(now(), rank, digest)


def head() -> tuple[int, str]:
    """The rank and the digest of the last act: what is kept elsewhere each day, so that a chain made again is seen."""
    found = ChainHead.objects.get()
    return found.rank, found.digest
