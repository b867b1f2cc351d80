"""Payments: what is to be paid, the files sent to the payer and those that come back, the payments of a dossier."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST, require_safe

import recevable
from recevable_web.actions import payment_files, payments
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import PAGE, acting, asking, day, holding, number, readable
from recevable_web.pages.opening import opened
from recevable_web.pages.uploads import taking
from recevable_web.records.models import MADE, Draft, Payment, PaymentAnswer, PaymentFile, PaymentFileContent, Role
from recevable_web.tables import masked

TO_SIGN: Final = "a-signer"
TO_PROPOSE: Final = "a-proposer"
_TABS: Final = {
    TO_PROPOSE: "À proposer",
    TO_SIGN: "À signer",
    **dict(Payment.Status.choices),
    payment_files.RETURNED: "Revenu après paiement",
}


@require_safe
def paiements(request: HttpRequest) -> HttpResponse:
    """The payments of a programme, by where they are, and the files exchanged with the payer."""
    programmes = sorted(readable(request))
    if not programmes:
        raise Http404
    programme = request.GET.get("programme", programmes[0])
    tab = request.GET.get("onglet", TO_PROPOSE)
    if programme not in programmes or tab not in _TABS:
        raise Http404
    after = number(request.GET.get("apres"))
    listed = _listed(programme, tab, after)
    files = PaymentFile.objects.filter(programme=programme).select_related("account").order_by("-id")
    context = {
        "programmes": programmes,
        "programme": programme,
        "onglets": [(key, label, key == tab) for key, label in _TABS.items()],
        "onglet": tab,
        "lignes": listed[:PAGE],
        "suivante": listed[PAGE - 1]["cle"] if len(listed) > PAGE else None,
        "fichiers": files[:PAGE],
        "formats": [(key, title) for key, (title, _) in payment_files.FORMATS.items()],
        "ordonne": programme in holding(request, Role.VALIDATOR),
        "repond": programme in holding(request, Role.INSTRUCTOR, Role.VALIDATOR),
        "a_ordonner": Payment.objects.filter(programme=programme, status=Payment.Status.SIGNED).count(),
    }
    return render(request, "guichet/paiements.html", context)


def _listed(programme: str, tab: str, after: int) -> list[dict[str, Any]]:
    """A page of a tab, and one line more when there are others."""
    if tab in (TO_PROPOSE, TO_SIGN):
        if tab == TO_PROPOSE:
            drafts = payments.payable([programme]).order_by("pk")
        else:
            waiting = {"kind": Draft.Kind.PAYMENT, "status": Draft.Status.PREPARED}
            drafts = Draft.objects.filter(dossier__programme=programme, **waiting).order_by("pk")
        found = drafts.filter(pk__gt=after).select_related("dossier", "act", "prepared_by")[: PAGE + 1]
        return [{"cle": one.pk, "projet": one, "centimes": one.content.get("centimes")} for one in found]
    where = {payment_files.RETURNED: ~Q(back=None), Payment.Status.PAID: MADE}.get(tab, Q(status=tab))
    of = Payment.objects.filter(where, programme=programme, pk__gt=after).order_by("pk")
    return [
        {"cle": one.pk, "paiement": one, "ordre": payment_files.named(one.pk), "compte": masked(one.iban)}
        for one in of.select_related("dossier", "file", "back")[: PAGE + 1]
    ]


def _programme(request: HttpRequest) -> str:
    programme = request.POST.get("programme", "")
    if programme not in readable(request):
        raise Http404
    return programme


@require_POST
def ordonner(request: HttpRequest) -> HttpResponse:
    """Make a file of the payments that wait to be ordered."""
    programme = _programme(request)
    try:
        file = payments.order(asking(request), programme, request.POST.get("format", ""))
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("paiements")
    message = recevable.wording.count(file.number, "paiement est ordonné", "paiements sont ordonnés")
    messages.success(request, f"{message} : téléchargez le fichier, et remettez-le au payeur une seule fois.")
    return redirect("paiements-fichier", pk=file.pk)


@taking(payment_files.MOST_BYTES + 1_000_000)
@require_POST
def reponses(request: HttpRequest) -> HttpResponse:
    """Take a file of answers of the payer."""
    programme = _programme(request)
    sent = request.FILES.get("fichier")
    try:
        if sent is None:
            raise Refused("FICHIER", "Choisissez le fichier de réponses du payeur.")
        file = payments.answered(asking(request), programme, sent.name or "sans nom", sent.read())
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("paiements")
    return redirect("paiements-fichier", pk=file.pk)


def _file(request: HttpRequest, pk: int) -> PaymentFile:
    found = payments.files(asking(request)).select_related("account").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
def fichier(request: HttpRequest, pk: int) -> HttpResponse:
    """A file, and what became of it: the orders without an answer, or the gaps of the answers."""
    file = _file(request, pk)
    kept = PaymentFileContent.objects.filter(file=file).exists()
    counts = dict(file.answers.values_list("outcome").annotate(Count("pk")))
    context = {
        "fichier": file,
        "envoye": file.direction == PaymentFile.Direction.ORDERS,
        "titre": f"{PaymentFile.Direction(file.direction).label} n° {file.pk}",
        "comptes": [(one.label, counts.get(one.value, 0)) for one in PaymentAnswer.Outcome],
        "ecarts": list(payments.gaps(file)),
        "sans_reponse": [(one, payment_files.named(one.pk)) for one in payments.unanswered(file)],
        "telecharge": kept and file.programme in holding(request, Role.VALIDATOR),
        "efface": not kept,
    }
    return render(request, "guichet/paiements_fichier.html", context)


@require_GET
def contenu(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes of a file, as they were sent or received, with their digest (RFC 9530)."""
    file = _file(request, pk)
    try:
        content = payments.content(asking(request), file)
    except Refused:
        raise Http404 from None
    kind = payment_files.FORMATS.get(file.format, ("", "application/octet-stream"))[1]
    response = HttpResponse(content, content_type=kind)
    name = f"{file.direction}-{file.pk}.{file.format or 'bin'}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(file.sha256)).decode()}:"
    return response


