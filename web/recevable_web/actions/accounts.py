"""Accounts: who signs in, who is given a right and by whom, what is taken back.

A right is given and taken back by an administrator of its programme, for a reason, never to himself; each is an act of
the register.  A programme always keeps an administrator whose right has no end.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

import recevable
from recevable_web.actions import register, rights
from recevable_web.actions.dossiers import encoded
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    DECIDERS,
    Account,
    AccountEvent,
    ChainHead,
    Grant,
    Publication,
    Role,
    Session,
)
from recevable_web.records.sessions import IDLE

# Roles that one person does not hold in the same programme: who gives rights or audits decides nothing.
APART: Final = (
    (frozenset({Role.ADMINISTRATOR}), frozenset(DECIDERS)),
    (frozenset({Role.AUDITOR}), frozenset({*DECIDERS, Role.ADMINISTRATOR})),
)
_LONGEST_REASON: Final = 500


def tell(account: Account, kind: str, text: str, actor: Account | None = None, programme: str = "") -> None:
    """Write what happened to an account, or to its rights in a programme."""
    AccountEvent.objects.create(account=account, actor=actor, kind=kind, text=text, programme=programme)


# --- signing in -------------------------------------------------------------------------------------------------------


def recognised(issuer: str, subject: str, email: str, name: str) -> Account:
    """The account of a person whom the identity provider vouches for, made without any right at the first time.

    The subject alone says who it is: an address that another account holds is refused, never taken for the same person.
    """
    email = email.strip().lower()
    name = " ".join(name.split())[:200] or email
    if not (subject and email):
        raise Refused("IDENTITE", "Le fournisseur d'identité n'a pas transmis votre adresse électronique.")
    with transaction.atomic():
        account = Account.objects.select_for_update(of=("self",)).filter(issuer=issuer, subject=subject).first()
        others = Account.objects.filter(email=email)
        holder = (others if account is None else others.exclude(pk=account.pk)).first()
        if account is None:
            if holder is not None:
                raise Refused(
                    "ADRESSE",
                    "Un autre compte porte déjà votre adresse électronique. Si c'est aussi le vôtre, demandez à un "
                    "administrateur d'y corriger l'adresse, puis reconnectez-vous.",
                )
            try:
                with transaction.atomic():
                    account = Account.objects.create_account(email, name)
                    account.issuer, account.subject = issuer, subject
                    account.save(update_fields=["issuer", "subject"])
            except IntegrityError:
                raise Refused("ADRESSE", "Votre compte vient d'être créé : reconnectez-vous.") from None
            tell(account, "creation", "Première connexion : compte créé, sans aucun droit.")
        elif not account.is_active:
            raise Refused("FERME", "Ce compte est fermé. Demandez à un administrateur de le rouvrir.")
        elif (account.email, account.name) != (email, name):
            account.name = name
            # somebody else's address stays somebody else's
            account.email = account.email if holder is not None else email
            account.save(update_fields=["name", "email"])
            tell(account, "identite", "Nom ou adresse mis à jour par le fournisseur d'identité.")
    return account


# --- rights -----------------------------------------------------------------------------------------------------------


def grant(
    actor: Account, account: Account, role: str, programme: str, starts: date, ends: date | None, reason: str
) -> Grant:
    """Give a role in a programme, from a day to a day (included); refused for oneself and for roles kept apart."""
    rights.require(actor, programme, Role.ADMINISTRATOR)
    if actor.pk == account.pk:
        raise Refused("SOI-MEME", "Personne ne se donne un droit : un autre administrateur doit le faire.")
    if role not in Role.values:
        raise Refused("ROLE", "Choisissez un rôle de la liste.", "role")
    if not Publication.objects.filter(programme=programme).exists():
        raise Refused("PROGRAMME", "Choisissez un programme de la liste.", "programme")
    if starts < timezone.localdate():
        raise Refused("DEBUT", "Un droit ne commence pas avant le jour où il est donné.", "debut")
    if ends is not None and ends < starts:
        raise Refused("FIN", "Le dernier jour du droit précède le premier.", "fin")
    reason = _reason(reason)
    with transaction.atomic():
        _one_at_a_time()
        if not Account.objects.filter(pk=account.pk, is_active=True).exists():
            raise Refused("FERME", "Ce compte est fermé : rouvrez-le avant de lui donner un droit.")
        for held in _during(account, programme, starts, ends):
            if held.role == role:
                raise Refused("DEJA", f"Ce compte a déjà ce droit {period(held)}.", "debut")
            if any({role, held.role} & one and {role, held.role} & other for one, other in APART):
                raise Refused(
                    "INCOMPATIBLE",
                    f"Ce compte est {Role(held.role).label.lower()} du programme {period(held)} : "
                    f"il ne peut pas y être aussi {Role(role).label.lower()}.",
                    "role",
                )
        made = Grant.objects.create(
            account=account, role=role, programme=programme, starts=starts, ends=ends, granted_by=actor, reason=reason
        )
        _seal(actor, "droit:accorde", made, reason)
        tell(account, "droit", f"{Role(role).label} de {programme} {period(made)}. Motif : {reason}", actor, programme)
    return made


def revoke(actor: Account, held: Grant, reason: str, last_day: date | None = None) -> Grant:
    """Take a right back: at once, or after a last day; the programme keeps an administrator without end."""
    rights.require(actor, held.programme, Role.ADMINISTRATOR)
    reason = _reason(reason)
    today = timezone.localdate()
    with transaction.atomic():
        _one_at_a_time()
        found = Grant.objects.select_for_update(of=("self",)).select_related("account").get(pk=held.pk)
        if found.revoked_at is not None or (found.ends is not None and found.ends < today):
            raise Refused("DEJA", "Ce droit est déjà terminé.")
        if last_day is not None:
            if last_day < max(today, found.starts):
                raise Refused("FIN", "Le dernier jour d'un droit ne peut être ni passé ni avant le premier.", "fin")
            if found.ends is not None and last_day >= found.ends:
                raise Refused("FIN", "Ce droit finit déjà ce jour-là ou avant.", "fin")
        _keep_an_administrator(found.programme, but=[found.pk])
        if last_day is None:
            found.revoked_at, found.revoked_by, found.revoked_reason = timezone.now(), actor, reason
        else:
            found.ends = last_day
        found.save(update_fields=["ends", "revoked_at", "revoked_by", "revoked_reason"])
        _seal(actor, "droit:retire", found, reason)
        until = "aussitôt" if last_day is None else f"après le {recevable.wording.day(last_day)}"
        text = f"{Role(found.role).label} de {found.programme} : retiré {until}. Motif : {reason}"
        tell(found.account, "retrait", text, actor, found.programme)
    return found


def period(held: Grant) -> str:
    """When a right holds, in words."""
    first = recevable.wording.day(held.starts)
    return f"depuis le {first}" if held.ends is None else f"du {first} au {recevable.wording.day(held.ends)}"


def first_administrator(account: Account, programme: str) -> Grant:
    """The first administrator of a programme, named by the operator of the server; refused as soon as there is one."""
    if not Publication.objects.filter(programme=programme).exists():
        raise Refused("PROGRAMME", f"Aucune règle du programme « {programme} » n'est publiée.")
    with transaction.atomic():
        _one_at_a_time()
        if _administrators(programme).exists():
            raise Refused("DEJA", "Ce programme a déjà un administrateur : c'est à lui de donner les droits.")
        made = Grant.objects.create(
            account=account, role=Role.ADMINISTRATOR, programme=programme, starts=timezone.localdate(),
            reason="premier administrateur, nommé depuis le serveur",
        )  # fmt: skip
        tell(account, "droit", f"Premier administrateur de {programme}, nommé depuis le serveur.", None, programme)
    return made


# --- accounts ---------------------------------------------------------------------------------------------------------


def close(actor: Account, account: Account, reason: str) -> None:
    """Close an account: its sessions end at once, its rights no longer hold.  Asked by who administers all of them."""
    if actor.pk == account.pk:
        raise Refused("SOI-MEME", "Personne ne ferme son propre compte : un autre administrateur doit le faire.")
    reason = _reason(reason)
    with transaction.atomic():
        _one_at_a_time()
        found = _administered(actor, account)
        if not found.is_active:
            raise Refused("DEJA", "Ce compte est déjà fermé.")
        held = _current(Grant.objects.filter(account=found, role=Role.ADMINISTRATOR))
        for programme in sorted(set(held.values_list("programme", flat=True))):
            mine = Grant.objects.filter(account=found, programme=programme).values_list("pk", flat=True)
            _keep_an_administrator(programme, but=list(mine))
        found.is_active = False
        found.save(update_fields=["is_active"])
        Session.objects.filter(account=found).delete()
        _seal_account(actor, "compte:ferme", found, reason)
        tell(found, "fermeture", f"Compte fermé. Motif : {reason}", actor)


def reopen(actor: Account, account: Account, reason: str) -> None:
    """Open an account again, with the rights that it had and that have not ended."""
    if actor.pk == account.pk:
        raise Refused("SOI-MEME", "Personne ne rouvre son propre compte.")
    reason = _reason(reason)
    with transaction.atomic():
        _one_at_a_time()
        found = _administered(actor, account)
        if found.is_active:
            raise Refused("DEJA", "Ce compte est déjà ouvert.")
        found.is_active = True
        found.save(update_fields=["is_active"])
        _seal_account(actor, "compte:rouvert", found, reason)
        tell(found, "reouverture", f"Compte rouvert. Motif : {reason}", actor)


def correct(actor: Account, account: Account, capacity: str, email: str) -> None:
    """Correct the capacity that letters give, and the address; the name is the identity provider's."""
    capacity, email = " ".join(capacity.split()), email.strip().lower()
    if len(capacity) > 200:
        raise Refused("QUALITE", "La qualité a plus de 200 caractères : abrégez-la.", "qualite")
    if "@" not in email or len(email) > 254 or any(one.isspace() for one in email):
        raise Refused("ADRESSE", "Écrivez une adresse électronique, comme prenom.nom@exemple.fr.", "adresse")
    with transaction.atomic():
        found = _administered(actor, account)
        if (found.capacity, found.email) == (capacity, email):
            raise Refused("RIEN", "Rien n'a changé.")
        found.capacity, found.email = capacity, email
        try:
            with transaction.atomic():
                found.save(update_fields=["capacity", "email"])
        except IntegrityError:
            raise Refused("ADRESSE", "Un autre compte porte déjà cette adresse.", "adresse") from None
        tell(found, "correction", "Qualité ou adresse corrigée.", actor)


