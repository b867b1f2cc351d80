"""The words of an example: a decision in one line, with its sums as everywhere else."""

from __future__ import annotations

from datetime import date

from recevable import data
from recevable.programme import open_programme
from recevable.proofs.report import request_words


def test_a_sum_to_pay_is_written_as_in_decisions() -> None:
    programme = open_programme("af-ope-mss")
    content = (data.shipped("fixtures") / "af-ope-mss" / "solde-cas-b.json").read_bytes()
    said = [request_words(one) for one in programme.decide(programme.read(content), date(2023, 10, 2)).requests]
    assert said[-1] == "Demande de solde : accepter, 95\u202f349,18\u00a0€ à payer"
