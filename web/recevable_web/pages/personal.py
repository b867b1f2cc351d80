"""Personal data: the register of processing (GDPR, article 30), and what is kept about one applicant, handed over."""

from __future__ import annotations

import tempfile
from typing import Final

from django.apps import apps
from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

import recevable
from recevable_web.actions import personal, rights
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import asking

# A larger archive waits on the disk.
_IN_MEMORY: Final = 10_000_000
# What is kept, in which tables, and which setting says for how long; without one nothing erases it yet.
KEPT: Final[tuple[tuple[str, str, str], ...]] = (
    ("Contenu des dossiers et des décisions calculées", "dossierversion evaluation searchtext", "dossiers"),
    (
        "Dossiers, appréciations, ce que la file en montre",
        "dossier evaluationrequest appraisal queuerequest deadline reservation statechange",
        "",
    ),
    ("Historique, notes et compléments demandés", "event note completionrequest", ""),
    ("Pièces jointes", "piece blob", ""),
    ("Contenu des pièces jointes", "blobcontent", "pieces"),
    ("Décisions préparées et registre des actes", "draft act purge chainhead", ""),
    ("Contenu des actes", "actcontent", "actes"),
    ("Contrôles après décision", "controlcampaign control controlstep", ""),
    ("Recouvrements et retraits", "procedure procedurestep", ""),
    ("Courriers et envois", "letter lettercontent sending sendingevent", ""),
    ("Paiements", "payment paymentfile paymentanswer", ""),
    ("Contenu des fichiers de paiement", "paymentfilecontent", "paiements"),
    ("Imports", "import", ""),
    ("Noms et fautes des imports refusés", "importline", "imports"),
    ("Saisies sans suite", "entry", "saisies"),
    ("Exports demandés", "export exportpart", "export"),
    ("Réévaluations", "batch batchslice batchresult", ""),
    ("Comptes, droits et sessions des agents", "account grant accountevent session usage queuepreference", ""),
    ("Journal des consultations", "access", "acces"),
)
# Tables in which nobody is named.
_NOBODY: Final = frozenset(
    "packversion packfile publication packsubmission submittedfile packcomparison statisticrow workersign".split()
)


@require_safe
def traitements(request: HttpRequest) -> HttpResponse:
    """The register of processing: why, about whom, what, for how long."""
    if not rights.programmes(asking(request), personal.ANSWER):
        raise Http404
    days = {**settings.RETENTION, "export": settings.EXPORT_DAYS}
    kept = [
        (label, tables.split(), recevable.wording.count(days[setting], "jour", "jours") if setting else "")
        for label, tables, setting in KEPT
    ]
    known = {model._meta.model_name for model in apps.get_app_config("records").get_models()}
    unsorted = sorted(str(one) for one in known - _NOBODY - {name for _, tables, _ in KEPT for name in tables.split()})
    context = {"durees": kept, "a_classer": unsorted, "responsable": settings.RESPONSIBLE, "contact": settings.CONTACT}
    return render(request, "guichet/traitements.html", context)


@require_http_methods(["GET", "POST"])
def donnees(request: HttpRequest) -> HttpResponseBase:
    """All that is kept about an applicant, as a ZIP.  Who is asked about is in the form, not in the address."""
    actor = asking(request)
    if not rights.programmes(actor, personal.ANSWER):
        raise Http404
    refused, asked = "", request.POST.get("qui", "")
    if request.method == "POST":
        try:
            found = personal.found(actor, asked)
            if not found:
                raise Refused("ABSENT", "Rien n'est gardé sous ce numéro ni cette référence dans vos programmes.")
        except Refused as error:
            refused = error.message
        else:
            archive = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the answer closes it
            personal.write(actor, found, archive)
            archive.seek(0)
            name = f"donnees-{timezone.localdate():%Y-%m-%d}.zip"
            return FileResponse(archive, as_attachment=True, filename=name, content_type="application/zip")
    return render(request, "guichet/donnees.html", {"refus": refused, "qui": asked}, status=422 if refused else 200)


urlpatterns = [
    path("donnees", donnees, name="donnees"),
    path("donnees/traitements", traitements, name="traitements"),
]
