"""Dossiers that an agency types from paper or e-mail, and the facts that it adds to those it received."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

import recevable
from recevable_web import forms, packs
from recevable_web.actions import dossiers, history, rights
from recevable_web.actions.refused import Refused
from recevable_web.overlay import APPLICANT, split
from recevable_web.records.models import Account, Dossier, DossierVersion, Entry, Role

ORIGIN: Final = "saisie"
FACTS: Final = "faits"
_APPLICANT_WORDS: Final = "le demandeur"


class Stale(Refused):
    """An entry that was saved elsewhere since it was shown: `entry` is what is stored."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(
            "VERSION",
            "Cette saisie a été enregistrée ailleurs depuis que cette page est ouverte. Rien n'est perdu : ce que vous "
            "avez écrit est ci-dessous. Relisez, puis enregistrez de nouveau pour le garder.",
        )
        self.entry = entry


class Faulty(Refused):
    """What was typed is no dossier yet: `faults` by path, `others` that are at no field."""

    def __init__(self, faults: Mapping[str, str], others: tuple[str, ...]) -> None:
        super().__init__(
            "SAISIE", "Cette saisie a des fautes : corrigez-les avant de l'enregistrer comme dossier reçu."
        )
        self.faults, self.others = dict(faults), others


@dataclass(frozen=True, slots=True)
class Change:
    """A datum that a version would change: where, what it is called, before and after in words."""

    path: str
    title: str
    before: str
    after: str


# --- typing a dossier -------------------------------------------------------------------------------------------------


def programme_of(name: str) -> recevable.Programme:
    """The programme by the rules in force today; Refused when none is."""
    pack = packs.in_force(name, timezone.localdate())
    if pack is None:
        raise Refused("REGLES", f"Aucune règle du programme « {name} » n'est en vigueur aujourd'hui.")
    return packs.opened(pack.pk)


def form_of(
    programme: recevable.Programme, editable: Callable[[str, recevable.Field], bool] = lambda path, one: True
) -> forms.Form:
    """The entry form of a programme."""
    parties = {name: party.name for name, party in programme.manifest.parties.items()}
    return forms.Form(
        programme.fields(),
        frozenset(one.path for one in programme.documents()),
        {APPLICANT: _APPLICANT_WORDS, **parties},
        programme.zone,
        editable,
    )


def mine(actor: Account) -> Any:
    """The entries of a person that are not given up, in the programmes where she still instructs; the last first."""
    held = rights.programmes(actor, [Role.INSTRUCTOR])
    return Entry.objects.filter(account=actor, programme__in=held, abandoned=False).order_by("-saved_at", "-id")


def start(actor: Account, programme: str, title: str, channel: str, received_on: date | None) -> Entry:
    """Begin the entry of a dossier: what it is called meanwhile, how and when the request came."""
    rights.require(actor, programme, Role.INSTRUCTOR)
    title = " ".join(title.split())
    if not title:
        raise Refused("TITRE", "Donnez un nom à cette saisie : il sert à la retrouver.")
    if len(title) > 120 or not title.isprintable():
        raise Refused("TITRE", "Le nom de la saisie a 120 caractères au plus, tous lisibles.")
    if channel not in Entry.Channel.values:
        raise Refused("VOIE", "Dites comment la demande est arrivée.")
    if received_on is None:
        raise Refused("DATE", "Dites quel jour la demande est arrivée.")
    if received_on > timezone.localdate():
        raise Refused("DATE", "La demande ne peut pas être arrivée après aujourd'hui.")
    programme_of(programme)
    return Entry.objects.create(
        programme=programme, account=actor, title=title, channel=channel, received_on=received_on
    )


def save(actor: Account, entry: Entry, seen: int, typed: Mapping[str, str], within: Iterable[str]) -> Entry:
    """Keep what was typed in some parts of the form (`within`), faults included; raises Stale."""
    with transaction.atomic():
        held = _held(actor, entry, seen)
        parts = tuple(within)
        kept = {key: text for key, text in held.values.items() if not any(forms.below(key, part) for part in parts)}
        kept |= {key: text for key, text in typed.items() if any(forms.below(key, part) for part in parts)}
        held.values = kept
        held.version += 1
        held.save(update_fields=["values", "version", "saved_at"])
    return held


def abandon(actor: Account, entry: Entry, seen: int) -> None:
    """Give an entry up: what was typed is erased, its name too; that it was begun stays."""
    with transaction.atomic():
        held = _held(actor, entry, seen)
        held.title, held.values, held.abandoned = "", {}, True
        held.version += 1
        held.save(update_fields=["title", "values", "abandoned", "version", "saved_at"])


