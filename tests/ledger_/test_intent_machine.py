"""Any order of steps by three workers, crashes included, judged by what was sent."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from connectors.errors import AbortError
from ledger import Claim, Keyring, Ledger, StaleClaimError
from tests.ledger_.conftest import Clock
from tests.ledger_.given import ORDERS, draft, entry

KEYS = Keyring([Keyring.generate()])
WORKERS = st.integers(0, 2)
LEASE = 300
VISIBLE_AFTER = timedelta(minutes=5)  # shorter than two probes are apart


class IntentMachine(RuleBasedStateMachine):
    """One order; a target that may take a document and lose the answer.

    The rules are what a careful worker does: it probes when it is told to, sends
    only what it marked, and takes a document it finds. Between any two rules a worker
    may be killed (its claim forgotten) or sleep through its lease.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.claims: dict[int, Claim] = {}
        self.guarded: set[str] = set()
        self.documents: list[str] = []
        self.written_at = self.clock.now
        url = f"sqlite:///{Path(self.folder.name) / 'ledger.db'}"
        self.ledgers = [
            Ledger.open(url, KEYS, clock=self.clock, owner=f"w{n}", durable=False)
            for n in range(3)
        ]
        self.books = [ledger.of("nordic") for ledger in self.ledgers]
        self.revision = 0
        self.read_source()

    def teardown(self) -> None:
        """Close what was opened."""
        for ledger in self.ledgers:
            ledger.close()
        self.folder.cleanup()

    @rule()
    def read_source(self) -> None:
        """The source changes, is read, mapped and planned as a create."""
        with self.books[0].begin() as unit:
            run_id = unit.runs.start(ORDERS, "k1", "apply", "s1")
            batch = unit.records.open_batch(ORDERS, run_id)
            changed = entry("1", fingerprint=f"f{self.revision}")
            unit.records.take_page(batch, [changed])
            row = unit.records.get(ORDERS, "1")
            assert row is not None
            body_hash = f"h{row.revision}"
            unit.records.put_draft(
                ORDERS, "1", row.revision, draft(body_hash=body_hash)
            )
            unit.intents.plan(
                ORDERS,
                "1",
                "create",
                draft(body_hash=body_hash),
                revision=row.revision,
                run_id=run_id,
                batch_id=batch,
            )
            self.revision = row.revision

    @rule(worker=WORKERS)
    def take(self, worker: int) -> None:
        """A worker claims what is free."""
        with self.books[worker].begin() as unit:
            for one in unit.intents.claim(ORDERS, limit=1, lease_seconds=LEASE):
                self.claims[worker] = one

    @rule(worker=WORKERS, end=st.sampled_from(["ok", "lost", "never", "refused"]))
    def send(self, worker: int, end: str) -> None:
        """It sends what it holds; the answer may be lost, or it may be killed."""
        one = self.claims.pop(worker, None)
        if one is None:
            return
        try:
            with self.books[worker].begin() as unit:
                one = unit.intents.mark_sending(one)
        except StaleClaimError:
            return
        assert one.body_hash not in self.guarded  # what is held is never sent
        if end in {"ok", "lost"}:
            self.documents.append(f"SO{len(self.documents) + 1}")
            self.written_at = self.clock.now
        if end == "ok":
            self._confirm(worker, one)
        elif end == "refused":
            with self.books[worker].begin() as unit:
                unit.intents.reject(one, code="C", reason="r", fix="f")

    @rule(worker=WORKERS)
    def hold_back(self, worker: int) -> None:
        """A run's guard wants what is not sent yet approved by a person."""
        with self.books[worker].begin() as unit:
            for row in unit.intents.pending(ORDERS, states=("planned", "held")):
                if row.is_current and not row.approved:
                    assert unit.intents.hold_back(row, "looks wrong")
                    self.guarded.add(row.body_hash)

    @rule(worker=WORKERS)
    def let_go(self, worker: int) -> None:
        """The next guard has nothing against it any more."""
        with self.books[worker].begin() as unit:
            for row in unit.intents.held():
                assert unit.intents.let_go(row)
                self.guarded.discard(row.body_hash)

    @rule(worker=WORKERS)
    def save_plan(self, worker: int) -> None:
        """What is held is shown to a person as a plan."""
        with self.books[worker].begin() as unit:
            held = [row.intent_id for row in unit.intents.held()]
            run_id = unit.runs.start(ORDERS, "k1", "apply", "s1")
            unit.plans.save(ORDERS, run_id, held, "abc", {}, is_of_held=True)

    @rule(worker=WORKERS)
    def approve(self, worker: int) -> None:
        """A person approves what the plan showed; what changed since stays held."""
        with self.books[worker].begin() as unit:
            plan = unit.plans.get("abc")
            released = unit.plans.release("abc")
        if plan is not None:
            shown = {item.intent_id: item.body_hash for item in plan.items}
            self.guarded -= {shown[each] for each in released}

    @rule(worker=WORKERS)
    def forget(self, worker: int) -> None:
        """A worker is killed with its claim in hand."""
        self.claims.pop(worker, None)

    @rule(minutes=st.sampled_from([1, 2, 6, 10]))
    def wait(self, minutes: int) -> None:
        """Leases end, probes fall due."""
        self.clock.advance(minutes=minutes)

    @rule(worker=WORKERS)
    def probe(self, worker: int) -> None:
        """Reap, then look for what is in doubt; a fresh document is not visible yet."""
        now = self.clock.now
        with self.books[worker].begin() as unit:
            unit.intents.reap(now)
            due = unit.intents.due_probes(ORDERS, now, 9, LEASE)
        for one in due:
            seen = self.documents and now - self.written_at >= VISIBLE_AFTER
            if seen:
                self._confirm(worker, one)
                continue
            with self.books[worker].begin() as unit:
                if one.probes == 0:
                    again = now + timedelta(minutes=8)
                    unit.intents.probed(one, found=False, next_probe_at=again)
                else:
                    unit.intents.resend(one)

    @rule(worker=WORKERS)
    def resend_without_a_probe(self, worker: int) -> None:
        """The ledger refuses what a careless worker would do."""
        now = self.clock.now + timedelta(days=1)
        with self.books[worker].begin() as unit:
            for one in unit.intents.due_probes(ORDERS, now, 9, 0):
                if one.probes == 0:
                    try:
                        unit.intents.resend(one)
                    except AbortError:
                        continue
                    raise AssertionError

    def _confirm(self, worker: int, one: Claim) -> None:
        with self.books[worker].begin() as unit:
            assert unit.intents.confirm(
                one, target_kind="sales_order", target_id=self.documents[0]
            )

    @invariant()
    def one_document_at_most(self) -> None:
        """Never twice."""
        assert len(self.documents) <= 1

    @invariant()
    def the_ledger_agrees(self) -> None:
        """Never lost: linked once confirmed, and otherwise still to be done."""
        with self.books[0].read() as unit:
            (intent,) = unit.intents.of_source(ORDERS, "1")
            link = unit.links.get(ORDERS, "1")
            row = unit.records.get(ORDERS, "1")
            assert unit.audit.verify().ok
        assert row is not None
        assert (link is not None) == (intent.state == "confirmed")
        if intent.state != "confirmed":
            assert row.state != "settled"
        if intent.state == "held":
            assert (intent.body_hash in self.guarded, intent.approved) == (True, False)
        if self.documents:
            assert intent.state in {"sending", "in_doubt", "confirmed"}


TestIntentMachine = IntentMachine.TestCase
TestIntentMachine.settings = settings(
    max_examples=12,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
