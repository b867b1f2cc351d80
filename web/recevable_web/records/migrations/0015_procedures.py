"""Procedures of recovery and of undoing, and their steps: what a procedure is about never changes, steps are kept."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records.append_only import final, freeze, keep, unreplaced

FROZEN = (
    "kind", "dossier_id", "programme", "request", "key", "decision_id", "rule", "title", "modality", "basis", "source",
    "ground", "effect", "heard", "found_on", "reason", "opened_by_id", "opened_at", "prescribed_on",
)  # fmt: skip
MOVED = ("stage", "notified_on", "answer_until", "claimed_cents", "decided_cents", "repaid_cents")


def apply(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The triggers."""
    freeze(schema_editor, "records_procedure", *FROZEN)
    waiting = "stage <> 'close' AND NEW.stage <> 'close'"
    unreplaced(schema_editor, "records_procedure", "dossier_id", "kind", "rule", "request", "key", where=waiting)
    final(schema_editor, "records_procedure", "OLD.stage = 'close'", *MOVED)
    keep(schema_editor, "records_procedurestep", ("id",), ("act_id",), ("procedure_id", "rank"))
    repaid = "kind = 'reversement' AND NEW.kind = 'reversement'"
    unreplaced(schema_editor, "records_procedurestep", "procedure_id", "reference", where=repaid)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0014_deadlines"),
    ]

    operations = [
        migrations.CreateModel(
            name="Procedure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("recouvrement", "Recouvrement"), ("retrait", "Retrait ou abrogation")], max_length=20
                    ),
                ),
                ("programme", models.CharField(max_length=100)),
                ("request", models.CharField(blank=True, max_length=60)),
                ("key", models.CharField(blank=True, max_length=60)),
                ("rule", models.CharField(blank=True, max_length=100)),
                ("title", models.CharField(max_length=300)),
                ("modality", models.CharField(blank=True, max_length=20)),
                ("basis", models.CharField(blank=True, max_length=20)),
                ("source", models.CharField(blank=True, max_length=300)),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("illegalite", "Décision illégale (CRPA, L242-1)"),
                            ("condition", "Condition de la subvention non respectée (CRPA, L242-2, 2°)"),
                            ("demande", "Demande du bénéficiaire (CRPA, L242-3 et L242-4)"),
                            ("fraude", "Décision obtenue par fraude (CRPA, L241-2)"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "effect",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("retrait", "Retrait : pour le passé et l'avenir"),
                            ("abrogation", "Abrogation : pour l'avenir seulement"),
                        ],
                        max_length=20,
                    ),
                ),
                ("heard", models.BooleanField(default=True)),
                ("claimed_cents", models.BigIntegerField(null=True)),
                ("found_on", models.DateField()),
                ("reason", models.TextField()),
                ("opened_at", models.DateTimeField(auto_now_add=True)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("ouverte", "Ouverte"),
                            ("a_notifier", "Mise en demeure signée, à notifier"),
                            ("notifiee", "Notifiée, observations attendues"),
                            ("entendue", "Observations reçues, à décider"),
                            ("decidee", "Décidée"),
                            ("ordre_propose", "Ordre de recouvrer proposé"),
                            ("close", "Close"),
                        ],
                        default="ouverte",
                        max_length=20,
                    ),
                ),
                ("prescribed_on", models.DateField(null=True)),
                ("notified_on", models.DateField(null=True)),
                ("answer_until", models.DateField(null=True)),
                ("decided_cents", models.BigIntegerField(null=True)),
                ("repaid_cents", models.BigIntegerField(default=0)),
                (
                    "decision",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="procedures",
                        to="records.act",
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="procedures", to="records.dossier"
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProcedureStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("ouverture", "Ouverture"),
                            ("mise_en_demeure", "Mise en demeure signée"),
                            ("notification", "Notification au bénéficiaire"),
                            ("observations", "Observations du bénéficiaire"),
                            ("decision", "Décision signée"),
                            ("ordre", "Proposition d'ordre de recouvrer signée"),
                            ("reversement", "Reversement"),
                            ("cloture", "Clôture"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("on", models.DateField()),
                ("cents", models.BigIntegerField(null=True)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("text", models.TextField(blank=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "act",
                    models.OneToOneField(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="step", to="records.act"
                    ),
                ),
                (
                    "procedure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="records.procedure"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="procedure",
            index=models.Index(
                condition=models.Q(("stage", "close"), _negated=True),
                fields=["programme", "prescribed_on", "id"],
                name="procedure_listed",
            ),
        ),
        migrations.AddConstraint(
            model_name="procedure",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stage", "close"), _negated=True),
                fields=("dossier", "kind", "rule", "request", "key"),
                name="procedure_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="procedure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("stage__in", ("decidee", "ordre_propose")), _negated=True),
                    ("heard", False),
                    ("notified_on__isnull", False),
                    _connector="OR",
                ),
                name="procedure_heard_first",
            ),
        ),
        migrations.AddConstraint(
            model_name="procedure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("heard", True), models.Q(("ground", "demande"), ("kind", "retrait")), _connector="OR"
                ),
                name="procedure_heard_unless_asked",
            ),
        ),
        migrations.AddConstraint(
            model_name="procedure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_cents__isnull", True),
                    models.Q(
                        ("claimed_cents__isnull", False),
                        ("decided_cents__gte", 0),
                        ("decided_cents__lte", models.F("claimed_cents")),
                    ),
                    _connector="OR",
                ),
                name="procedure_within_claim",
            ),
        ),
        migrations.AddConstraint(
            model_name="procedure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("repaid_cents", 0),
                    models.Q(
                        ("decided_cents__isnull", False),
                        ("repaid_cents__gt", 0),
                        ("repaid_cents__lte", models.F("decided_cents")),
                    ),
                    _connector="OR",
                ),
                name="procedure_repaid_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="procedurestep",
            constraint=models.UniqueConstraint(fields=("procedure", "rank"), name="procedure_step_once"),
        ),
        migrations.AddConstraint(
            model_name="procedurestep",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "reversement")),
                fields=("procedure", "reference"),
                name="procedure_repayment_once",
            ),
        ),
        migrations.RunPython(apply),
    ]
