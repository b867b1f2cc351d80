"""The kinds of letters: what the law makes each one say, and the facts that no dossier holds.

A letter is a sequence of blocks, and a block has a role.  The text of a block belongs to the pack; what it holds (the
list of what is asked, the steps of an amount, the bases of a liquidation) comes from the decision or the facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

# The role of a block that only says its text.
FREE: Final = "texte"
# Where the one free text of a letter goes (the fact of the same name).
NOTE: Final = "mention"
# How a letter names the decision that it takes up again (the fact of the same name).
TAKEN_UP: Final = "decision_reprise"


class Role(Struct, frozen=True):
    """What a block says: `title` in French, `law` that demands it, names between braces that its text must hold."""

    title: str
    law: str = ""
    names: tuple[str, ...] = ()

    @property
    def described(self) -> str:
        """Its title, and the law that demands it."""
        return f"{self.title} ({self.law})" if self.law else self.title


ROLES: Final[Mapping[str, Role]] = {
    "reception": Role("la date de réception de la demande", "CRPA R. 112-5", ("recue_le",)),
    "silence": Role("la date de la décision implicite", "CRPA R. 112-5", ("silence_le",)),
    "pieces": Role("la liste de ce qui manque", "CRPA L. 114-5"),
    "delai": Role("le délai pour compléter", "CRPA L. 114-5", ("completer_avant_le",)),
    "suspension": Role("ce qui se passe pendant ce délai", "CRPA L. 114-5"),
    "recours": Role("les voies et délais de recours", "CJA R. 421-5", ("delai_recours", "tribunal")),
    "decision": Role("la décision", "CRPA L. 211-5"),
    "montants": Role("le calcul du montant", "décret n° 2012-1246"),
    "motifs": Role("les motifs, en droit et en fait", "CRPA L. 211-5"),
    "constats": Role("ce qui est constaté", "CRPA L. 122-1"),
    "somme": Role("la somme en jeu", "CRPA L. 122-1", ("montant",)),
    "observations": Role("l'invitation à présenter des observations", "CRPA L. 122-1", ("repondre_avant_le",)),
    "procedure": Role("le rappel de la procédure contradictoire", "CRPA L. 122-1", ("contradictoire_le",)),
    "observations_recues": Role("les observations reçues", "CRPA L. 122-1"),
    "envisage": Role("ce qui est envisagé", "CRPA L. 122-1", ("acte", "decision_le")),
    "controle": Role("ce que l'administration contrôle, constate ou conclut"),
    "production": Role("le délai pour répondre au contrôle", "", ("repondre_avant_le",)),
    "suite": Role("ce que l'administration retient", "CRPA L. 122-1"),
    "bases": Role("les bases de la liquidation", "décret n° 2012-1246, article 24", ("montant",)),
    "versement": Role("comment la somme est versée, quand elle reste à payer"),
    NOTE: Role("la mention libre de l'agent"),
    FREE: Role("un texte"),
}


# What the applicant of an incomplete request is told, unless it is not to be completed but rejected.
COMPLETING: Final = ("pieces", "delai", "suspension")


class Fact(Struct, frozen=True):
    """A fact that a letter is given, of a type of `TYPES`; `help` says what it is for."""

    name: str
    title: str
    type: str
    required: bool = True
    help: str = ""


_TEXT: Final[dict[str, Any]] = {"type": "string", "pattern": r"\S", "maxLength": 5000}
_DAY: Final[dict[str, Any]] = {"type": "string", "format": "date"}
_CENTS: Final[dict[str, Any]] = {"type": "integer", "minimum": 1, "maximum": 10**15}


def _object(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def _titled(schema: Mapping[str, Any], title: str) -> dict[str, Any]:
    return {"title": title, **schema}


def _list(item: Mapping[str, Any], least: int = 1) -> dict[str, Any]:
    return {"type": "array", "minItems": least, "maxItems": 200, "items": dict(item)}


TYPES: Final[Mapping[str, dict[str, Any]]] = {
    "texte": _TEXT,
    "date": _DAY,
    "montant": _titled(_CENTS, "En centimes"),
    "oui_non": {"type": "boolean"},
    "acte": {"enum": ["retrait", "abrogation"]},
    "personne": _object(
        ("nom", "qualite"),
        nom=_titled(_TEXT, "Prénom et nom"),
        qualite=_titled(_TEXT, "Qualité"),
        telephone=_titled(_TEXT, "Téléphone"),
        courriel=_titled(_TEXT, "Adresse électronique"),
    ),
    "destinataire": _object((), nom=_titled(_TEXT, "Nom"), adresse=_titled(_list(_TEXT), "Lignes de l'adresse")),
    "constats": _list(_object(("texte", "source"), texte=_titled(_TEXT, "En fait"), source=_titled(_TEXT, "En droit"))),
    "bases": _list(
        _object(
            ("libelle", "montant", "source"),
            libelle=_titled(_TEXT, "Ce qui est repris"),
            calcul=_titled(_TEXT, "Calcul"),
            montant=_titled(_CENTS, "En centimes"),
            source=_titled(_TEXT, "En droit"),
        )
    ),
    "observations": _list(
        _object(
            ("recues_le", "resume"),
            recues_le=_titled(_DAY, "Reçues le"),
            resume=_titled(_TEXT, "Ce qu'elles disent"),
            reponse=_titled(_TEXT, "Réponse de l'administration"),
        )
    ),
}

# What every letter may be given: whom it goes to, who is in charge (CRPA L. 111-2), the one free text.
EVERY: Final = (
    Fact("destinataire", "Destinataire", "destinataire", False, "Sans elle, le demandeur du dossier."),
    Fact("agent", "Agent chargé du dossier", "personne"),
    Fact("reference", "Référence à rappeler", "texte", False, "Sans elle, celle du dossier."),
    Fact(NOTE, "Mention libre", "texte", False),
)
_SIGNATORY: Final = Fact("signataire", "Signataire", "personne")
_DEPARTURE: Final = Fact(
    "ecart", "Motif de l'agent, quand la décision s'écarte des règles", "constats", False, "Un seul élément suffit."
)
# The sum of an acceptance that departs from the rules; `{montant}` is then this one.
_FIXED: Final = (
    Fact("montant", "Somme fixée, quand une acceptation s'écarte des règles", "montant", False),
    Fact("motif_montant", "Motif de cette somme", "texte", False),
)
_CONTRADICTORY: Final = Fact("contradictoire_le", "Date de la lettre qui ouvre le contradictoire", "date")
_ANSWER_BY: Final = Fact("repondre_avant_le", "Dernier jour pour répondre", "date")
# Several decisions may bear one date: the letter names the one that it is about.
_UNDONE: Final = (
    Fact("acte", "Retrait ou abrogation", "acte"), Fact("decision_le", "Date de la décision reprise", "date"),
    Fact(TAKEN_UP, "Décision reprise : ce qu'elle a décidé, sur quelle demande", "texte"),
)  # fmt: skip
_RECEIVED: Final = Fact("observations", "Observations reçues", "observations", False)


class LetterKind(Struct, frozen=True):
    """A kind of letter: the roles that its blocks must have, where they apply, and the facts that it is given.

    `verdict` is the decision that it tells, empty when it tells none; `asks`: it may ask the applicant to complete.
    """

    name: str
    title: str
    roles: tuple[str, ...]
    facts: tuple[Fact, ...]
    verdict: str = ""
    asks: bool = False
    request: bool = True

    def fact(self, name: str) -> Fact | None:
        """A fact by its name."""
        return next((one for one in self.facts if one.name == name), None)

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of its facts."""
        properties = {}
        for fact in self.facts:
            described = {"title": fact.title, **({"description": fact.help} if fact.help else {})}
            properties[fact.name] = {**TYPES[fact.type], **described}
        return _object(tuple(fact.name for fact in self.facts if fact.required), **properties)