# --- sessions ---------------------------------------------------------------------------------------------------------


def end_sessions(actor: Account, account: Account, keys: Collection[str] | None = None) -> int:
    """End open sessions of an account, all by default: one's own, or those of an account that one administers."""
    with transaction.atomic():
        if actor.pk != account.pk:
            _administered(actor, account)
        found = Session.objects.filter(account=account)
        if keys is not None:
            found = found.filter(session_key__in=keys)
        ended, _ = found.delete()
        if ended:
            tell(
                account,
                "session",
                f"{ended} session{'s' if ended > 1 else ''} fermée{'s' if ended > 1 else ''}.",
                actor,
            )
    return ended


def sessions(account: Account) -> QuerySet[Session]:
    """The open sessions of an account, the last used first."""
    now = timezone.now()
    return Session.objects.filter(account=account, expire_date__gt=now, seen_at__gt=now - IDLE).order_by("-seen_at")


# --- guards -----------------------------------------------------------------------------------------------------------


def _one_at_a_time() -> None:
    """Changes of rights follow one another: two administrators who take back each other's right leave one of them."""
    ChainHead.objects.select_for_update().get()


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason:
        raise Refused("MOTIF", "Dites pourquoi : le motif est gardé avec l'acte.", "motif")
    if len(reason) > _LONGEST_REASON:
        raise Refused("MOTIF", f"Le motif a plus de {_LONGEST_REASON} caractères : abrégez-le.", "motif")
    return reason


