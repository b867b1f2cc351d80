"""The addresses.  None holds a name, a reference or any other personal datum."""

from __future__ import annotations

from django.urls import path

from recevable_web.pages import views

urlpatterns = [
    path("", views.file, name="file"),
    path("connexion", views.connexion, name="connexion"),
    path("deconnexion", views.deconnexion, name="deconnexion"),
    path("importer", views.importer, name="importer"),
    path("dossiers/<int:pk>", views.dossier, name="dossier"),
    path("dossiers/<int:pk>/apprecier", views.apprecier, name="apprecier"),
    path("dossiers/<int:pk>/preparer", views.preparer, name="preparer"),
    path("dossiers/<int:pk>/questions/<str:rule>", views.effets, name="effets"),
    path("projets/<int:pk>/signer", views.signer, name="signer"),
    path("projets/<int:pk>/renvoyer", views.renvoyer, name="renvoyer"),
    path("registre", views.registre, name="registre"),
    path("registre/export", views.exporter, name="exporter"),
    path("sante", views.sante, name="sante"),
    path("pret", views.pret, name="pret"),
]
handler400 = "recevable_web.pages.views.malformee"
handler403 = "recevable_web.pages.views.refusee"
handler404 = "recevable_web.pages.views.absente"
handler500 = "recevable_web.pages.views.panne"
