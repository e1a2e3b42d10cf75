"""recon378 reconciles: it takes the records of two sources, decides which belong together, and accounts for every
difference that is left. Arrow tables in, Arrow tables out.

>>> import recon378 as rc
>>> bank = [{"reference": "INV-1", "amount": "10.50"}, {"reference": "INV-2", "amount": "7.00"}]
>>> ledger = [{"reference": "INV-2", "amount": "7.01"}, {"reference": "INV-3", "amount": "9.99"}]
>>> outcome = rc.reconcile(bank, ledger, on=["reference", rc.within("amount", "0.01")])
>>> outcome
<Outcome: 1 matched, 0 proposed, 2 open; tied out>
>>> outcome.breaks.to_pylist()[0]["reason"]
'missing_on_right'
"""

from __future__ import annotations

from recon378 import _spec as spec
from recon378 import _summary as figures
from recon378._compare import (
    ColumnSummary,
    Comparison,
    ComparisonSummary,
    LargestDifference,
    OneSided,
    compare,
)
from recon378._conditions import business_days, days, equals, larger, levels, occurs, similar, slip, within
from recon378._diff import (
    Diff,
    DiffAmount,
    DiffCell,
    DiffFlow,
    DiffGroupAmounts,
    DiffGroups,
    DiffRecords,
    DiffSource,
    DiffSummary,
    DiffTieOut,
    DiffWarning,
    TermChange,
    diff,
)
from recon378._errors import (
    Cancelled,
    DataError,
    InternalError,
    LimitError,
    Mistake,
    ReconError,
    SpecError,
    UnavailableError,
)
from recon378._outcome import TABLES, Explanation, Outcome, register
from recon378._reconcile import (
    Check,
    Progress,
    check,
    cluster,
    reconcile,
    reconcile_async,
    tqdm_progress,
    validate,
)
from recon378._recon378 import __version__, schema
from recon378._spec import (
    BetweenFilter,
    Calendar,
    ColumnCell,
    Condition,
    DebitCreditCell,
    Defaults,
    EqualsFilter,
    IndicatorCell,
    InFilter,
    IsNullFilter,
    Limits,
    LongField,
    Lookup,
    MatchesFilter,
    Pass,
    Read,
    Source,
    Spec,
    Sum,
    ThirdTable,
    TieOut,
)
from recon378._summary import Summary
from recon378._table import Table

__all__ = [
    "BetweenFilter",
    "Calendar",
    "Cancelled",
    "Check",
    "ColumnCell",
    "ColumnSummary",
    "Comparison",
    "ComparisonSummary",
    "Condition",
    "DataError",
    "DebitCreditCell",
    "Defaults",
    "Diff",
    "DiffAmount",
    "DiffCell",
    "DiffFlow",
    "DiffGroupAmounts",
    "DiffGroups",
    "DiffRecords",
    "DiffSource",
    "DiffSummary",
    "DiffTieOut",
    "DiffWarning",
    "EqualsFilter",
    "Explanation",
    "InFilter",
    "IndicatorCell",
    "InternalError",
    "IsNullFilter",
    "LargestDifference",
    "LimitError",
    "Limits",
    "LongField",
    "Lookup",
    "MatchesFilter",
    "Mistake",
    "OneSided",
    "Outcome",
    "Pass",
    "Progress",
    "Read",
    "ReconError",
    "Source",
    "Spec",
    "SpecError",
    "Sum",
    "Summary",
    "TABLES",
    "Table",
    "TermChange",
    "ThirdTable",
    "TieOut",
    "UnavailableError",
    "__version__",
    "business_days",
    "check",
    "cluster",
    "compare",
    "days",
    "diff",
    "equals",
    "figures",
    "larger",
    "levels",
    "occurs",
    "reconcile",
    "reconcile_async",
    "register",
    "schema",
    "similar",
    "slip",
    "spec",
    "tqdm_progress",
    "validate",
    "within",
]