def _kind(
    name: str, title: str, roles: str, *facts: Fact, verdict: str = "", asks: bool = False, request: bool = True
) -> LetterKind:
    return LetterKind(name, title, tuple(roles.split()), (*EVERY, *facts), verdict, asks, request)


_COMPLETE_BY: Final = Fact(
    "completer_avant_le", "Dernier jour pour compléter", "date", False, "Sans elle, au terme du délai du programme."
)
KINDS: Final[Mapping[str, LetterKind]] = {
    one.name: one
    for one in (
        _kind(
            "accuse_reception", "Accusé de réception", "reception silence pieces delai suspension recours",
            _COMPLETE_BY, asks=True,
        ),
        _kind(
            "demande_complement", "Demande de complément", "pieces delai suspension", _SIGNATORY, _COMPLETE_BY,
            _DEPARTURE, verdict="completer", asks=True,
        ),
        _kind("acceptation", "Acceptation", "decision montants", _SIGNATORY, _DEPARTURE, *_FIXED, verdict="accepter"),
        _kind("rejet", "Rejet", "decision motifs recours", _SIGNATORY, _DEPARTURE, verdict="rejeter"),
        _kind(
            "mise_en_demeure", "Mise en demeure", "constats somme observations", _SIGNATORY,
            Fact("constats", "Constats", "constats"), Fact("montant", "Somme en jeu", "montant"), _ANSWER_BY,
            request=False,
        ),
        _kind(
            "ouverture_contradictoire", "Ouverture de la procédure contradictoire", "envisage constats observations",
            _SIGNATORY, *_UNDONE, Fact("constats", "Motifs", "constats"), _ANSWER_BY, request=False,
        ),
        _kind(
            "fin_contradictoire", "Fin de la procédure contradictoire", "procedure observations_recues suite",
            _SIGNATORY, _CONTRADICTORY, _RECEIVED, Fact("suite", "Ce que l'administration retient", "texte"),
            Fact("montant", "Somme retenue", "montant", False), request=False,
        ),
        _kind(
            "proposition_ordre", "Proposition d'ordre de recouvrer", "decision procedure motifs bases recours",
            _SIGNATORY, _CONTRADICTORY, _RECEIVED, Fact("constats", "Motifs", "constats"),
            Fact("bases", "Bases de la liquidation", "bases"), Fact("montant", "Somme à reverser", "montant"),
            request=False,
        ),
        _kind(
            "retrait", "Retrait ou abrogation d'une décision", "decision motifs procedure recours", _SIGNATORY,
            *_UNDONE, Fact("constats", "Motifs", "constats"),
            Fact("effet_le", "Date d'effet d'une abrogation", "date", False),
            Fact("a_la_demande", "À la demande du bénéficiaire", "oui_non", False),
            Fact("contradictoire_le", _CONTRADICTORY.title, "date", False, "Sauf à la demande du bénéficiaire."),
            _RECEIVED, request=False,
        ),
        _kind(
            "notification_controle", "Notification d'un contrôle", "controle production",
            Fact("controle", "Ce qui est contrôlé, et ce qui est à produire", "texte"), _ANSWER_BY, request=False,
        ),
        _kind(
            "constat_controle", "Constat provisoire d'un contrôle", "controle observations",
            Fact("controle", "Ce qui est constaté, en fait et en droit", "texte"), _ANSWER_BY, request=False,
        ),
        _kind(
            "conclusion_controle", "Conclusion d'un contrôle", "controle",
            Fact("controle", "Ce qui est conclu, et pourquoi", "texte"), request=False,
        ),
    )
}  # fmt: skip

