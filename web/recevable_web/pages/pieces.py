"""The pieces of a dossier: what is joined and where, joining more, and looking at one beside what it is about.

A browser never shows the bytes that came from elsewhere: it shows pictures of their pages, drawn here, and gives the
bytes themselves as a file to save.  Both are served apart (`/contenus/`), under a policy that allows nothing.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

import recevable
from recevable_web import inspection, packs
from recevable_web.actions import dossiers, pieces
from recevable_web.actions.refused import Refused
from recevable_web.pages.common import asking, number, readable, seen
from recevable_web.pages.opening import document, opened
from recevable_web.pages.uploads import taking
from recevable_web.records.models import Access, Kind, Piece

# How many pieces a page lists, and files that a form takes.
_LISTED: Final = 50
_AT_ONCE: Final = 10
# The policy of what came from elsewhere: nothing runs, nothing is loaded, no page frames it.
_POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_ENDS: Final = {Kind.PDF: ".pdf", Kind.PNG: ".png", Kind.JPEG: ".jpg", Kind.TIFF: ".tiff"}


@require_safe
def liste(request: HttpRequest, pk: int) -> HttpResponse:
    """What is joined to a dossier, by place, and a form to join more."""
    found = opened(request, pk, "pieces")
    places = pieces.places(found.dossier)
    place = request.GET.get("place")
    listed = Piece.objects.filter(dossier=found.dossier).select_related("blob", "author")
    if place in places:
        listed = listed.filter(place=place)
    after = number(request.GET.get("apres"))
    if after:
        listed = listed.filter(pk__lt=after)
    shown = list(listed.order_by("-pk")[: _LISTED + 1])
    page = shown[:_LISTED]
    rank = {name: order for order, name in enumerate(places)}
    by_place = sorted(page, key=lambda one: rank.get(one.place, len(rank)))
    doubles = _doubles(request, page)
    context = found.context(
        "pieces",
        groupes=[
            (places.get(name, name), [(one, doubles.get(one.pk, [])) for one in group])
            for name, group in groupby(by_place, key=lambda one: one.place)
        ],
        places=places.items(),
        place=place if place in places else None,
        titre_place=places.get(place or "", ""),
        suivante=page[-1].pk if len(shown) > _LISTED else None,
        le_plus_lourd=pieces.size(pieces.MOST_BYTES),
        a_la_fois=_AT_ONCE,
    )
    return render(request, "guichet/pieces.html", context)


def _doubles(request: HttpRequest, listed: list[Piece]) -> dict[int, list[str]]:
    """Where else the same files are, among the dossiers that the user may open."""
    blobs = {one.blob_id for one in listed}
    others = (
        Piece.objects.filter(blob__in=blobs, dossier__programme__in=readable(request))
        .select_related("dossier")
        .order_by("pk")[: 10 * _LISTED]
    )
    found: dict[int, list[str]] = {}
    for other in others:
        for one in listed:
            if one.blob_id == other.blob_id and one.pk != other.pk:
                here = other.dossier_id == one.dossier_id
                where = "ce dossier, à une autre place" if here else other.dossier.reference
                if where not in found.setdefault(one.pk, []):
                    found[one.pk].append(where)
    return found


@taking(_AT_ONCE * pieces.MOST_BYTES + 1_000_000)
@require_POST
def joindre(request: HttpRequest, pk: int) -> HttpResponse:
    """Join files at a place; each is taken or refused by itself."""
    found = seen(request, pk)
    files = request.FILES.getlist("fichiers")
    if not files or len(files) > _AT_ONCE:
        messages.error(request, f"Choisissez un fichier au moins, {_AT_ONCE} au plus.")
    for one in files[:_AT_ONCE] if len(files) <= _AT_ONCE else ():
        name = pieces.shown(one.name or "")
        try:
            if (one.size or 0) > pieces.MOST_BYTES:
                raise Refused("TAILLE", f"Ce fichier est trop lourd : {pieces.size(pieces.MOST_BYTES)} au plus.")
            pieces.attach(asking(request), found, request.POST.get("place", pieces.ELSEWHERE), name, one.read())
            messages.success(request, f"{name} : joint au dossier.")
        except Refused as refused:
            messages.error(request, f"{name} : {refused.message}")
    return redirect("pieces", pk=pk)


@require_safe
def piece(request: HttpRequest, pk: int, rank: int) -> HttpResponse:
    """A piece, page by page, beside what the rules say of it."""
    found = opened(request, pk, "piece")
    one = Piece.objects.filter(pk=rank, dossier=found.dossier).select_related("blob", "author").first()
    if one is None:
        raise Http404
    page = min(max(number(request.GET.get("page")), 1), one.blob.pages)
    text, fault = "", ""
    try:
        text = inspection.text(pieces.content(one), one.blob.kind, page)
    except Refused as refused:
        fault = refused.message
    except inspection.Unreadable as unreadable:
        fault = str(unreadable)
    pack = packs.in_force(found.dossier.programme, found.today)
    found_here = [] if pack is None else _findings(found, pack, one.place)
    places = {} if pack is None else {field.path: field.title for field in packs.opened(pack.pk).documents()}
    context = found.context(
        "pieces",
        piece=one,
        titre_place=places.get(one.place, "Autres pièces"),
        page=page,
        precedente=page - 1,
        suivante=page + 1 if page < one.blob.pages else 0,
        texte=text,
        faute=fault,
        poids=pieces.size(one.blob.size),
        remarques=one.blob.remarks.splitlines(),
        constats=found_here,
    )
    return render(request, "guichet/piece.html", context)


def _findings(found: Any, pack: Any, place: str) -> list[tuple[str, list[tuple[str, Any]]]]:
    """What the rules say about a place, request by request: what prevents acceptance first."""
    if not place:
        return []
    programme = packs.opened(pack.pk)
    decision = dossiers.decided(found.version, pack, found.today)
    shown = []
    for one in decision.requests:
        lines = [f for f in one.findings if document(programme, pack.pk, f) == place and str(f.result) != "sans_objet"]
        lines.sort(key=lambda f: f.consequence is None)
        if lines:
            shown.append((one.title, [(recevable.sections.RESULTS[f.result][0], f) for f in lines]))
    return shown


def _content(request: HttpRequest, rank: int) -> tuple[Piece, bytes]:
    """A piece that the user may open, and its bytes; that they were read is kept."""
    one = (
        Piece.objects.filter(pk=rank, dossier__programme__in=readable(request))
        .select_related("blob", "dossier")
        .first()
    )
    if one is None:
        raise Http404
    try:
        content = pieces.content(one)
    except Refused:
        raise Http404 from None
    programme = one.dossier.programme
    Access.objects.create(account=asking(request), programme=programme, dossier=one.dossier, what="contenu")
    return one, content


def _apart(content: bytes, kind: str, disposition: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Security-Policy"] = _POLICY
    response["Content-Disposition"] = disposition
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_safe
def contenu(request: HttpRequest, rank: int) -> HttpResponse:
    """The bytes of a piece as they came, to be saved and not shown, under a name that ends as what they are."""
    one, content = _content(request, rank)
    ends = _ENDS[Kind(one.blob.kind)]
    name = one.name if one.name.lower().endswith(ends) else f"{one.name}{ends}"
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response = _apart(content, "application/octet-stream", disposition or "attachment")
    response["Repr-Digest"] = f"sha-256=:{_base64(one.blob.sha256)}:"
    return response


@require_safe
def image(request: HttpRequest, rank: int, page: int) -> HttpResponse:
    """A page of a piece, drawn as a picture."""
    one, content = _content(request, rank)
    if not 1 <= page <= one.blob.pages:
        raise Http404
    try:
        drawn = inspection.picture(content, one.blob.kind, page)
    except inspection.Unreadable:
        raise Http404 from None
    return _apart(drawn, "image/png", "inline")


def _base64(digest: str) -> str:
    from base64 import b64encode

    return b64encode(bytes.fromhex(digest)).decode()


urlpatterns = [
    path("dossiers/<int:pk>/pieces", liste, name="pieces"),
    path("dossiers/<int:pk>/pieces/joindre", joindre, name="joindre"),
    path("dossiers/<int:pk>/pieces/<int:rank>", piece, name="piece"),
    path("contenus/<int:rank>", contenu, name="contenu"),
    path("contenus/<int:rank>/pages/<int:page>", image, name="image"),
]
