"""Whether the ledger is as it was written: the chain, and every row that it vouches for.

The audit chain is walked first. Then what its lines say is compared with the rows:
documents with their amounts and payloads, links (ledger.document_proof), exchange rates,
certificates, signatures, approvals and what people decided (ledger.decision_proof).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ledger.audit import Audit
from ledger.decision_proof import DecisionProof
from ledger.document_proof import DocumentProof
from ledger.proofs import Fault
from ledger.work import Section, Work

__all__ = ["Fault", "Verification", "Verified"]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and the first fault of each kind of row."""

    lines: int
    documents: int = 0
    payloads: int = 0
    unhashed: int = 0
    """Payloads from before the ledger kept digests: they open, and that is all."""
    erased: int = 0
    expired: int = 0
    """Payloads that were emptied when their retention was over, as the chain tells."""
    certificates: int = 0
    signatures: int = 0
    faults: tuple[Fault, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether everything is as it was written."""
        return not self.faults


class Verification(Section):
    """Proves the rows of a connection against its audit chain."""

    def __init__(self, work: Work, chain: Audit) -> None:
        super().__init__(work)
        self._chain = chain

    def verify(self) -> Verified:
        """Look at everything; of a chain that is broken nothing more can be proved."""
        walked = self._chain.verify()
        if not walked.ok:
            fault = Fault("audit line", walked.message, walked.broken_at)
            return Verified(lines=walked.rows, faults=(fault,))
        counts: Counter[str] = Counter()
        proofs = (DocumentProof(self._work, counts), DecisionProof(self._work, counts))
        first = [next(check, None) for proof in proofs for check in proof.checks()]
        faults = tuple(one for one in first if one is not None)
        return Verified(lines=walked.rows, faults=faults, **counts)
