"""The queue: the dossiers that somebody may open, in the order of their legal deadlines; bulk actions, reservations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from hashlib import sha256
from html import escape
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

import recevable
from recevable_web import packs
from recevable_web.actions import bulk, deadline_list, preferences, recovery, reservations, rights, selection
from recevable_web.actions.refused import Refused
from recevable_web.actions.selection import TABS, Row, Selection
from recevable_web.pages import procedures, working
from recevable_web.pages.common import PAGE, acting, asking, attempt, holding, number, readable
from recevable_web.pages.parts import part
from recevable_web.records.models import Account, Dossier, Event, Role, State

# The tab that shows what the user did last.
MY_ACTIONS: Final = "mes-actions"
# Where the outcomes of a bulk action wait to be read.
_OUTCOMES: Final = "lot"
# Seconds for which the choices of the filters are kept.
_KEPT: Final = 60
_VERDICTS: Final = {
    "accepter": "Accepter",
    "completer": "Demander un complément",
    "rejeter": "Rejeter",
    "indecidable": "Indécidable",
}


# --- cells ------------------------------------------------------------------------------------------------------------


def _proposals(one: Row, today: date) -> str:
    found = []
    for request in one.requests:
        verdict = _VERDICTS.get(request.verdict, request.verdict).lower() if request.open else "répondu"
        found.append(f"{request.title} : {verdict}{' (provisoire)' if request.open and request.provisional else ''}")
    return " · ".join(found) or "–"


def _state(one: Row) -> str:
    back = one.state == State.TO_INSTRUCT and one.answered is not None
    note = f" (complément reçu le {recevable.wording.day(one.answered)})" if back and one.answered is not None else ""
    return f"{State(one.state).label}{note}"


# The columns, each with its title and its text; the reference always comes first.
COLUMNS: Final[Mapping[str, tuple[str, Callable[[Row, date], str]]]] = {
    "echeance": ("Échéance légale", lambda one, today: working.deadline(one.clock, one.deadline, today, one.resumes)),
    "demandeur": ("Demandeur", lambda one, _: one.applicant or "–"),
    "siret": ("SIRET", lambda one, _: one.siret or "–"),
    "proposition": ("Ce que les règles proposent", _proposals),
    "etat": ("État", lambda one, _: _state(one)),
    "instructeur": ("Instructeur", lambda one, _: one.instructor or "–"),
    "reservation": ("Qui y travaille", lambda one, _: working.worker(one.worker, one.since)),
    "programme": ("Programme", lambda one, _: one.programme),
    "recu": ("Reçu le", lambda one, _: recevable.wording.day(timezone.localtime(one.received).date())),
}
SHOWN: Final = ("echeance", "demandeur", "proposition", "etat", "instructeur", "reservation")


_TICK: Final = (
    '<td><div class="fr-checkbox-group fr-checkbox-group--sm">'
    '<input type="checkbox" id="d{0}" name="choisis" value="{0}:{1}">'
    '<label class="fr-label" for="d{0}"><span class="fr-sr-only">Choisir {2}</span></label></div></td>'
)
_TO_CHOOSE: Final = SafeString('<th scope="col"><span class="fr-sr-only">Choisir</span></th>')
_TO_WORK: Final = SafeString('<th scope="col"><span class="fr-sr-only">Instruire</span></th>')
_WORK: Final = (
    '<td><button class="fr-btn fr-btn--sm fr-btn--tertiary" formaction="/dossiers/{0}/instruire">Instruire'
    '<span class="fr-sr-only"> {1}</span></button></td>'
)


def table(found: Sequence[Row], columns: Sequence[str], today: date, name: str, *, chosen: bool) -> SafeString:
    """A table of dossiers; `chosen`: with a box to tick and a button to work on each."""
    lines = "\n".join(_row(one, columns, today, chosen=chosen) for one in found)
    return SafeString(f"{_head(tuple(columns), name, chosen=chosen)}<tbody>{lines}</tbody></table></div>")


@lru_cache(maxsize=256)
def _head(columns: tuple[str, ...], name: str, *, chosen: bool) -> SafeString:
    titles = SafeString("".join(format_html('<th scope="col">{}</th>', COLUMNS[one][0]) for one in columns))
    return format_html(
        '<div class="fr-table fr-table--multiline" tabindex="0" role="region" aria-label="{0}"><table>'
        '<caption class="fr-sr-only">{0}, dans l\'ordre de leurs échéances légales</caption><thead><tr>'
        '{1}<th scope="col">Référence</th>{2}{3}</tr></thead>',
        name, _TO_CHOOSE if chosen else "", titles, _TO_WORK if chosen else "",
    )  # fmt: skip


# What the cells of a page hold is mostly the same from one row to the next.
_escaped: Final = lru_cache(maxsize=4096)(escape)


def _row(one: Row, columns: Sequence[str], today: date, *, chosen: bool) -> str:
    reference = _escaped(one.reference)
    cells = "".join([f"<td>{_escaped(COLUMNS[name][1](one, today))}</td>" for name in columns])
    link = f'<th scope="row"><a href="/dossiers/{one.pk}">{reference}</a></th>'
    if not chosen:
        return f"<tr>{link}{cells}</tr>"
    tick = _TICK.format(one.pk, one.version, reference)
    return f"<tr>{tick}{link}{cells}{_WORK.format(one.pk, reference)}</tr>"


# --- the queue --------------------------------------------------------------------------------------------------------


@require_safe
def file(request: HttpRequest) -> HttpResponse:
    """A tab of the queue."""
    if request.GET.get("onglet") == MY_ACTIONS:
        return _my_actions(request)
    actor, wrong = asking(request), ""
    try:
        asked = selection.parsed(request.GET)
    except Refused as refused:
        if request.GET.get("onglet", selection.FIRST) not in TABS:
            raise Http404 from None
        asked, wrong = Selection(request.GET.get("onglet", selection.FIRST)), refused.message
    if TABS[asked.tab].near:
        return _deadlines(request, asked, wrong)
    programmes = readable(request)
    found, total, kept = selection.page(actor, programmes, asked, _key(request.GET.get("apres", "")), PAGE)
    columns = [name for name in kept.columns if name in COLUMNS] or list(SHOWN)
    instructs = bool(holding(request, Role.INSTRUCTOR))
    assigns = bool(holding(request, Role.INSTRUCTOR, Role.VALIDATOR))
    last = found[PAGE - 1] if len(found) > PAGE else None
    following = {**asked.query(), "apres": f"{last.deadline.isoformat()}.{last.pk}"} if last is not None else None
    offered = _offered(request, asked)
    filters = tuple((name, "?" + urlencode(query)) for name, query in sorted(kept.filters.items()))
    shown = tuple((name, title, name in columns) for name, (title, _) in COLUMNS.items())
    given = {"instructeurs": offered["instructeurs"]}
    table_ = table(found[:PAGE], columns, timezone.localdate(), "Dossiers", chosen=assigns) if found else ""
    context: dict[str, Any] = {
        "onglets": _tabs(asked.tab),
        "choix": asked,
        "filtrer": part("file_filtrer", choix=asked, echeances=False, **offered),
        "enregistrer": part("file_enregistrer", choix=asked),
        "filtres": part("file_filtres", choix=asked, filtres=filters) if filters else "",
        "colonnes": part("file_colonnes", choix=asked, colonnes=shown),
        "tableau": table_,
        "lot": part("file_lot", choix=asked, instruit=instructs, **given) if assigns else "",
        "suivante": "?" + urlencode(following) if following else "",
        "nombre": _counted(total, selection.counted(asked)),
        "instruit": instructs,
        "faute": wrong,
    }
    if TABS[asked.tab].recovery:
        context["procedures"] = procedures.lines(list(recovery.listed(programmes)[:PAGE]))
    return render(request, "guichet/file.html", context)


_NAMES: Final = {False: ("échéance", "échéances"), True: ("courrier", "courriers")}


def _deadlines(request: HttpRequest, asked: Selection, wrong: str) -> HttpResponse:
    """The deadlines of every kind, the first day first."""
    actor, today = asking(request), timezone.localdate()
    letters = TABS[asked.tab].letters
    after = _key(request.GET.get("apres", ""))
    found, total = deadline_list.page(actor, readable(request), asked, after, PAGE)
    last = found[PAGE - 1] if len(found) > PAGE else None
    following = {**asked.query(), "apres": f"{last.day.isoformat()}.{last.pk}"} if last is not None else None
    filters = tuple((name, "?" + urlencode(query)) for name, query in sorted(preferences.of(actor).filters.items()))
    context = {
        "onglets": _tabs(asked.tab),
        "choix": asked,
        "filtrer": part("file_filtrer", choix=asked, echeances=not letters, **_offered(request, asked)),
        "enregistrer": part("file_enregistrer", choix=asked),
        "filtres": part("file_filtres", choix=asked, filtres=filters) if filters else "",
        "lignes": [(one, _when(one, today), State(one.state).label) for one in found[:PAGE]],
        "suivante": "?" + urlencode(following) if following else "",
        "nombre": _counted(total, selection.counted(asked), *_NAMES[letters]),
        "titre": TABS[asked.tab].label,
        "faute": wrong,
    }
    return render(request, "guichet/file_echeances.html", context)


def _when(one: deadline_list.Due, today: date) -> str:
    if one.letter is not None:
        return working.post(one.kind, one.day)
    return working.until(one.day, one.instant, one.resumes, today, one.counted)


def _tabs(current: str) -> SafeString:
    labels = {**{key: tab.label for key, tab in TABS.items()}, MY_ACTIONS: "Mes dernières actions"}
    return part("file_onglets", onglets=tuple((key, label, key == current) for key, label in labels.items()))


def _key(text: str) -> selection.Key | None:
    """The place of a row in the queue, from an address; None for the first page, and for what is none."""
    day, _, pk = text.partition(".")
    try:
        return (date.fromisoformat(day), number(pk)) if text else None
    except ValueError:
        return None


def _counted(total: int, most: int, one: str = "dossier", many: str = "dossiers") -> str:
    if total > most:
        return f"Plus de {recevable.wording.number(most)} {many}"
    return recevable.wording.count(total, one, many) if total else ""


def _offered(request: HttpRequest, asked: Selection) -> dict[str, tuple[tuple[str, str], ...]]:
    """What the filters of a tab offer: no state that the tab never shows."""
    offered = choices(request)
    states = (*TABS[asked.tab].states, asked.state)
    return {**offered, "etats": tuple(one for one in offered["etats"] if one[0] in states)}


def choices(request: HttpRequest) -> dict[str, tuple[tuple[str, str], ...]]:
    """What the filters offer, for the programmes of the user: kept for a minute."""
    programmes = sorted(readable(request))
    today = timezone.localdate()
    name = "choix:" + sha256(repr((programmes, today)).encode()).hexdigest()
    found: dict[str, tuple[tuple[str, str], ...]] | None = cache.get(name)
    if found is None:
        manifests = [packs.opened(pack.pk).manifest for pack in packs.all_in_force(programmes, today)]
        requests = {key: each.title for manifest in manifests for key, each in manifest.requests.items()}
        found = {
            "programmes": tuple((one.programme, one.title) for one in manifests),
            "demandes": tuple(requests.items()),
            "verdicts": tuple(_VERDICTS.items()),
            "instructeurs": tuple((str(one.pk), one.name) for one in rights.holders(programmes, Role.INSTRUCTOR)),
            "etats": tuple((str(one), one.label) for one in State),
        }
        cache.set(name, found, _KEPT)
    return found


def _my_actions(request: HttpRequest) -> HttpResponse:
    """What the user did last, on dossiers that they may still open."""
    mine = Event.objects.filter(account=asking(request), dossier__programme__in=readable(request))
    after = number(request.GET.get("apres"))
    if after:
        mine = mine.filter(pk__lt=after)
    found = list(mine.select_related("dossier").order_by("-id")[: PAGE + 1])
    context = {
        "onglets": _tabs(MY_ACTIONS),
        "actions": found[:PAGE],
        "suivante": f"?onglet={MY_ACTIONS}&apres={found[PAGE - 1].pk}" if len(found) > PAGE else "",
    }
    return render(request, "guichet/file_actions.html", context)


# --- preferences ------------------------------------------------------------------------------------------------------


def _back(request: HttpRequest) -> HttpResponse:
    """The queue as the form that was sent showed it."""
    try:
        query = selection.parsed(request.POST).query()
    except Refused:
        query = {}
    return redirect(f"{reverse('file')}?{urlencode(query)}")


def _kept(request: HttpRequest, act: Callable[[Account], str]) -> HttpResponse:
    attempt(request, lambda: act(asking(request)))
    return _back(request)


@require_POST
def filtrer(request: HttpRequest) -> HttpResponse:
    """Keep a filter by name, or forget one."""

    def act(account: Account) -> str:
        name = request.POST.get("nom", "")
        if "supprimer" in request.POST:
            preferences.delete_filter(account, request.POST["supprimer"])
            return "Le filtre est supprimé."
        preferences.save_filter(account, name, selection.parsed(request.POST).query())
        return "Le filtre est enregistré."

    return _kept(request, act)


@require_POST
def colonnes(request: HttpRequest) -> HttpResponse:
    """Keep the columns to show."""

    def act(account: Account) -> str:
        preferences.choose_columns(account, request.POST.getlist("colonne"), COLUMNS)
        return "Les colonnes sont enregistrées."

    return _kept(request, act)


# --- many dossiers at once --------------------------------------------------------------------------------------------


@require_POST
def lot(request: HttpRequest) -> HttpResponse:
    """Do one thing to the dossiers that were ticked, or to all those of a filter."""
    actor, form = asking(request), request.POST
    try:
        if form.get("operation") not in list(bulk.Operation):
            raise Refused("OPERATION", "Choisissez ce qu'il faut faire des dossiers.")
        chosen = [_pair(one) for one in form.getlist("choisis")]
        if form.get("tout") == "oui":
            chosen = selection.keys(actor, readable(request), selection.parsed(form), bulk.MOST)
        to = rights.holders(readable(request), Role.INSTRUCTOR).filter(pk=number(form.get("a"))).first()
        if form.get("operation") == bulk.Operation.ASSIGN and to is None and form.get("a") != selection.NOBODY:
            raise Refused("AFFECTATION", "Choisissez à qui affecter ces dossiers.")
        outcomes = bulk.run(actor, chosen, bulk.Operation(form["operation"]), to)
    except Refused as refused:
        messages.error(request, refused.message)
        return _back(request)
    request.session[_OUTCOMES] = [(one.dossier, one.done, one.message) for one in outcomes]
    return redirect("lot")


def _pair(text: str) -> tuple[int, int]:
    pk, _, version = text.partition(":")
    return number(pk), number(version)


@require_safe
def resultats(request: HttpRequest) -> HttpResponse:
    """What came of the last bulk action, dossier by dossier."""
    outcomes = request.session.get(_OUTCOMES, [])
    visible = Dossier.objects.filter(programme__in=readable(request))
    references = dict(visible.filter(pk__in=[pk for pk, _, _ in outcomes if pk]).values_list("pk", "reference"))
    lines = [(pk, references.get(pk, ""), done, message) for pk, done, message in outcomes]
    done = sum(1 for _, _, one, _ in lines if one)
    context = {
        "lignes": lines,
        "faits": recevable.wording.count(done, "action faite", "actions faites"),
        "refuses": recevable.wording.count(len(lines) - done, "refusée", "refusées"),
        "tout": done == len(lines),
    }
    return render(request, "guichet/lot.html", context)


# --- one dossier ------------------------------------------------------------------------------------------------------


@require_POST
def instruire(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a dossier to work on it; with a reason, take it over from the colleague who works on it."""

    def act(found: Dossier) -> str:
        if "motif" in request.POST:
            reservations.take_over(asking(request), found, request.POST["motif"])
            return "Vous avez repris ce dossier ; l'historique le dit."
        reservations.reserve(asking(request), found)
        return "Vous instruisez ce dossier : il vous est réservé."

    return acting(request, pk, act)


@require_POST
def liberer(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a dossier back."""

    def act(found: Dossier) -> str:
        reservations.release(asking(request), found)
        return "Le dossier est libre."

    return acting(request, pk, act)


@require_POST
def affecter(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who instructs a dossier."""

    def act(found: Dossier) -> str:
        chosen = request.POST.get("a", "")
        to = rights.holders([found.programme], Role.INSTRUCTOR).filter(pk=number(chosen)).first()
        if to is None and chosen != selection.NOBODY:
            raise Refused("AFFECTATION", "Choisissez à qui affecter ce dossier.")
        reservations.assign(asking(request), found, to)
        return "Le dossier n'est affecté à personne." if to is None else f"Le dossier est affecté à {to.name}."

    return acting(request, pk, act)


urlpatterns = [
    path("", file, name="file"),
    path("file/filtres", filtrer, name="filtrer"),
    path("file/colonnes", colonnes, name="colonnes"),
    path("file/lot", lot, name="lot-faire"),
    path("file/lot/resultats", resultats, name="lot"),
    path("dossiers/<int:pk>/instruire", instruire, name="instruire"),
    path("dossiers/<int:pk>/liberer", liberer, name="liberer"),
    path("dossiers/<int:pk>/affecter", affecter, name="affecter"),
]
