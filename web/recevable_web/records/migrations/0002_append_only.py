"""Rows that nobody may change, whatever program writes: triggers, on both databases.

They are not enough by themselves (a superuser of PostgreSQL can set them aside): the chain of acts shows what got
through.  Contents of acts, letters, pieces and payment files may be erased by a purge, which an act records; they are
never changed.
"""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records.append_only import final, freeze, keep, refusing, unreplaced

# The unique keys of each table of which rows are only ever added.
KEPT: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "act": (("rank",), ("digest",), ("draft_id",)),
    "packversion": (("id",), ("programme", "digest")),
    "packfile": (("id",), ("pack_id", "name")),
    "publication": (("id",),),
    "dossierversion": (("id",), ("dossier_id", "rank")),
    "evaluation": (("id",), ("version_id", "pack_id", '"on"')),
    "evaluationrequest": (("id",), ("evaluation_id", "name", "key")),
    "appraisal": (("id",), ("version_id",)),
    "event": (("id",),),
    "statechange": (("id",),),
    "accountevent": (("id",),),
    "note": (("id",),),
    "blob": (("id",), ("sha256",)),
    "piece": (("id",), ("dossier_id", "place", "blob_id")),
    "purge": (("act_id",),),
    "letter": (("id",), ("act_id", "kind")),
    "sending": (("id",), ("letter_id", "rank")),
    "sendingevent": (("id",),),
    "paymentfile": (("id",),),
    "paymentanswer": (("id",), ("file_id", "line")),
    "procedurestep": (("id",), ("act_id",), ("procedure_id", "rank")),
    "controlcampaign": (("act_id",),),
    "control": (("id",), ("campaign_id", "dossier_id"), ("campaign_id", "rank")),
    "controlstep": (("id",), ("control_id", "kind")),
}
# Those of which rows may be deleted, never changed, with their keys.
ERASABLE: Final[dict[str, tuple[str, ...]]] = {
    "actcontent": ("act_id",),
    "access": ("id",),
    "lettercontent": ("letter_id",),
    "blobcontent": ("blob_id",),
    "paymentfilecontent": ("file_id",),
}
# Those of which some columns change: the others, which never do.
FROZEN: Final[dict[str, tuple[str, ...]]] = {
    # a right is edited only to end it
    "grant": ("id", "account_id", "role", "programme", "starts", "granted_by_id", "granted_at", "reason"),
    # what was prepared is what is signed
    "draft": (
        "kind", "dossier_id", "request", "key", "about", "evaluation_id", "verdict", "follows", "reason", "source",
        "content", "prepared_by_id", "prepared_at",
    ),
    "payment": (
        "dossier_id", "programme", "request", "key", "rank", "act_id", "decision_id", "cents", "name", "iban", "bic",
    ),
    "completionrequest": ("dossier_id", "act_id", "request", "key", "asked_on", "due", "items"),
    "procedure": (
        "kind", "dossier_id", "programme", "request", "key", "decision_id", "rule", "title", "modality", "basis",
        "source", "ground", "effect", "heard", "found_on", "reason", "opened_by_id", "opened_at", "prescribed_on",
    ),
}  # fmt: skip
# Their other unique keys, with the condition of those that are partial.
OTHERS: Final[tuple[tuple[str, tuple[str, ...], str], ...]] = (
    # a right that was taken back stays beside the next
    ("grant", ("account_id", "role", "programme", "starts"), "revoked_at IS NULL AND NEW.revoked_at IS NULL"),
    (
        "draft",
        ("dossier_id", "kind", "request", "key", "about"),
        "status = 'prepare' AND NEW.status = 'prepare'",
    ),
    ("payment", ("act_id",), ""),
    ("payment", ("dossier_id", "request", "key", "rank"), ""),
    (
        "payment",
        ("dossier_id", "request", "key"),
        "status IN ('signe', 'ordonne') AND NEW.status IN ('signe', 'ordonne')",
    ),
    ("completionrequest", ("act_id",), ""),
    ("procedure", ("dossier_id", "kind", "rule", "request", "key"), "stage <> 'close' AND NEW.stage <> 'close'"),
    ("procedurestep", ("procedure_id", "reference"), "kind = 'reversement' AND NEW.kind = 'reversement'"),
    ("sendingevent", ("sending_id",), "kind = 'depose' AND NEW.kind = 'depose'"),
)
# When the columns that may change no longer do.
FINAL: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "payment": (
        "OLD.status IN ('paye', 'refuse', 'annule')",
        ("status", "file_id", "paid_on", "paid_cents", "reference", "reason"),
    ),
    "completionrequest": ("OLD.outcome <> ''", ("outcome", "closed_on", "closed_by_id", "answer_id", "reason")),
    "procedure": (
        "OLD.stage = 'close'",
        ("stage", "notified_on", "answer_until", "claimed_cents", "decided_cents", "repaid_cents"),
    ),
}