# --- the payments of a dossier ----------------------------------------------------------------------------------------


@require_safe
def du_dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """What was accepted, engaged and paid on each request of a dossier, and each payment."""
    found = opened(request, pk, "paiements")
    listed = list(found.dossier.payments.select_related("file", "act", "decision", "back").order_by("pk"))
    drafts = found.dossier.drafts.filter(kind=Draft.Kind.PAYMENT).select_related("prepared_by", "settled_by", "act")
    titles = {(one.name, one.key): one.title for one in found.dossier.queue_requests.all()}
    balances = payments.balances(found.dossier, listed)
    requests = [
        {"nom": name, "cle": key, "titre": title, "solde": balance, "signe": balance.decision}
        for (name, key), title in titles.items()
        if (balance := balances.get((name, key))) is not None and (balance.owed or balance.paid)
    ]
    lines = [(one, payment_files.named(one.pk), titles.get((one.request, one.key), one.request)) for one in listed]
    context = found.context(
        "paiements-dossier",
        demandes=requests,
        paiements=[
            (one, order, title, masked(one.iban), payments.returned(one), payments.unrecorded(one))
            for one, order, title in lines
        ],
        projets=[(one, payments.PAYMENT.title(one)) for one in drafts.order_by("-pk")[:PAGE]],
    )
    return render(request, "guichet/paiements_dossier.html", context)


@require_POST
def preparer(request: HttpRequest, pk: int) -> HttpResponse:
    """Prepare a payment for somebody else to sign."""
    form = request.POST

    def act(found: Any) -> str:
        payments.prepare(
            asking(request), found, number(form.get("vue")), form.get("demande", ""), form.get("cle", "")
        )  # fmt: skip
        return "Le paiement est préparé : une autre personne doit le signer."

    return acting(request, pk, act, "paiements-dossier")


def _on(request: HttpRequest, pk: int, act: Callable[[Payment], str]) -> HttpResponse:
    payment = Payment.objects.filter(pk=pk, programme__in=readable(request)).first()
    if payment is None:
        raise Http404
    return acting(request, payment.dossier_id, lambda _: act(payment), "paiements-dossier")


@require_POST
def repondre(request: HttpRequest, pk: int) -> HttpResponse:
    """Record by hand what the payer answered to an order."""
    form = request.POST

    def act(payment: Payment) -> str:
        cents = payment_files.parsed_cents(form.get("montant", "").strip()) if form.get("montant") else None
        given = payment_files.Answer(
            0, payment_files.named(payment.pk), form.get("statut", ""), day(form.get("paye_le", "")), cents,
            form.get("reference", "").strip()[:200], form.get("motif", "").strip()[:500],
            day(form.get("retourne_le", "")),
        )  # fmt: skip
        payments.answer(asking(request), payment, given)
        return "La réponse du payeur est consignée."

    return _on(request, pk, act)


@require_POST
def consigner(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what became of a payment in its dossier, where that failed before."""

    def act(payment: Payment) -> str:
        payments.record(asking(request), payment)
        return "Ce qui est arrivé au paiement est consigné dans le dossier."

    return _on(request, pk, act)


urlpatterns = [
    path("paiements", paiements, name="paiements"),
    path("paiements/ordonner", ordonner, name="paiements-ordonner"),
    path("paiements/reponses", reponses, name="paiements-reponses"),
    path("paiements/fichiers/<int:pk>", fichier, name="paiements-fichier"),
    path("paiements/fichiers/<int:pk>/contenu", contenu, name="paiements-contenu"),
    path("paiements/<int:pk>/repondre", repondre, name="paiement-repondre"),
    path("paiements/<int:pk>/consigner", consigner, name="paiement-consigner"),
    path("dossiers/<int:pk>/paiements", du_dossier, name="paiements-dossier"),
    path("dossiers/<int:pk>/paiements/preparer", preparer, name="paiement-preparer"),
]
