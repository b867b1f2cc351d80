"""Controls after payment: campaigns and their draws, and the control of a dossier step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from recevable_web.actions import controls
from recevable_web.actions.procedures import LEADERS
from recevable_web.actions.refused import Refused
from recevable_web.pages import letters, procedures
from recevable_web.pages.common import PAGE, asking, day, holding, number, readable
from recevable_web.records.models import Access, Control, ControlCampaign, ControlStep, Role

_ADVICE: Final = {
    ControlStep.Kind.NOTIFIED: "Ce qui est contrôlé, ce que le bénéficiaire doit produire, et sur quel texte.",
    ControlStep.Kind.ANSWERED: "Ce que le bénéficiaire a produit, et quand.",
    ControlStep.Kind.FOUND: "Ce qui est constaté, en fait et en droit, et ce qui pourrait en suivre.",
    ControlStep.Kind.OBSERVED: "Ce que le bénéficiaire répond au constat.",
    ControlStep.Kind.CONCLUDED: "Ce qui est conclu et pourquoi, au vu de ce que le bénéficiaire a répondu.",
}


@require_http_methods(["GET", "POST"])
def campagnes(request: HttpRequest) -> HttpResponse:
    """The campaigns, the last first, and the form that draws another."""
    actor, programmes = asking(request), readable(request)
    if not programmes:
        raise Http404
    draws = sorted(holding(request, Role.CONTROLLER))
    form, refused = request.POST, ""
    if request.method == "POST":
        if form.get("programme") not in draws:
            raise Http404
        try:
            starts, ends = day(form.get("du", "")), day(form.get("au", ""))
            if starts is None or ends is None:
                raise Refused("PERIODE", "Donnez le premier et le dernier jour de la période.")
            campaign = controls.draw(
                actor, form["programme"], form.get("titre", ""), starts, ends, number(form.get("taille")),
                paid_only="payes" in form,
            )  # fmt: skip
        except Refused as error:
            refused = error.message
        else:
            messages.success(request, f"Le tirage est fait : l'acte n° {campaign.pk} du registre le garde.")
            return redirect("campagne", pk=campaign.pk)
    before = number(request.GET.get("avant"))
    found = ControlCampaign.objects.filter(programme__in=programmes)
    listed = list((found.filter(pk__lt=before) if before else found).order_by("-pk")[: PAGE + 1])
    context = {
        "campagnes": listed[:PAGE],
        "suivante": listed[PAGE - 1].pk if len(listed) > PAGE else None,
        "programmes": draws,
        "donne": form,
        "refus": refused,
    }
    return render(request, "guichet/campagnes.html", context, status=422 if refused else 200)


@require_safe
def campagne(request: HttpRequest, pk: int) -> HttpResponse:
    """A campaign: its draw, and where the control of each dossier is."""
    found = ControlCampaign.objects.filter(pk=pk, programme__in=readable(request)).first()
    if found is None:
        raise Http404
    listed = found.controls.select_related("dossier").prefetch_related("steps").order_by("rank")
    lines = [(one, max(one.steps.all(), key=lambda step: step.pk, default=None)) for one in listed]
    return render(request, "guichet/campagne.html", {"campagne": found, "lignes": lines})


@require_http_methods(["GET", "POST"])
def controle(request: HttpRequest, pk: int) -> HttpResponse:
    """The control of a dossier: what was done, and the step that may be done now."""
    actor = asking(request)
    found = (
        Control.objects.select_related("campaign", "dossier")
        .filter(pk=pk, campaign__programme__in=readable(request))
        .first()
    )
    if found is None:
        raise Http404
    refused = ""
    if request.method == "POST":
        try:
            if "apercu" in request.POST:
                return _preview(request, found)
            _make(request, found)
        except Refused as error:
            refused = error.message
        else:
            return redirect("controle", pk=pk)
    programme = found.campaign.programme
    Access.objects.create(account=actor, programme=programme, dossier=found.dossier, what="controle")
    made = controls.steps(found)
    may = found.campaign.programme in holding(request, Role.CONTROLLER)
    decided = may and controls.decided_by(found.dossier, actor)
    steps = [] if decided or not may else controls.possible(made, timezone.localdate())
    context: dict[str, Any] = {
        "controle": found,
        "etapes": made.values(),
        "possibles": [(one, one.label, _ADVICE[one], one in controls.ASKING, one in controls.LETTERS) for one in steps],
        "conclusions": controls.outcomes(made),
        "decideur": decided,
        "refus": refused,
        "donne": request.POST,
        **_recoverable(request, found, made),
    }
    return render(request, "guichet/controle.html", context, status=422 if refused else 200)


def _recoverable(request: HttpRequest, control: Control, made: Mapping[str, ControlStep]) -> dict[str, Any]:
    """What may be recovered once a control concludes that a sum is undue; nothing otherwise."""
    concluded = made.get(ControlStep.Kind.CONCLUDED)
    if concluded is None or concluded.outcome != ControlStep.Outcome.UNDUE:
        return {}
    return {
        "a_recouvrer": True,
        "dossier": control.dossier,
        "mene": control.campaign.programme in holding(request, *LEADERS),
        # the agency knew when it found
        "connu_le": made[ControlStep.Kind.FOUND].on.isoformat(),
        "faits": concluded.text,
        **procedures.openings(control.dossier),
    }


def _make(request: HttpRequest, control: Control) -> None:
    form = request.POST
    step = controls.step(
        asking(request), control, _kind(form), form.get("texte", ""), due=day(form.get("terme", "")),
        outcome=form.get("conclusion", ""),
    )  # fmt: skip
    messages.success(request, f"{step.get_kind_display()} : c'est inscrit.")


def _preview(request: HttpRequest, control: Control) -> HttpResponse:
    form = request.POST
    if control.campaign.programme not in holding(request, Role.CONTROLLER):
        raise Http404
    content = controls.preview(
        asking(request), control, _kind(form), form.get("texte", ""), day(form.get("terme", "")),
        form.get("conclusion", ""),
    )  # fmt: skip
    return letters.file(content, f"{control.dossier.reference} apercu.pdf")


def _kind(form: QueryDict) -> ControlStep.Kind:
    kind = form.get("etape", "")
    if kind not in ControlStep.Kind.values:
        raise Refused("ETAPE", "Choisissez une étape.")
    return ControlStep.Kind(kind)


urlpatterns = [
    path("campagnes", campagnes, name="campagnes"),
    path("campagnes/<int:pk>", campagne, name="campagne"),
    path("campagnes/controles/<int:pk>", controle, name="controle"),
]