# The values that the texts of a letter may name, besides its facts, the mentions and the parameters of the pack.
VALUES: Final[Mapping[str, str]] = {
    "programme": "le titre du programme",
    "demandeur": "le nom du demandeur",
    "reference": "la référence du dossier",
    "date": "la date de la lettre",
    "version": "la version du texte appliquée",
}
REQUEST_VALUES: Final[Mapping[str, str]] = {
    "demande": "le titre de la demande, dans une phrase",
    "recue_le": "le jour et l'heure de réception de la demande",
}
# Of an acknowledgement only, when silence is a decision.
SILENCE_VALUES: Final[Mapping[str, str]] = {
    "silence_le": "le jour au terme duquel le silence vaut décision",
    "silence_sens": "ce que le silence décide : rejet ou acceptation",
}
# Of an acceptance with an amount.
AMOUNT_VALUES: Final[Mapping[str, str]] = {"montant": "le montant de la demande"}
# Of a withdrawal.
WITHDRAWAL_VALUES: Final[Mapping[str, str]] = {
    "acte": "« le retrait » ou « l'abrogation », avec le jour à compter duquel elle vaut quand il est donné",
    "repris": "« retirée » ou « abrogée »",
}


def names(kind: LetterKind) -> dict[str, str]:
    """What the texts of a letter may name between braces, with what it is."""
    found = dict(VALUES)
    if kind.request:
        found |= REQUEST_VALUES
    if "silence" in kind.roles:
        found |= SILENCE_VALUES
    if "montants" in kind.roles:
        found |= AMOUNT_VALUES
    for fact in kind.facts:
        if fact.type in ("date", "montant"):
            found.setdefault(fact.name, fact.title)
    if kind.fact("acte") is not None:
        found |= WITHDRAWAL_VALUES
    return found
