"""The register: acts are appended under the lock of one row, in the transaction of what they decide; export, purge."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

from django.db import transaction

import recevable
from recevable_web.actions import rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import Account, Act, ActContent, ChainHead, Dossier, Draft, Role


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
    last = _entry(Act.objects.get(rank=head.rank)) if head.rank else None
    instant = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    names = _name(author), _name(validator) if validator is not None else ""
    entry = recevable.ledger.sealed(last, kind, subject, instant, *names, content)
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
    acts = Act.objects.select_related("content").order_by("rank").iterator(chunk_size=500)
    return recevable.ledger.export((_entry(act), _content(act)) for act in acts)


def _name(account: Account) -> str:
    """How the chain names a person: the account, then the name and capacity of that day."""
    return f"{account.pk} {account.name}" + (f", {account.capacity}" if account.capacity else "")


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
        act.instant,
        act.author_name,
        act.validator_name,
        act.content_sha256,
        act.previous,
        act.digest,
    )


def head() -> tuple[int, str]:
    """The rank and the digest of the last act: what is kept elsewhere each day, so that a chain made again is seen."""
    found = ChainHead.objects.get()
    return found.rank, found.digest


def purge(actor: Account, ranks: Collection[int], reason: str) -> Act:
    """Erase the contents of acts whose time is over, and say so in an act: the chain verifies as before.

    Only contents go: who did what, when, on which dossier, stays.  An administrator of each programme concerned asks
    for it.
    """
    if not reason.strip():
        raise Refused("MOTIF", "Dites sur quelle règle de conservation se fonde cette purge.")
    with transaction.atomic():
        ChainHead.objects.select_for_update().get()
        contents = ActContent.objects.filter(act_id__in=ranks).exclude(act__kind=recevable.ledger.PURGE)
        found = sorted(contents.values_list("act_id", flat=True))
        missing = sorted(set(ranks) - set(found))
        if missing or not found:
            listed = ", ".join(map(str, missing)) or "aucun"
            raise Refused("RANGS", f"Ces actes n'ont pas de contenu à effacer : {listed}.")
        for programme in set(Act.objects.filter(rank__in=found).values_list("dossier__programme", flat=True)):
            rights.require(actor, programme or "", Role.ADMINISTRATOR)
        content = json.dumps({"rangs": found, "motif": reason.strip()}, ensure_ascii=False).encode()
        act = append(recevable.ledger.PURGE, f"{len(found)} contenus", content, actor)
        contents.delete()
    return act