def checked(
    programme: recevable.Programme, form: forms.Form, texts: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str], tuple[str, ...]]:
    """The dossier that was typed, its faults by path (a sentence, then what to do), and those that are at no field."""
    data, faults = forms.read(form, texts)
    placed, others = schema_faults(programme, form, data)
    return data, {**placed, **faults}, others


def schema_faults(
    programme: recevable.Programme, form: forms.Form, data: Mapping[str, Any]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """What the schema refuses in a dossier, by path, and what is at no field."""
    try:
        programme.read(dossiers.encoded(data))
    except recevable.InvalidDossier as error:
        placed: dict[str, str] = {}
        others = []
        for one in error.diagnostics:
            path = ".".join(part.replace("~1", "/").replace("~0", "~") for part in one.subject.split("/")[1:])
            message = one.message.removeprefix(f"{one.subject or 'racine'} : ")
            if path and forms.at(form.fields, path) is not None:
                placed.setdefault(path, f"{message}\n{one.help}")
            else:
                others.append(f"{message}. {one.help}".strip())
        for field in form.fields:
            # a person knows the parts of a dossier by their titles
            others = [text.replace(f"`{field.path}`", f"« {field.title or field.path} »") for text in others]
        return placed, tuple(others)
    return {}, ()


def receive(actor: Account, entry: Entry, seen: int) -> Dossier:
    """Make a dossier of an entry: its first version is typed by this person.  Raises Stale and Faulty."""
    with transaction.atomic():
        held = _held(actor, entry, seen)
        programme = programme_of(held.programme)
        data, faults, others = checked(programme, form_of(programme), held.values)
        if faults or others:
            raise Faulty(faults, others)
        dossier = dossiers.receive(actor, held.programme, dossiers.encoded(data), held.title, origin=ORIGIN)
        held.dossier, held.version = dossier, held.version + 1
        held.save(update_fields=["dossier", "version", "saved_at"])
        text = (
            f"Saisi d'après une demande arrivée le {recevable.wording.day(held.received_on)} "
            f"({Entry.Channel(held.channel).label.lower()})."
        )
        history.tell(dossier, actor, ORIGIN, text)
    return dossier


def _held(actor: Account, entry: Entry, seen: int) -> Entry:
    """The entry, locked; refused when it is somebody else's, over, or no longer what was seen."""
    held = Entry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if held.account_id != actor.pk:
        raise Refused("DROIT", "Cette saisie est celle d'une autre personne.")
    rights.require(actor, held.programme, Role.INSTRUCTOR)
    if held.dossier_id is not None:
        raise Refused("RECUE", "Cette saisie est déjà enregistrée comme dossier reçu.")
    if held.abandoned:
        raise Refused("ABANDON", "Cette saisie a été abandonnée.")
    if held.version != seen:
        raise Stale(held)
    return held


# --- facts of the agency ----------------------------------------------------------------------------------------------


def facts_form(programme: recevable.Programme, version: DossierVersion) -> forms.Form:
    """The form of what the agency or another administration supplies about a dossier: nothing of the applicant's.

    Nothing is asked about what the applicant did not give: a piece that is not there has no state.
    """
    payload = json.loads(bytes(version.payload))
    fields = programme.fields()

    def editable(path: str, one: recevable.Field) -> bool:
        if not one.supplied_by or APPLICANT in one.supplied_by:
            return False
        parts = path.split(".")
        for count in range(1, len(parts)):
            above = forms.at(fields, ".".join(parts[:count]))
            owned = above is not None and (not above.supplied_by or APPLICANT in above.supplied_by)
            if owned and not isinstance(_found(payload, parts[:count]), dict):
                return False
        return True

    return form_of(programme, editable)


def facts_of(
    form: forms.Form, version: DossierVersion, section: recevable.Field, typed: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The dossier with the facts that were typed in a section, and the faults by path; what was not touched stays."""
    data = json.loads(bytes(version.composed))
    before = forms.texts_of(form, data)
    faults: dict[str, str] = {}
    name = section.path
    value = _merged(form, section, name, data.get(name, _ABSENT), before, typed, faults)
    return _with(form, data, name, value), faults


def changes(form: forms.Form, version: DossierVersion, data: Mapping[str, Any]) -> list[Change]:
    """What a dossier would change in a version, in the order of the schema."""
    before = {path: (one, value) for path, one, value in forms.leaves(form, json.loads(bytes(version.composed)))}
    after = {path: (one, value) for path, one, value in forms.leaves(form, data)}
    found = []
    for path in [*before, *(path for path in after if path not in before)]:
        old, new = before.get(path), after.get(path)
        if old is not None and new is not None and old[1] == new[1]:
            continue
        one = (old or new or (None, None))[0]
        assert one is not None
        words = [forms.words(one, None if pair is None else pair[1], form.zone) for pair in (old, new)]
        found.append(Change(path, forms.titles(form.fields, path), *words))
    return found


def record_facts(actor: Account, dossier: Dossier, seen: int, section: str, typed: Mapping[str, str]) -> DossierVersion:
    """Record facts of the agency: a new version whose payload is the same bytes.

    Raises Faulty, and Refused when nothing changes, when it would touch what the applicant gave, or when the dossier
    moved since it was seen.
    """
    rights.require(actor, dossier.programme, Role.INSTRUCTOR)
    programme = programme_of(dossier.programme)
    with transaction.atomic():
        held = dossiers.locked(dossier, seen)
        version = dossiers.latest(held)
        form = facts_form(programme, version)
        part = next((one for one in form.sections() if one.path == section), None)
        if part is None:
            raise Refused("RUBRIQUE", "L'agence ne renseigne rien dans cette partie du dossier.")
        data, faults = facts_of(form, version, part, typed)
        placed, others = schema_faults(programme, form, data)
        if faults or placed or others:
            raise Faulty({**placed, **faults}, others)
        moved = changes(form, version, data)
        if not moved:
            raise Refused("RIEN", "Rien n'a changé : aucune version n'est ajoutée.")
        payload, overlay = split(programme.fields(), data)
        if payload != json.loads(bytes(version.payload)):
            raise Refused("CONTRADICTION", "Ce que le demandeur a fourni n'est jamais modifié : rien n'est enregistré.")
        added = dossiers.with_overlay(actor, dossier, seen, overlay, FACTS)
        listed = " ; ".join(one.title for one in moved[:5]) + (
            f" ; et {len(moved) - 5} autres" if len(moved) > 5 else ""
        )
        history.tell(dossier, actor, FACTS, f"Faits consignés : {listed}.")
    return added


_ABSENT: Final = object()


def _found(data: Any, parts: list[str]) -> Any:
    for name in parts:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _merged(
    form: forms.Form,
    one: recevable.Field,
    path: str,
    old: Any,
    before: Mapping[str, str],
    typed: Mapping[str, str],
    faults: dict[str, str],
) -> Any:
    """The value at a path with what was typed; a text that did not change keeps the very value it stood for."""
    if one.element is not None:
        return _merged_rows(form, one, path, old, before, typed, faults) if form.editable(path, one) else old
    if one.fields:
        members = dict(old) if isinstance(old, dict) else {}
        for below in one.fields:
            name = below.path.rpartition(".")[2]
            value = _merged(form, below, f"{path}.{name}", members.get(name, _ABSENT), before, typed, faults)
            members = _with_member(one, members, name, value)
        return members if members or (isinstance(old, dict) and not _emptied(form, one, path)) else _ABSENT
    text = typed.get(path, "").strip()
    if forms.is_constant(one) or not form.editable(path, one) or one.kind == "objet" or text == before.get(path, ""):
        return old
    if not text:
        return _ABSENT
    try:
        return forms.typed(one, text, form.zone)
    except ValueError as error:
        faults[path] = str(error)
        return old


def _merged_rows(
    form: forms.Form,
    one: recevable.Field,
    path: str,
    old: Any,
    before: Mapping[str, str],
    typed: Mapping[str, str],
    faults: dict[str, str],
) -> Any:
    assert one.element is not None
    items = old if isinstance(old, list) else []
    indexes = forms.rows(typed, path)
    if len(indexes) > forms.MOST_ROWS:
        faults[path] = f"plus de {forms.MOST_ROWS} lignes\nGardez-en moins."
        return old
    found = []
    for index in indexes:
        item = items[index] if index < len(items) else _ABSENT
        value = _merged(form, one.element, f"{path}.{index}", item, before, typed, faults)
        if value is not _ABSENT:
            found.append(value)
        elif one.element.fields:
            found.append({})
    return found or _ABSENT


def _emptied(form: forms.Form, one: recevable.Field, path: str) -> bool:
    """Whether an object without any datum goes: one of the agency's; an empty piece of the applicant says something."""
    return form.editable(path, one)


def _with(form: forms.Form, data: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The dossier with a top-level value, its members in the order of the schema."""
    known = {**data, name: value}
    order = [one.path for one in form.fields]
    names = [*(key for key in order if key in known), *(key for key in known if key not in order)]
    return {key: known[key] for key in names if known[key] is not _ABSENT}


def _with_member(one: recevable.Field, members: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    known = {**members, name: value}
    order = [below.path.rpartition(".")[2] for below in one.fields]
    names = [*(key for key in order if key in known), *(key for key in known if key not in order)]
    return {key: known[key] for key in names if known[key] is not _ABSENT}