_NEXT = """
    SELECT COALESCE(MAX(rank), 0) + 1 FROM records_act
"""
_LAST = """
    SELECT COALESCE((SELECT digest FROM records_act ORDER BY rank DESC LIMIT 1), '{genesis}')
""".format(genesis="0" * 64)
_FOLLOWS: Final = f"NEW.rank <> ({_NEXT}) OR NEW.previous <> ({_LAST})"
_COVERED: Final = "EXISTS (SELECT 1 FROM records_purge WHERE what = 'acces' AND OLD.at < until)"
_ACT: Final = "NOT EXISTS (SELECT 1 FROM records_act WHERE rank = NEW.act_id AND kind = 'purge')"

_SQLITE: Final = (
    f"CREATE TRIGGER records_act_follows BEFORE INSERT ON records_act WHEN {_FOLLOWS} "
    "BEGIN SELECT RAISE(ABORT, 'the act does not follow the last one'); END",
    f"CREATE TRIGGER records_access_no_delete BEFORE DELETE ON records_access WHEN NOT {_COVERED} "
    "BEGIN SELECT RAISE(ABORT, 'append-only: records_access'); END",
    f"CREATE TRIGGER records_purge_has_act BEFORE INSERT ON records_purge WHEN {_ACT} "
    "BEGIN SELECT RAISE(ABORT, 'a purge without its act'); END",
)
_POSTGRESQL: Final = (
    "CREATE FUNCTION records_follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF {_FOLLOWS} THEN RAISE EXCEPTION 'the act does not follow the last one'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER records_act_follows BEFORE INSERT ON records_act FOR EACH ROW EXECUTE FUNCTION records_follow()",
    "CREATE FUNCTION records_refuse_unless_purged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF {_COVERED} THEN RETURN OLD; END IF; RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER records_access_no_delete BEFORE DELETE ON records_access "
    "FOR EACH ROW EXECUTE FUNCTION records_refuse_unless_purged()",
    "CREATE FUNCTION records_purge_has_act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF {_ACT} THEN RAISE EXCEPTION 'a purge without its act'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER records_purge_has_act BEFORE INSERT ON records_purge "
    "FOR EACH ROW EXECUTE FUNCTION records_purge_has_act()",
)


def apply(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the triggers, and the head of an empty chain."""
    refusing(schema_editor)
    for table, keys in KEPT.items():
        keep(schema_editor, f"records_{table}", *keys)
    for table, key in ERASABLE.items():
        keep(schema_editor, f"records_{table}", key, erasable=True)
    for table, columns in FROZEN.items():
        freeze(schema_editor, f"records_{table}", *columns)
    for table, key, where in OTHERS:
        unreplaced(schema_editor, f"records_{table}", *key, where=where)
    for table, (condition, columns) in FINAL.items():
        final(schema_editor, f"records_{table}", condition, *columns)
    for statement in _POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE:
        # no parameters: a percent sign stands for itself
        schema_editor.execute(statement, params=None)
    apps.get_model("records", "ChainHead").objects.create(id=1, rank=0, digest="0" * 64)


class Migration(migrations.Migration):
    """See the module."""

    dependencies: ClassVar = [("records", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(apply)]
