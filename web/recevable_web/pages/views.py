"""The pages of the guichet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

import recevable
from recevable_web import packs
from recevable_web.actions import acts, appraisals, dossiers, register, rights
from recevable_web.actions.refused import Refused
from recevable_web.records.models import (
    Access,
    Account,
    Act,
    Dossier,
    Draft,
    Evaluation,
    Role,
    State,
    Verdict,
)

PAGE: Final = 25
TABS: Final = {
    "a-instruire": ("À instruire", [State.RECEIVED, State.TO_INSTRUCT]),
    "a-valider": ("À valider", [State.TO_VALIDATE]),
    "en-attente": ("En attente du demandeur", [State.TO_COMPLETE]),
    "decides": ("Décidés", [State.DECIDED]),
}
# More bytes than any dossier has: the reader of the engine says that the file is too large.
MOST_BYTES: Final = 2_000_000


def account(request: HttpRequest) -> Account:
    """Who asks; the middleware lets nobody else through."""
    assert isinstance(request.user, Account)
    return request.user


def seen(request: HttpRequest, pk: int) -> Dossier:
    """A dossier that whoever asks may open, and the access is kept; for the others there is none."""
    found = rights.visible(account(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


# --- signing in -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def connexion(request: HttpRequest) -> HttpResponse:
    """The sign-in page of the demonstration: its accounts, each with its roles.  Real use needs a provider."""
    people = Account.objects.filter(is_active=True).order_by("name") if settings.DEMO else Account.objects.none()
    if request.method == "POST" and settings.DEMO:
        chosen = people.filter(pk=_number(request.POST.get("compte"))).first()
        if chosen is not None:
            login(request, chosen, backend="django.contrib.auth.backends.ModelBackend")
            target = request.POST.get("suite", "")
            safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
            return redirect(target if safe else "file")
        messages.error(request, "Choisissez un compte.")
    listed = [(one, _roles(one)) for one in people]
    return render(request, "guichet/connexion.html", {"comptes": listed, "suite": request.GET.get("next", "")})


@require_POST
def deconnexion(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return redirect("connexion")


def _roles(one: Account) -> list[str]:
    held = rights.grants(one).values_list("role", "programme")
    return [f"{Role(role).label} ({programme})" for role, programme in held]


# --- the queue --------------------------------------------------------------------------------------------------------


@require_safe
def file(request: HttpRequest) -> HttpResponse:
    """The dossiers that may be opened, by state, the oldest first, a page after a key."""
    tab = request.GET.get("onglet", "a-instruire")
    if tab not in TABS:
        raise Http404
    found = rights.visible(account(request)).filter(state__in=TABS[tab][1])
    words = request.GET.get("q", "").strip()
    if words:
        found = found.filter(reference__icontains=words)
    after = _number(request.GET.get("apres"))
    if after:
        found = found.filter(pk__gt=after)
    listed = list(found.order_by("pk")[: PAGE + 1])
    # the last evaluation of each, in one question
    answers = _answers([one.pk for one in listed[:PAGE]])
    context = {
        "onglets": [(key, label, key == tab) for key, (label, _) in TABS.items()],
        "onglet": tab,
        "lignes": [(one, answers.get(one.pk, [])) for one in listed[:PAGE]],
        "suivante": listed[PAGE - 1].pk if len(listed) > PAGE else None,
        "q": words,
        "peut_importer": bool(rights.programmes(account(request), [Role.INSTRUCTOR])),
    }
    return render(request, "guichet/file.html", context)


def _answers(dossiers_: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    evaluations = Evaluation.objects.filter(version__dossier__in=dossiers_).order_by("version__dossier", "-id")
    last: dict[int, int] = {}
    for pk, dossier in evaluations.values_list("pk", "version__dossier"):
        last.setdefault(dossier, pk)
    owners = {pk: dossier for dossier, pk in last.items()}
    requests = Evaluation.objects.filter(pk__in=owners).values_list("pk", "requests__name", "requests__verdict")
    for pk, name, verdict in requests.order_by("requests__id"):
        found.setdefault(owners[pk], []).append(f"{name} : {verdict}")
    return found


# --- importing --------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def importer(request: HttpRequest) -> HttpResponse:
    """Dossiers as JSON files; each is taken or refused by itself, with its faults at their place."""
    programmes = sorted(rights.programmes(account(request), [Role.INSTRUCTOR]))
    if not programmes:
        raise Http404
    outcomes: list[dict[str, Any]] = []
    if request.method == "POST":
        programme = request.POST.get("programme", programmes[0])
        files = request.FILES.getlist("fichiers")
        for one in files:
            outcomes.append(_imported(account(request), programme, one.name or "sans nom", one.read(MOST_BYTES + 1)))
        if not files:
            messages.error(request, "Choisissez au moins un fichier JSON.")
    return render(request, "guichet/importer.html", {"programmes": programmes, "resultats": outcomes})


def _imported(actor: Account, programme: str, name: str, content: bytes) -> dict[str, Any]:
    try:
        return {"nom": name, "dossier": dossiers.receive(actor, programme, content, name)}
    except recevable.InvalidDossier as error:
        return {"nom": name, "fautes": [(str(one.span or ""), one.message, one.help) for one in error.diagnostics]}
    except Refused as refused:
        return {"nom": name, "fautes": [("", refused.message, "")]}


# --- a dossier --------------------------------------------------------------------------------------------------------


@require_safe
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """A dossier: what the machine proposes and why, what only a person can judge, the drafts and the acts."""
    found = seen(request, pk)
    Access.objects.create(account=account(request), dossier=found, what="dossier")
    version, today = dossiers.latest(found), timezone.localdate()
    evaluation = dossiers.evaluate(version, today)
    programme = packs.opened(evaluation.pack_id)
    decision = programme.decide(programme.read(bytes(version.composed), found.reference), today)
    actor = account(request)
    context = {
        "dossier": found,
        "version": version,
        "evaluation": evaluation,
        "decision": decision,
        "identique": programme.to_json(decision) == dossiers.decision(evaluation),
        "demandes": [_request(one) for one in decision.requests],
        "appreciations": decision.appraisals,
        "projets": found.drafts.select_related("prepared_by", "settled_by").order_by("-id"),
        "actes": found.acts.order_by("-rank"),
        "evenements": found.events.select_related("account").order_by("-id")[:50],
        "instruit": rights.has(actor, found.programme, Role.INSTRUCTOR),
        "valide": rights.has(actor, found.programme, Role.VALIDATOR),
        "moi": actor,
        "verdicts": Verdict.choices,
        "aujourdhui": today,
    }
    return render(request, "guichet/dossier.html", context)


def _request(one: recevable.RequestDecision) -> dict[str, Any]:
    """What is shown of a request: what stands against it, what only signals, what is satisfied or does not apply."""
    points = recevable.points(one.findings)
    return {
        "decision": one,
        "titre": one.title,
        "contre": [p for p in points if p.consequence is not None and str(p.consequence) != "signaler"],
        "signale": [p for p in points if p.consequence is not None and str(p.consequence) == "signaler"],
        "satisfait": [f for f in one.findings if str(f.result) == "satisfait"],
        "sans_objet": [f for f in one.findings if str(f.result) == "sans_objet"],
    }


def _acting(request: HttpRequest, pk: int, act: Callable[[Dossier], str]) -> HttpResponse:
    """Do something to a dossier, say what came of it, and show the dossier again."""
    found = seen(request, pk)
    try:
        messages.success(request, act(found))
    except Refused as refused:
        messages.error(request, refused.message)
    except recevable.InvalidDossier as error:
        messages.error(request, error.diagnostics[0].message)
    return redirect("dossier", pk=pk)


@require_POST
def apprecier(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the answer to a question that only a person can judge."""
    form = request.POST

    def act(found: Dossier) -> str:
        expires = _day(form.get("terme", ""))
        appraisals.record(
            account(request), found, _number(form.get("vue")), form.get("regle", ""), form.get("reponse", ""),
            form.get("motif", ""), expires,
        )  # fmt: skip
        return "L'appréciation est consignée, et le dossier évalué de nouveau."

    return _acting(request, pk, act)


