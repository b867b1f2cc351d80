"""The tables.  Amounts are whole cents; instants are UTC; bytes of packs, dossiers and decisions are never edited.

Versions of dossiers, evaluations, publications and acts are append-only: triggers refuse any change
(`migrations/0002_append_only.py`), and the chain of acts shows one that got through all the same.
"""

from __future__ import annotations

from recevable_web.records.models.accounts import (
    DECIDERS,
    DEMO_DOMAIN,
    READERS,
    Access,
    Account,
    AccountEvent,
    AccountManager,
    Grant,
    Role,
    Session,
    Usage,
)
from recevable_web.records.models.acts import Act, ActContent, ChainHead, Draft, Purge, Verdict
from recevable_web.records.models.controls import Control, ControlCampaign, ControlStep
from recevable_web.records.models.deadlines import CompletionRequest, Deadline
from recevable_web.records.models.dossiers import (
    NO_DEADLINE,
    UNKNOWN_DEADLINE,
    Appraisal,
    Clock,
    Dossier,
    DossierVersion,
    Evaluation,
    EvaluationRequest,
    Event,
    Note,
    State,
)
from recevable_web.records.models.entry import Entry, Import, ImportLine
from recevable_web.records.models.jobs import (
    UNFINISHED,
    Batch,
    BatchResult,
    BatchSlice,
    Export,
    ExportPart,
    Leased,
    Status,
    WorkerSign,
)
from recevable_web.records.models.letters import Letter, LetterContent
from recevable_web.records.models.packs import PackFile, PackVersion, Publication
from recevable_web.records.models.payments import (
    MADE,
    Payment,
    PaymentAnswer,
    PaymentFile,
    PaymentFileContent,
    PaymentReturn,
)
from recevable_web.records.models.pieces import Blob, BlobContent, Kind, Piece
from recevable_web.records.models.procedures import Procedure, ProcedureStep
from recevable_web.records.models.publishing import PackComparison, PackSubmission, SubmittedFile
from recevable_web.records.models.queue import QueuePreference, QueueRequest, Reservation, SearchText
from recevable_web.records.models.sending import Sending, SendingEvent
from recevable_web.records.models.statistics import StateChange, StatisticRow

__all__ = [
    "DECIDERS",
    "DEMO_DOMAIN",
    "MADE",
    "NO_DEADLINE",
    "READERS",
    "UNFINISHED",
    "UNKNOWN_DEADLINE",
    "Access",
    "Account",
    "AccountEvent",
    "AccountManager",
    "Act",
    "ActContent",
    "Appraisal",
    "Batch",
    "BatchResult",
    "BatchSlice",
    "Blob",
    "BlobContent",
    "ChainHead",
    "Clock",
    "CompletionRequest",
    "Control",
    "ControlCampaign",
    "ControlStep",
    "Deadline",
    "Dossier",
    "DossierVersion",
    "Draft",
    "Entry",
    "Evaluation",
    "EvaluationRequest",
    "Event",
    "Export",
    "ExportPart",
    "Grant",
    "Import",
    "ImportLine",
    "Kind",
    "Leased",
    "Letter",
    "LetterContent",
    "Note",
    "PackComparison",
    "PackFile",
    "PackSubmission",
    "PackVersion",
    "Payment",
    "PaymentAnswer",
    "PaymentFile",
    "PaymentFileContent",
    "PaymentReturn",
    "Piece",
    "Procedure",
    "ProcedureStep",
    "Publication",
    "Purge",
    "QueuePreference",
    "QueueRequest",
    "Reservation",
    "Role",
    "SearchText",
    "Sending",
    "SendingEvent",
    "Session",
    "State",
    "StateChange",
    "StatisticRow",
    "Status",
    "SubmittedFile",
    "Usage",
    "Verdict",
    "WorkerSign",
]