def _current(found: QuerySet[Grant]) -> QuerySet[Grant]:
    """Grants that hold today or will."""
    return found.filter(Q(ends__isnull=True) | Q(ends__gte=timezone.localdate()), revoked_at__isnull=True)


def _during(account: Account, programme: str, starts: date, ends: date | None) -> QuerySet[Grant]:
    """The grants of an account in a programme that hold on some day of a period."""
    found = _current(Grant.objects.filter(account=account, programme=programme))
    found = found.filter(Q(ends__isnull=True) | Q(ends__gte=starts))
    return found if ends is None else found.filter(starts__lte=ends)


def _administrators(programme: str) -> QuerySet[Grant]:
    """The rights of administrators of a programme that hold today and have no end."""
    held = Grant.objects.filter(programme=programme, role=Role.ADMINISTRATOR, account__is_active=True)
    return held.filter(starts__lte=timezone.localdate(), ends__isnull=True, revoked_at__isnull=True)


def _keep_an_administrator(programme: str, but: Collection[int]) -> None:
    """Refuse to end the last right of an administrator that has no end; ending another changes nothing to it."""
    held = _administrators(programme)
    if held.filter(pk__in=but).exists() and not held.exclude(pk__in=but).exists():
        raise Refused(
            "DERNIER",
            f"C'est le dernier administrateur de {programme} dont le droit n'a pas de terme : "
            "nommez-en d'abord un autre.",
        )


def _administered(actor: Account, account: Account) -> Account:
    """The account, locked; refused unless one administers some programme, and each in which it has a right."""
    mine = rights.programmes(actor, [Role.ADMINISTRATOR])
    held = set(_current(Grant.objects.filter(account=account)).values_list("programme", flat=True))
    if not mine or held - mine:
        raise Refused("DROIT", "Ce compte a des droits dans un programme que vous n'administrez pas.")
    return Account.objects.select_for_update(of=("self",)).get(pk=account.pk)


def _seal(actor: Account, kind: str, held: Grant, reason: str) -> None:
    register.append(
        kind,
        f"compte {held.account_id}",
        encoded(
            {
                "compte": held.account_id,
                "nom": held.account.name,
                "role": held.role,
                "programme": held.programme,
                "du": held.starts.isoformat(),
                "au": None if held.ends is None else held.ends.isoformat(),
                "retire_le": None if held.revoked_at is None else held.revoked_at.isoformat(),
                "motif": reason,
            }
        ),
        actor,
    )


def _seal_account(actor: Account, kind: str, account: Account, reason: str) -> None:
    content = encoded({"compte": account.pk, "nom": account.name, "motif": reason})
    register.append(kind, f"compte {account.pk}", content, actor)
