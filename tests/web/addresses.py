"""Every address of the application: who opens it, and what becomes of the others.  A new address is given its row here.

`test_rights` walks them all: without signing in, in each role, in each role of another programme, without the token of
the form.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from recevable_web.records.models import READERS, Role

NOBODY: Final[frozenset[Role]] = frozenset()
ANYBODY: Final = frozenset(Role)
DOSSIERS: Final = frozenset(READERS)
ADMINISTRATOR: Final = frozenset({Role.ADMINISTRATOR})
AUDITOR: Final = frozenset({Role.AUDITOR})
REGISTER: Final = frozenset({Role.AUDITOR, Role.ADMINISTRATOR, Role.VALIDATOR})


@dataclass(frozen=True)
class Address:
    """`opens`: the roles of the programme for which the page exists; `elsewhere`: the same roles in another programme.

    `does`: of those, the roles that may change something by it (none for a page that is read).  `of` names the object
    of each argument of the address, `sends` that of a field that the form needs (`test_rights.objects`).
    """

    name: str
    opens: frozenset[Role]
    elsewhere: frozenset[Role] = NOBODY
    does: frozenset[Role] = NOBODY
    form: bool = False
    public: bool = False
    of: dict[str, str] = field(default_factory=dict)
    sends: dict[str, str] = field(default_factory=dict)


def _page(name: str, opens: frozenset[Role], elsewhere: frozenset[Role] = NOBODY, /, **of: str) -> Address:
    return Address(name, opens, elsewhere, of=of)


def _form(
    name: str, opens: frozenset[Role], does: frozenset[Role], elsewhere: frozenset[Role] = NOBODY, /, **of: str
) -> Address:
    return Address(name, opens, elsewhere, does, form=True, of=of)


def _public(name: str, form: bool = False) -> Address:
    return Address(name, ANYBODY, ANYBODY, form=form, public=True)


_INSTRUCTOR: Final = frozenset({Role.INSTRUCTOR})
_LEADERS: Final = frozenset({Role.INSTRUCTOR, Role.CONTROLLER})
_VALIDATOR: Final = frozenset({Role.VALIDATOR})
_FOLLOWERS: Final = DOSSIERS | {Role.PUBLISHER, Role.DRAFTER}
_STARTERS: Final = frozenset({Role.INSTRUCTOR, Role.VALIDATOR, Role.PUBLISHER})

ADDRESSES: Final = (
    # For applicants, without an account.
    _public("demandeurs"),
    replace(_public("page_publique"), of={"programme": "programme", "profil": "profile"}),
    replace(_public("simuler"), of={"programme": "programme", "profil": "profile", "demande": "request"}),
    # Accounts, rights, sessions.
    _public("connexion"),
    _public("fournisseur"),
    _public("retour"),
    _form("deconnexion", ANYBODY, NOBODY, ANYBODY),
    _page("mon-compte", ANYBODY, ANYBODY),
    _form("fermer-session", ANYBODY, NOBODY, ANYBODY),
    _page("administration", ADMINISTRATOR, ADMINISTRATOR),
    _page("compte", ADMINISTRATOR, ADMINISTRATOR, pk="account"),
    _form("accorder", ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR, pk="account"),
    _form("fermer", ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR, pk="account"),
    _form("corriger", ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR, pk="account"),
    _form("deconnecter", ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR, pk="account"),
    _form("retirer-droit", ADMINISTRATOR, ADMINISTRATOR, pk="grant"),
    _page("audit", AUDITOR, AUDITOR),
    _page("journal", AUDITOR, AUDITOR),
    # The queue.
    _page("file", ANYBODY, ANYBODY),
    _form("filtrer", ANYBODY, NOBODY, ANYBODY),
    _form("colonnes", ANYBODY, NOBODY, ANYBODY),
    _form("lot-faire", ANYBODY, NOBODY, ANYBODY),
    _page("lot", ANYBODY, ANYBODY),
    _page("recherche", ANYBODY, ANYBODY),
    _form("instruire", DOSSIERS, _INSTRUCTOR, pk="dossier"),
    _form("liberer", DOSSIERS, _INSTRUCTOR, pk="dossier"),
    _form("affecter", DOSSIERS, frozenset({Role.INSTRUCTOR, Role.VALIDATOR}), pk="dossier"),
    # What comes in.
    _page("importer", _INSTRUCTOR, _INSTRUCTOR),
    _page("import", _INSTRUCTOR, pk="import"),
    # An entry is that of whoever types it: the colleagues do not see it either.
    _page("saisies", _INSTRUCTOR, _INSTRUCTOR),
    _page("saisie", NOBODY, pk="entry"),
    _page("partie", NOBODY, pk="entry", section="section"),
    _form("champ", NOBODY, NOBODY, pk="entry"),
    _form("recevoir", NOBODY, NOBODY, pk="entry"),
    _form("abandonner", NOBODY, NOBODY, pk="entry"),
    _page("faits-dossier", _INSTRUCTOR, pk="dossier"),
    _page("faits", _INSTRUCTOR, pk="dossier", section="fact"),
    # A dossier.
    _page("dossier", DOSSIERS, pk="dossier"),
    _page("effets", DOSSIERS, pk="asking", rule="question"),
    _form("apprecier", DOSSIERS, _INSTRUCTOR, pk="dossier"),
    _form("preparer", DOSSIERS, _INSTRUCTOR, pk="dossier"),
    _form("signer", DOSSIERS, _VALIDATOR, pk="draft"),
    _form("renvoyer", DOSSIERS, _VALIDATOR, pk="draft"),
    _page("envois", DOSSIERS, pk="letter"),
    replace(_form("envoyer", DOSSIERS, _INSTRUCTOR, pk="letter"), sends={"voie": "channel", "le": "day"}),
    replace(_form("remis", DOSSIERS, _INSTRUCTOR, pk="sending"), sends={"preuve": "reason", "le": "day"}),
    replace(_form("revenu", DOSSIERS, _INSTRUCTOR, pk="sent"), sends={"cause": "why", "le": "day"}),
    _form("retirer", DOSSIERS, NOBODY, pk="draft"),
    replace(
        _form("retirer-complement", DOSSIERS, _INSTRUCTOR, pk="completing", completion="completion"),
        sends={"motif": "reason"},
    ),
    _page("projet", DOSSIERS, pk="draft"),
    _page("controles", DOSSIERS, pk="dossier", name="request"),
    replace(_form("recalculer", DOSSIERS, DOSSIERS, pk="dossier"), sends={"evaluation": "evaluation"}),
    # Pieces.
    _page("pieces", DOSSIERS, pk="dossier"),
    _form("joindre", DOSSIERS, _INSTRUCTOR, pk="dossier"),
    _page("piece", DOSSIERS, pk="dossier", rank="piece"),
    _page("contenu", DOSSIERS, rank="piece"),
    _page("image", DOSSIERS, rank="piece", page="first"),
    # Letters.
    _page("courriers", DOSSIERS, pk="dossier"),
    replace(_form("apercu", DOSSIERS, NOBODY, pk="dossier"), sends={"demande": "request"}),
    replace(_form("accuser", DOSSIERS, _INSTRUCTOR, pk="dossier"), sends={"demande": "request"}),
    _page("apercu-projet", DOSSIERS, pk="draft"),
    _page("courrier", DOSSIERS, rank="letter"),
    # Versions and notes.
    _page("versions", DOSSIERS, pk="dossier"),
    _form("completer", DOSSIERS, _INSTRUCTOR, pk="dossier"),
    _page("historique", DOSSIERS, pk="dossier"),
    _page("notes", DOSSIERS, pk="dossier"),
    # Payments.
    _page("paiements", DOSSIERS, DOSSIERS),
    replace(_form("paiements-ordonner", DOSSIERS, _VALIDATOR), sends={"programme": "programme"}),
    replace(_form("paiements-reponses", DOSSIERS, _INSTRUCTOR | _VALIDATOR), sends={"programme": "programme"}),
    _page("paiements-fichier", DOSSIERS, pk="payment_file"),
    _page("paiements-contenu", _VALIDATOR, pk="payment_file"),
    _form("paiement-repondre", DOSSIERS, _VALIDATOR, pk="payment"),
    _form("paiement-consigner", DOSSIERS, _INSTRUCTOR | _VALIDATOR, pk="payment"),
    _page("paiements-dossier", DOSSIERS, pk="dossier"),
    _form("paiement-preparer", DOSSIERS, _INSTRUCTOR, pk="dossier"),
    # Procedures.
    _page("recouvrements", DOSSIERS, DOSSIERS),
    _page("procedures-dossier", DOSSIERS, pk="dossier"),
    _form("procedure-ouvrir", DOSSIERS, _LEADERS, pk="dossier"),
    _page("procedure", DOSSIERS, pk="procedure"),
    _form("procedure-faire", DOSSIERS, _LEADERS, pk="procedure"),
    # The register.
    _page("registre", REGISTER, REGISTER),
    _page("exporter", REGISTER, REGISTER),
    _page("tete", REGISTER, REGISTER),
    _page("conservation", ADMINISTRATOR, ADMINISTRATOR),
    # Controls after payment.
    _page("campagnes", DOSSIERS, DOSSIERS),
    _page("campagne", DOSSIERS, pk="campaign"),
    _page("controle", DOSSIERS, pk="control"),
    # What is kept about an applicant.
    _page("donnees", ADMINISTRATOR | AUDITOR, ADMINISTRATOR | AUDITOR),
    _page("traitements", ADMINISTRATOR | AUDITOR, ADMINISTRATOR | AUDITOR),
    # What workers do, and the rules.
    _page("exports", DOSSIERS, DOSSIERS),
    # An export is that of whoever asked for it.
    _page("export-fichier", NOBODY, pk="export"),
    _form("export-annuler", NOBODY, NOBODY, pk="export"),
    _form("export-effacer", NOBODY, NOBODY, pk="export"),
    _page("reevaluations", _FOLLOWERS, _FOLLOWERS),
    _page("reevaluation", _FOLLOWERS, pk="batch"),
    _form("reevaluation-annuler", _FOLLOWERS, _STARTERS, pk="batch"),
    _page("tableau-de-bord", DOSSIERS, DOSSIERS),
    _page("statistiques", DOSSIERS, DOSSIERS),
    _page("statistiques-csv", DOSSIERS, DOSSIERS),
    _page("regles", ANYBODY, ANYBODY),
    _form("regles-deposer", ANYBODY, NOBODY, ANYBODY),
    # It compares the two versions that its query names.
    _page("regles-comparer", NOBODY),
    _page("proposition", ANYBODY, pk="submission"),
    _form("proposition-approuver", ANYBODY, NOBODY, pk="submission"),
    _form("proposition-ecarter", ANYBODY, NOBODY, pk="submission"),
    _form("proposition-essayer", ANYBODY, NOBODY, pk="submission"),
    # Health.
    _public("csp", form=True),
    _public("accessibilite"),
    _public("mentions"),
    _public("sante"),
    _public("pret"),
)
