"""A dossier is typed from paper or e-mail, part by part; the facts of the agency are added to one that was received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import recevable
from recevable_web import forms
from recevable_web.actions import dossiers, entry, rights
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import asking, day, number, seen
from recevable_web.records.models import Entry, Role

# The names of what is typed, in a form that also holds a token and buttons.
TYPED: Final = "v:"
_MOST_LISTED: Final = 50
_CONFLICT: Final = 409
_UNPROCESSABLE: Final = 422


# --- typing a dossier -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def saisies(request: HttpRequest) -> HttpResponse:
    """The entries in progress of the user, and the beginning of another."""
    actor = asking(request)
    programmes = sorted(rights.programmes(actor, [Role.INSTRUCTOR]))
    if not programmes:
        raise Http404
    form = request.POST
    if request.method == "POST":
        try:
            begun = entry.start(
                actor,
                form.get("programme", ""),
                form.get("titre", ""),
                form.get("voie", ""),
                _day(form.get("jour", "")),
            )
            return redirect("saisie", pk=begun.pk)
        except Refused as refused:
            messages.error(request, refused.message)
    held = entry.mine(actor).select_related("dossier")[:_MOST_LISTED]
    context = {
        "programmes": programmes,
        "voies": Entry.Channel.choices,
        "forme": form,
        "en_cours": [one for one in held if one.dossier is None],
        "recues": [one for one in held if one.dossier is not None],
    }
    return render(request, "guichet/saisies.html", context)


@require_safe
def saisie(request: HttpRequest, pk: int) -> HttpResponse:
    """An entry as a whole: what each part holds, its faults, and what is left to do before it is received."""
    held = _mine(request, pk)
    if held.dossier_id is not None:
        return redirect("dossier", pk=held.dossier_id)
    return _summary(request, held)


def _summary(request: HttpRequest, held: Entry, status: int = 200) -> HttpResponse:
    programme = entry.programme_of(held.programme)
    form = entry.form_of(programme)
    data, faults, others = entry.checked(programme, form, held.values)
    sections = form.sections()
    listed = [
        {
            "champ": one,
            "donnees": [
                (forms.titles(form.fields, where), forms.words(leaf, value, form.zone))
                for where, leaf, value in forms.leaves(form, {one.path: data[one.path]} if one.path in data else {})
            ],
            "fautes": [
                {
                    "lieu": forms.titles(form.fields, where),
                    "dit": fault.partition("\n")[0],
                    "ancre": forms.identifier(where),
                }
                for where, fault in faults.items()
                if forms.below(where, one.path)
            ],
        }
        for one in [*form.loose(), *sections]
    ]
    context = {
        "saisie": held,
        "parties": listed,
        "premiere": sections[0].path if sections else "",
        "sections": {one.path for one in sections},
        "autres": others,
        "prete": not faults and not others,
        "jour": held.received_on,
    }
    return render(request, "guichet/saisie.html", context, status=status)


@require_http_methods(["GET", "POST"])
def partie(request: HttpRequest, pk: int, section: str) -> HttpResponse:
    """A part of an entry: what is asked, and what was typed is kept as it is, with its faults beside it."""
    held = _mine(request, pk)
    if held.dossier_id is not None:
        return redirect("dossier", pk=held.dossier_id)
    programme = entry.programme_of(held.programme)
    form = entry.form_of(programme)
    sections = form.sections()
    rank, part = _section(sections, section)
    loose = form.loose() if rank == 0 else []
    within = [part.path, *(one.path for one in loose)]
    texts: Mapping[str, str] = held.values
    status = 200
    if request.method == "POST":
        texts = _typed(request, form, within)
        following = sections[rank + 1].path if rank + 1 < len(sections) else ""
        try:
            held = entry.save(asking(request), held, number(request.POST.get("vue")), texts, within)
            answer = _after_saving(request, held, section, following)
            if answer is not None:
                return answer
            texts = held.values
        except entry.Stale as stale:
            messages.error(request, stale.message)
            held, status = stale.entry, _CONFLICT
        except Refused as refused:
            messages.error(request, refused.message)
            return redirect("saisies")
    _, faults, _ = entry.checked(programme, form, {**held.values, **texts})
    return render(
        request,
        "guichet/partie.html",
        {
            "saisie": held,
            "champ": part,
            "sections": sections,
            "suivante": sections[rank + 1] if rank + 1 < len(sections) else None,
            "libres": form.inputs(loose, texts, faults),
            "blocs": form.blocks(part, texts, faults),
            "fautes": _faults(form, faults, within),
            "autre_version": _elsewhere(form, held, texts, within) if status == _CONFLICT else [],
            "verifier": "champ",
        },
        status=status,
    )


def _after_saving(request: HttpRequest, held: Entry, section: str, following: str) -> HttpResponse | None:
    """Where a saved part leads; None: the same page, with a row more or less."""
    if "ajouter" in request.POST or "retirer" in request.POST:
        return None
    messages.success(request, "La saisie est enregistrée.")
    if "suivant" in request.POST and following:
        return redirect("partie", pk=held.pk, section=following)
    if "resume" in request.POST or "suivant" in request.POST:
        return redirect("saisie", pk=held.pk)
    return redirect("partie", pk=held.pk, section=section)


@require_POST
def champ(request: HttpRequest, pk: int) -> HttpResponse:
    """What is wrong with the one field that was just left, for the page to show beside it; nothing is kept."""
    held = _mine(request, pk)
    programme = entry.programme_of(held.programme)
    form = entry.form_of(programme)
    named = [key.removeprefix(TYPED) for key in request.POST if key.startswith(TYPED)]
    one = forms.at(form.fields, named[0]) if len(named) == 1 else None
    if one is None:
        raise Http404
    text = _clean(request.POST[TYPED + named[0]])
    _, faults, _ = entry.checked(programme, form, {**held.values, named[0]: text})
    fault, _, advice = faults.get(named[0], "").partition("\n")
    context = {"faute": fault, "aide": advice, "remarque": "" if fault else forms.remark(one, text)}
    return render(request, "guichet/etat.html", context)


@require_POST
def recevoir(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a dossier of an entry."""
    held = _mine(request, pk)
    try:
        made = entry.receive(asking(request), held, number(request.POST.get("vue")))
    except (entry.Stale, entry.Faulty) as refused:
        messages.error(request, refused.message)
        return _summary(request, Entry.objects.get(pk=held.pk), _UNPROCESSABLE)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("saisie", pk=pk)
    messages.success(request, "Le dossier est reçu.")
    return redirect("dossier", pk=made.pk)


