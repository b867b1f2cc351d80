"""Who may do what: read from the grants at each request, so that what is taken back is taken back at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from recevable_web.actions.refused import Refused
from recevable_web.records import sql
from recevable_web.records.models import READERS, Account, Dossier, Grant, Role
from recevable_web.records.sessions import HOLDS


def grants(account: Account, on: date | None = None) -> QuerySet[Grant]:
    """The grants of an account that hold on a day, today by default; none for an account that was closed."""
    return _on(on or timezone.localdate()).filter(account=account, account__is_active=True)


_HELD: Final = f"""
    SELECT g.programme, g.role FROM records_grant g JOIN records_account a ON a.id = g.account_id
    WHERE g.account_id = %s AND a.is_active AND {HOLDS}
"""


def held(account: Account) -> list[tuple[str, str]]:
    """The programme and the role of each grant of `grants` today: asked at each request, so written in SQL."""
    day = timezone.localdate().isoformat()
    return [(programme, role) for programme, role in sql.fetched(_HELD, [account.pk, day, day])]


def _on(day: date) -> QuerySet[Grant]:
    """The grants that hold on a day."""
    return Grant.objects.filter(Q(ends__isnull=True) | Q(ends__gte=day), starts__lte=day, revoked_at__isnull=True)


def programmes(account: Account, roles: Collection[Role]) -> set[str]:
    """The programmes in which an account holds one of some roles."""
    return set(grants(account).filter(role__in=roles).values_list("programme", flat=True))


def holders(programmes_: Collection[str], role: Role) -> QuerySet[Account]:
    """The open accounts that hold a role today in one of some programmes, by name."""
    day = timezone.localdate()
    held = _on(day).filter(programme__in=programmes_, role=role)
    return Account.objects.filter(is_active=True, pk__in=held.values("account")).order_by("name")


def has(account: Account, programme: str, *roles: Role) -> bool:
    """Whether an account holds one of some roles in a programme."""
    return grants(account).filter(programme=programme, role__in=roles).exists()


def require(account: Account, programme: str, *roles: Role) -> None:
    """Refuse an account that holds none of some roles in a programme."""
    if not has(account, programme, *roles):
        wanted = " ou ".join(role.label.lower() for role in roles)
        raise Refused("DROIT", f"Il faut être {wanted} du programme pour cela.")


def visible(account: Account) -> QuerySet[Dossier]:
    """The dossiers that an account may open; the others do not exist for it.  Every page reads dossiers from here."""
    return Dossier.objects.filter(programme__in=programmes(account, READERS))
