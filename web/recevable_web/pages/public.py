"""For applicants, without an account: a page for each profile, and a simulator that keeps nothing.

Answers travel in a signed field of the form, never in an address, a session, the database or a log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_http_methods, require_safe

import recevable
from recevable_web import packs
from recevable_web.pages.common import public
from recevable_web.records.models import Publication

# The most bytes that a reply of the simulator takes, and that all of them take once signed.
BODY: Final = 100_000
STATE: Final = 60_000
# How long a simulation may be left and taken up again, in seconds.
LEFT: Final = 12 * 3600
# How long a page may be kept by its reader, in seconds.
KEPT: Final = 300
_SALT: Final = "recevable.simulation"
_YEARS: Final = range(1900, 2101)
_FORM: Final = "application/x-www-form-urlencoded"
Replies = list[tuple[str, str]]


class NoPage(Exception):
    """A request that nothing can be shown for: the status, what is wrong and what to do, in French."""

    def __init__(self, status: int, title: str, help_: str) -> None:
        super().__init__(title)
        self.status, self.title, self.help = status, title, help_


# What a pack says to applicants has a fault, which `recevable lint` shows.
_UNREADABLE: Final = NoPage(503, "Cette page n'est pas disponible", "Revenez plus tard, ou adressez-vous à l'agence.")


def _programme(name: str, on: date) -> tuple[int, recevable.Programme]:
    """The rules of a programme in force on a day, or else today; Http404 when none was ever published."""
    # what cannot be a name is not looked for: a database may refuse it
    if not name.isprintable():
        raise Http404
    pack = packs.in_force(name, on) or packs.in_force(name, timezone.localdate())
    if pack is None:
        raise Http404
    return pack.pk, packs.opened(pack.pk)


def _day(text: str | None) -> date:
    if not text:
        return timezone.localdate()
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if found.year not in _YEARS:
        raise NoPage(400, "Cette date n'existe pas", "Choisissez une date, par exemple le 4 septembre 2023.")
    return found


def _cacheable(request: HttpRequest, body: str) -> HttpResponse:
    """A page that anybody may keep a moment, with its digest; not sent again to a browser that has it."""
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    response = get_conditional_response(request, etag=etag, response=HttpResponse(body))
    assert isinstance(response, HttpResponse)
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={KEPT}"
    return response


def _failed(no_page: NoPage) -> HttpResponse:
    context = {"titre": no_page.title, "aide": no_page.help}
    return HttpResponse(render_to_string("public/erreur.html", context), status=no_page.status)


# --- the public pages -------------------------------------------------------------------------------------------------


@public
@require_safe
def demandeurs(request: HttpRequest) -> HttpResponse:
    """The programmes and their profiles."""
    today = timezone.localdate()
    listed = []
    for name in Publication.objects.order_by("programme").values_list("programme", flat=True).distinct():
        try:
            _, programme = _programme(name, today)
            titles = [(one, recevable.profile_title(programme, one)) for one in programme.profiles()]
            if not titles:
                continue
            listed.append((name, recevable.public_page(programme, titles[0][0], today).title, titles))
        except (Http404, recevable.InvalidPack):
            # not in force yet, or with a fault in what it says to applicants
            continue
    return _cacheable(request, render_to_string("public/demandeurs.html", {"programmes": listed}))


@public
@require_safe
def page_publique(request: HttpRequest, programme: str, profil: str) -> HttpResponse:
    """The page of a profile on a day: `?au=2023-09-04`, by default today."""
    try:
        on = _day(request.GET.get("au"))
        pack, opened = _programme(programme, on)
        if profil not in opened.profiles():
            raise Http404
        return _cacheable(request, _page(pack, opened.digest, profil, on, on == timezone.localdate()))
    except NoPage as no_page:
        return _failed(no_page)
    except recevable.InvalidPack:
        return _failed(_UNREADABLE)


@lru_cache(maxsize=256)
def _page(pack: int, digest: str, profile: str, on: date, today: bool) -> str:
    """A page holds nothing of its reader, and is the same for all; `digest` is that of the rules."""
    programme = packs.opened(pack)
    found = recevable.public_page(programme, profile, on)
    others = [(one, recevable.profile_title(programme, one)) for one in programme.profiles() if one != profile]
    possible = {step.request for step in found.steps if str(step.state) == "en_cours"}
    provided = [{**_to_provide(one), "ouverte": one.request in possible} for one in found.provide]
    context = {"page": found, "aujourdhui": today, "autres": others, "demandes": provided}
    return render_to_string("public/page.html", context)


def _to_provide(one: Any) -> dict[str, Any]:
    """A request as the page shows it: what the applicant provides by condition, what others check, what is judged."""
    mine, theirs, judged = [], [], []
    for section in one.sections:
        own = [item for item in section.items if item.party == "demandeur" and not item.warning]
        groups = [
            (title, [item for item in own if str(item.place) == place])
            for title, place in (
                ("Délais", "delai"), ("Pièces à joindre", "piece"), ("Informations et conditions", "condition"),
            )
        ]  # fmt: skip
        groups = [(title, items) for title, items in groups if items]
        if groups:
            mine.append((section.condition, groups))
        theirs += [item for item in section.items if item.party != "demandeur" and str(item.place) != "question"
                   and not item.warning]  # fmt: skip
        judged += [item for item in section.items if str(item.place) == "question"]
    return {"nom": one.request, "titre": one.title, "fournir": mine, "autres": theirs, "apprecier": judged,
            "rejette": one.rejecting}  # fmt: skip


# --- the simulator --------------------------------------------------------------------------------------------------


@public
@require_http_methods(["GET", "HEAD", "POST"])
def simuler(request: HttpRequest, programme: str, profil: str, demande: str) -> HttpResponse:
    """A question at a time; the form carries what was answered."""
    try:
        body = _simulated(request, programme, profil, demande)
    except NoPage as no_page:
        return _failed(no_page)
    except recevable.InvalidPack:
        return _failed(_UNREADABLE)
    return HttpResponse(body)


def _simulated(request: HttpRequest, programme: str, profil: str, demande: str) -> str:
    form = _form(request)
    about = [programme, profil, demande]
    if request.method == "POST":
        on, ruled, replies = _opened(form.get("etat", ""), about)
    else:
        on, ruled, replies = _day(request.GET.get("au")), "", []
    _, opened = _programme(programme, on)
    if profil not in opened.profiles() or demande not in opened.manifest.requests:
        raise Http404
    if ruled not in ("", opened.digest):
        # an answer chosen by its rank may now mean another
        raise NoPage(409, "Les règles ont changé", "Recommencez la simulation.")
    simulation = recevable.Simulation(opened, demande, profil, on)
    faults: tuple[recevable.Diagnostic, ...] = ()
    asked = ""
    typed = ""
    if request.method == "POST":
        replies, asked, typed = _moved(form, replies)
        if asked and typed:
            try:
                simulation.state([*replies, (asked, typed)])
                replies, asked = [*replies, (asked, typed)], ""
            except recevable.InvalidReply as error:
                faults = error.diagnostics
    try:
        state = simulation.state(replies)
    except recevable.InvalidReply:
        # signed here, and no answer all the same: there are too many
        raise NoPage(409, "Cette simulation est trop longue", "Recommencez la simulation.") from None
    question = (simulation.question(asked) if asked else None) or state.question
    ends = question is None or ("terminer" in form and not faults)
    context = {
        "simulation": simulation,
        "programme": programme,
        "profil": profil,
        "demande": demande,
        "titre": opened.manifest.requests[demande].title,
        "profil_titre": recevable.profile_title(opened, profil),
        "au": on,
        "question": None if ends else question,
        "fautes": faults,
        "saisi": form.get("reponse", "") if faults else "",
        "choisi": form.get("choix", "") if faults else "",
        "repondu": state.answered,
        "restantes": state.remaining,
        "etat": _signed(about, on, opened.digest, replies),
        "csrf_token": get_token(request),
        "adresse": reverse("simuler", args=about),
        "verdicts": [str(verdict) for verdict in state.outlook.verdicts],
        "ne_vaut_pas": recevable.simulation_words.NOT_A_DECISION,
        "rien": recevable.simulation_words.NOTHING_KEPT,
    }
    if ends:
        context |= _result(simulation, state)
    return render_to_string("public/simuler.html", context)


def _form(request: HttpRequest) -> QueryDict:
    """The fields of a form, read only when it is one and is small."""
    if request.method != "POST":
        return QueryDict()
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit() and int(length) <= BODY):
        raise NoPage(413, "Ce formulaire est trop gros", "Recommencez la simulation.")
    if request.content_type != _FORM:
        raise NoPage(415, "Ce formulaire ne peut pas être lu", "Recommencez la simulation.")
    return request.POST


def _moved(form: QueryDict, replies: Replies) -> tuple[Replies, str, str]:
    """What the person asks for: the replies that stay, the question that is put or answered, and the reply."""
    if "reprendre" in form:
        key = form.get("reprendre", "")
        return [reply for reply in replies if reply[0] != key], key, ""
    if "revenir" in form:
        return replies[:-1], replies[-1][0] if replies else "", ""
    key = form.get("question", "")
    if not key or "terminer" in form:
        return replies, "", ""
    kept = [reply for reply in replies if reply[0] != key]
    if "sait_pas" in form:
        return kept, key, recevable.Simulation.DOES_NOT_KNOW
    if "aucun" in form:
        return kept, key, recevable.Simulation.NONE
    chosen = form.get("choix")
    if chosen is not None:
        entered = form.get("reponse", "").strip()
        return kept, key, f"{chosen}:{entered}" if entered else chosen
    # a question left empty is put again, and says so
    return kept, key, form.get("reponse", "") or " "


def _signed(about: list[str], on: date, rules: str, replies: Replies) -> str:
    found = signing.dumps([about, on.isoformat(), rules, replies], salt=_SALT, compress=True)
    if len(found) > STATE:
        raise NoPage(413, "Cette simulation est trop longue", "Recommencez-la avec des réponses plus courtes.")
    return found


def _opened(text: str, about: list[str]) -> tuple[date, str, Replies]:
    """The day, the digest of the rules and the replies of a form, exactly as they were signed; else NoPage."""
    try:
        named, on, rules, replies = signing.loads(text[: STATE + 1], salt=_SALT, max_age=LEFT)
    except (signing.BadSignature, ValueError):
        help_ = "Elle a été laissée trop longtemps, ou le formulaire a été modifié. Recommencez-la."
        raise NoPage(400, "Cette simulation ne peut pas continuer", help_) from None
    if named != about:
        raise NoPage(400, "Cette simulation ne peut pas continuer", "Elle porte sur une autre demande. Recommencez-la.")
    return date.fromisoformat(on), rules, [(key, reply) for key, reply in replies]


def _result(simulation: recevable.Simulation, state: Any) -> Mapping[str, Any]:
    try:
        result = simulation.result(state)
    except recevable.Contradiction:
        help_ = "Signalez-le à l'agence : ses règles ne savent pas répondre à ce cas."
        raise NoPage(409, "Les règles se contredisent sur ces réponses", help_) from None
    decision = result.decision
    words = recevable.simulation_words
    return {
        "resultat": result,
        "probable": words.likely(result),
        "montant": words.likely_amount(result),
        "lignes": decision.amounts if result.amount_known else (),
        "contre": words.against(result),
        "fournir": words.to_provide(result),
        "accepte": result.verdicts == (recevable.Verdict.ACCEPT,),
    }


urlpatterns = [
    path("demandeurs", demandeurs, name="demandeurs"),
    path("demandeurs/<str:programme>/<str:profil>", page_publique, name="page_publique"),
    path("demandeurs/<str:programme>/<str:profil>/simuler/<str:demande>", simuler, name="simuler"),
]