@require_POST
def abandonner(request: HttpRequest, pk: int) -> HttpResponse:
    """Give an entry up."""
    held = _mine(request, pk)
    try:
        entry.abandon(asking(request), held, number(request.POST.get("vue")))
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("saisie", pk=pk)
    messages.success(request, f"La saisie « {held.title} » est abandonnée.")
    return redirect("saisies")


def _mine(request: HttpRequest, pk: int) -> Entry:
    """An entry of the user; those of others do not exist."""
    found: Entry | None = entry.mine(asking(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _elsewhere(
    form: forms.Form, held: Entry, texts: Mapping[str, str], within: list[str]
) -> list[tuple[str, str, str]]:
    """Where what is stored differs from what was typed: the title, what was typed, what is stored."""
    paths = {key for key in (*held.values, *texts) if any(forms.below(key, one) for one in within)}
    differing = sorted(one for one in paths if held.values.get(one, "") != texts.get(one, ""))
    return [(forms.titles(form.fields, one), texts.get(one, ""), held.values.get(one, "")) for one in differing]


# --- facts of the agency ----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def faits(request: HttpRequest, pk: int, section: str = "") -> HttpResponse:
    """What the agency adds to a dossier, part by part: typed, then shown as differences, then recorded."""
    found = seen(request, pk)
    if not rights.has(asking(request), found.programme, Role.INSTRUCTOR):
        raise Http404
    if found.erased_id is not None:
        # the page of the dossier says so
        return redirect("dossier", pk=pk)
    programme = entry.programme_of(found.programme)
    version = dossiers.latest(found)
    form = entry.facts_form(programme, version)
    sections = form.sections()
    if not section:
        return (
            redirect("faits", pk=pk, section=sections[0].path)
            if sections
            else render(request, "guichet/faits.html", {"dossier": found, "sections": []})
        )
    _, part = _section(sections, section)
    texts: Mapping[str, str] = forms.texts_of(form, dossiers.composed(version))
    faults: dict[str, str] = {}
    others: tuple[str, ...] = ()
    context: dict[str, Any] = {"vue": found.version}
    if request.method == "POST":
        texts = _typed(request, form, [part.path])
        context["vue"] = number(request.POST.get("vue"))
        if "enregistrer" in request.POST:
            try:
                entry.record_facts(asking(request), found, number(request.POST.get("vue")), part.path, texts)
                messages.success(request, "Les faits sont consignés, et le dossier évalué de nouveau.")
                return redirect("dossier", pk=pk)
            except entry.Faulty as refused:
                messages.error(request, refused.message)
            except Refused as refused:
                messages.error(request, refused.message)
                if refused.code != "RIEN":
                    # what was seen is no longer: the page shows what is
                    context["vue"] = found.version
        data, faults = entry.facts_of(form, version, part, texts)
        placed, others = entry.schema_faults(programme, form, data)
        faults = {**placed, **faults}
        if "voir" in request.POST and not faults and not others:
            try:
                context |= {
                    "changements": entry.changes(form, version, data),
                    "effets": _effects(programme, version, data),
                    "textes": [(TYPED + key, text) for key, text in texts.items()],
                }
            except recevable.Contradiction as error:
                messages.error(request, dossiers.contradicted(error).message)
    context |= {
        "dossier": found,
        "champ": part,
        "sections": sections,
        "blocs": form.blocks(part, texts, faults),
        "fautes": [*_faults(form, faults, [part.path]), *({"lieu": "", "dit": one, "ancre": ""} for one in others)],
    }
    return render(request, "guichet/faits.html", context)


def _effects(programme: recevable.Programme, version: Any, data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What the rules propose on each request, before and with the facts that were typed."""
    today = timezone.localdate()
    found: dict[tuple[str, str], list[str]] = {}
    titles: dict[tuple[str, str], str] = {}
    for rank, content in enumerate((bytes(version.composed), dossiers.encoded(data))):
        for one in programme.decide(programme.read(content), today).requests:
            titles[one.name, one.key] = one.title
            row = found.setdefault((one.name, one.key), ["–", "–"])
            row[rank] = f"{one.verdict}{' sous réserve' if one.provisional else ''}"
    return [(titles[key], before, after) for key, (before, after) in found.items()]


# --- what both share --------------------------------------------------------------------------------------------------


def _section(sections: list[recevable.Field], name: str) -> tuple[int, recevable.Field]:
    for rank, one in enumerate(sections):
        if one.path == name:
            return rank, one
    raise Http404


def _typed(request: HttpRequest, form: forms.Form, within: list[str]) -> dict[str, str]:
    """What was typed in some parts: fields of the form only, with the row that a button adds or takes out."""
    found: dict[str, str] = {}
    out = request.POST.get("retirer", "")
    for key in request.POST:
        where = key.removeprefix(TYPED)
        one = forms.at(form.fields, where) if key.startswith(TYPED) else None
        if one is None or not any(forms.below(where, part) for part in within) or (out and forms.below(where, out)):
            continue
        text = _clean(request.POST[key])
        if text:
            found[where] = text[: forms.MOST_TEXT]
    more = request.POST.get("ajouter", "")
    one = forms.at(form.fields, more) if more else None
    if one is not None and one.element is not None and any(forms.below(more, part) for part in within):
        known = forms.rows(found, more)
        if len(known) < forms.MOST_ROWS:
            found[f"{more}.{known[-1] + 1 if known else 0}"] = forms.THERE
    return found


def _clean(text: str) -> str:
    """A text without what a database cannot hold, shown as what it is: not readable."""
    return text.strip().replace("\0", "\N{REPLACEMENT CHARACTER}")


def _faults(form: forms.Form, faults: Mapping[str, str], within: list[str]) -> list[dict[str, str]]:
    """The faults of some parts, for the summary at the top of the page, each leading to its field."""
    return [
        {"lieu": forms.titles(form.fields, where), "dit": fault.partition("\n")[0], "ancre": forms.identifier(where)}
        for where, fault in faults.items()
        if any(forms.below(where, part) for part in within)
    ]


def _day(text: str) -> Any:
    """A day typed in French, or as the browser's own field gives it; Refused when it is none."""
    try:
        return day(forms.date_of(text)) if text.strip() else None
    except ValueError as error:
        raise Refused("DATE", str(error).replace("\n", " : ")) from None


urlpatterns = [
    path("saisies", saisies, name="saisies"),
    path("saisies/<int:pk>", saisie, name="saisie"),
    path("saisies/<int:pk>/champ", champ, name="champ"),
    path("saisies/<int:pk>/recevoir", recevoir, name="recevoir"),
    path("saisies/<int:pk>/abandonner", abandonner, name="abandonner"),
    path("saisies/<int:pk>/parties/<str:section>", partie, name="partie"),
    path("dossiers/<int:pk>/faits", faits, name="faits-dossier"),
    path("dossiers/<int:pk>/faits/<str:section>", faits, name="faits"),
]