@require_safe
def effets(request: HttpRequest, pk: int, rule: str) -> HttpResponse:
    """Before anything is saved: what each answer to a question would decide."""
    found = seen(request, pk)
    try:
        foreseen = list(appraisals.consequences(found, rule))
    except Refused:
        raise Http404 from None
    question = next(line for line in appraisals.open_questions(found) if line.rule == rule)
    context = {
        "dossier": found,
        "question": question,
        "effets": foreseen,
        "instruit": rights.has(account(request), found.programme, Role.INSTRUCTOR),
    }
    return render(request, "guichet/effets.html", context)


@require_POST
def preparer(request: HttpRequest, pk: int) -> HttpResponse:
    """Prepare an act for somebody else to sign."""
    form = request.POST

    def act(found: Dossier) -> str:
        verdict = form.get("verdict", "")
        if verdict not in Verdict.values:
            raise Refused("VERDICT", "Choisissez ce que la décision répond.")
        acts.prepare(
            account(request), found, _number(form.get("vue")), form.get("demande", ""), Verdict(verdict),
            reason=form.get("motif", ""), source=form.get("source", ""),
        )  # fmt: skip
        return "La décision est préparée : une autre personne doit la signer."

    return _acting(request, pk, act)


@require_POST
def signer(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign a draft."""
    return _settling(request, pk, lambda one: f"Signé : acte n° {acts.sign(account(request), one).rank}.")


@require_POST
def renvoyer(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a draft back."""

    def act(one: Draft) -> str:
        acts.send_back(account(request), one, request.POST.get("commentaire", ""))
        return "Le projet est renvoyé à l'instructeur."

    return _settling(request, pk, act)


def _settling(request: HttpRequest, pk: int, act: Callable[[Draft], str]) -> HttpResponse:
    draft = Draft.objects.select_related("dossier", "prepared_by").filter(pk=pk).first()
    if draft is None:
        raise Http404
    return _acting(request, draft.dossier_id, lambda _: act(draft))


# --- the register -----------------------------------------------------------------------------------------------------


def _may_read_register(request: HttpRequest) -> None:
    if not rights.programmes(account(request), [Role.AUDITOR, Role.ADMINISTRATOR, Role.VALIDATOR]):
        raise Http404


@require_safe
def registre(request: HttpRequest) -> HttpResponse:
    """The last acts, and whether the whole chain verifies."""
    _may_read_register(request)
    rank, head = register.head()
    before = _number(request.GET.get("avant"))
    found = Act.objects.filter(rank__lt=before) if before else Act.objects.all()
    listed = list(found.order_by("-rank")[: PAGE + 1])
    context: dict[str, Any] = {
        "actes": listed[:PAGE], "suivante": listed[PAGE - 1].rank if len(listed) > PAGE else None,
        "rang": rank, "tete": head,
    }  # fmt: skip
    if "verifier" in request.GET:
        context["verification"] = recevable.ledger.verify(register.export(), head)
    return render(request, "guichet/registre.html", context)


@require_GET
def exporter(request: HttpRequest) -> StreamingHttpResponse:
    """The whole register, as `recevable verify-register` reads it."""
    _may_read_register(request)
    response = StreamingHttpResponse(register.export(), content_type="application/x-ndjson")
    response["Content-Disposition"] = f'attachment; filename="registre-{timezone.localdate():%Y-%m-%d}.ndjson"'
    return response


# --- health and errors ------------------------------------------------------------------------------------------------


@require_safe
def sante(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def pret(request: HttpRequest) -> HttpResponse:
    """The database answers too, and holds the tables."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rank FROM records_chainhead")
    except Exception:  # noqa: BLE001  # whatever is wrong, the service is not ready
        return HttpResponse("la base ne répond pas\n", status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse("ok\n", content_type="text/plain")


def _erreur(request: HttpRequest, status: int, title: str, help_: str) -> HttpResponse:
    return render(request, "guichet/erreur.html", {"titre": title, "aide": help_}, status=status)


def absente(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, the same for what does not exist and for what one may not see."""
    return _erreur(request, 404, "Cette page n'existe pas", "Elle a pu être déplacée, ou ne vous est pas ouverte.")


def refusee(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _erreur(request, 403, "Cette demande est refusée", "Revenez à la page d'avant et recommencez.")


def sans_jeton(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403, a form without its token."""
    return refusee(request)


def malformee(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _erreur(request, 400, "Cette demande ne peut pas être lue", "Revenez à la page d'avant et recommencez.")


def panne(request: HttpRequest) -> HttpResponse:
    """500: nothing of what went wrong is shown."""
    return _erreur(request, 500, "Le service a rencontré une erreur", "Rien n'a été enregistré. Réessayez plus tard.")


def _number(text: str | None) -> int:
    """A whole number of a form or an address; 0 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 18 else 0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused("DATE", f"« {text[:20]} » n'est pas une date.") from None
