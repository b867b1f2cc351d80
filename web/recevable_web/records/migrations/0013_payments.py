"""Payments, the files exchanged with the payer, and each answer: kept, and final once the payer has answered."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from recevable_web.records.append_only import final, freeze, keep, unreplaced

FROZEN = (
    "dossier_id", "programme", "request", "key", "rank", "act_id", "decision_id", "cents", "name", "iban", "bic",
)  # fmt: skip
ANSWERED = ("status", "file_id", "paid_on", "paid_cents", "reference", "reason")


def apply(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The triggers."""
    keep(schema_editor, "records_paymentfile", ("id",))
    keep(schema_editor, "records_paymentfilecontent", ("file_id",), erasable=True)
    keep(schema_editor, "records_paymentanswer", ("id",), ("file_id", "line"))
    freeze(schema_editor, "records_payment", *FROZEN)
    unreplaced(schema_editor, "records_payment", "act_id")
    unreplaced(schema_editor, "records_payment", "dossier_id", "request", "key", "rank")
    waiting = "status IN ('signe', 'ordonne') AND NEW.status IN ('signe', 'ordonne')"
    unreplaced(schema_editor, "records_payment", "dossier_id", "request", "key", where=waiting)
    final(schema_editor, "records_payment", "OLD.status IN ('paye', 'refuse', 'annule')", *ANSWERED)


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0012_drafts_of_kinds"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaymentFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme", models.CharField(max_length=100)),
                (
                    "direction",
                    models.CharField(
                        choices=[("ordres", "Ordres de payer"), ("reponses", "Réponses du payeur")], max_length=20
                    ),
                ),
                ("format", models.CharField(max_length=10)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.PositiveIntegerField()),
                ("number", models.PositiveIntegerField()),
                ("cents", models.BigIntegerField(default=0)),
                ("faults", models.JSONField(default=list)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme", models.CharField(max_length=100)),
                ("request", models.CharField(max_length=60)),
                ("key", models.CharField(blank=True, max_length=60)),
                ("rank", models.PositiveIntegerField()),
                ("cents", models.BigIntegerField()),
                ("name", models.CharField(max_length=500)),
                ("iban", models.CharField(max_length=40)),
                ("bic", models.CharField(blank=True, max_length=20)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("signe", "Signé, à ordonner"),
                            ("ordonne", "Ordonné, sans réponse"),
                            ("paye", "Payé"),
                            ("refuse", "Refusé par le payeur"),
                            ("annule", "Annulé avant d'être ordonné"),
                        ],
                        default="signe",
                        max_length=10,
                    ),
                ),
                ("paid_on", models.DateField(null=True)),
                ("paid_cents", models.BigIntegerField(null=True)),
                ("reference", models.CharField(blank=True, max_length=200)),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "act",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payment", to="records.act"
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="records.act"
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payments", to="records.dossier"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="records.dossierversion",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="records.paymentfile",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PaymentFileContent",
            fields=[
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="content",
                        serialize=False,
                        to="records.paymentfile",
                    ),
                ),
                ("content", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="PaymentAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("given", models.JSONField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("applique", "Pris en compte"),
                            ("deja_dit", "Déjà dit, sans changement"),
                            ("inconnu", "Ordre inconnu"),
                            ("non_ordonne", "Ordre jamais envoyé"),
                            ("montant", "Montant différent de l'ordre"),
                            ("date", "Date impossible"),
                            ("contredit", "Contredit une réponse déjà prise en compte"),
                        ],
                        max_length=20,
                    ),
                ),
                ("said", models.TextField(blank=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="records.payment",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="records.paymentfile",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="paymentfile",
            index=models.Index(fields=["programme", "id"], name="payment_file_listed"),
        ),
        migrations.AddConstraint(
            model_name="paymentanswer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("file__isnull", False)), fields=("file", "line"), name="payment_answer_once"
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(fields=["programme", "status", "id"], name="payment_listed"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(fields=("dossier", "request", "key", "rank"), name="payment_once"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ("signe", "ordonne"))),
                fields=("dossier", "request", "key"),
                name="payment_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(condition=models.Q(("cents__gt", 0)), name="payment_of_something"),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("file__isnull", True), ("status__in", ("signe", "annule"))),
                    models.Q(("file__isnull", False), ("status__in", ("ordonne", "paye", "refuse"))),
                    _connector="OR",
                ),
                name="payment_ordered_by_a_file",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paid_cents__gt", 0), ("paid_on__isnull", False), ("status", "paye")),
                    models.Q(
                        models.Q(("status", "paye"), _negated=True),
                        ("paid_cents__isnull", True),
                        ("paid_on__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="payment_paid_is_whole",
            ),
        ),
        migrations.RunPython(apply),
    ]
