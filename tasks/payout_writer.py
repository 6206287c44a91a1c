"""Journals of payouts at Visma.net: made on hold, proved, released; found after doubt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

from connectors.errors import (
    AbortError,
    ConfigError,
    InDoubtError,
    RecordError,
    RetryableError,
)
from connectors.visma.journal_models import JournalRow, JournalWrite, NewJournalLine
from connectors.visma.tables import CashAccount
from ledger import BookedDocument, Claim, Unit
from mapping.payments import provider_text
from mapping.payout_models import JournalPart, PayoutDraft
from mapping.payouts import by_account
from mapping.rounding import ZERO
from tasks.direction import Ends, Sent
from tasks.known_payments import provider_names
from tasks.payouts import JOURNAL
from tasks.settled_lines import note_booked, refuse_twice
from tasks.without_total import WithoutTotal

__all__ = ["PayoutWriter", "ledger_accounts"]


class PayoutWriter(WithoutTotal):
    """Writes journals. Each step looks at what stands first, so it can be repeated."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:
        """The journal with the references that payments carry; its lines are taken now.

        Raises:
            RecordError: Another payout has taken one of them.
        """
        draft = PayoutDraft.model_validate_json(claim.body)
        refuse_twice(unit, claim.source_id, claim.label, draft)
        note_booked(unit, claim.source_id, draft)
        names = {provider_text(r) for one in draft.parts for r in one.references}
        known = provider_names(unit, names)
        parts = tuple(_with_known_text(known, one) for one in draft.parts)
        return draft.model_copy(update={"parts": parts}).model_dump_json().encode()

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Make the journal, unless it is there, and take it to where it belongs.

        Raises:
            RecordError: What stands there is otherwise, or Visma.net refuses it.
            InDoubtError: It was made and is not finished.
        """
        draft = await _resolved(claim, ends)
        number = await _standing(claim, draft, ends)
        if number is None:
            number = await ends.visma.create_journal(_body(draft))
        try:
            return await _finish(claim, number, draft, ends, how="created")
        except (RetryableError, ConfigError, AbortError) as error:
            # It stands there now, so it must be looked for before anything else.
            message = f"journal {number} was made, but not finished: {error.message}"
            raise InDoubtError(message, request_id=error.request_id) from error

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look for a journal by its reference and description, and finish it.

        Raises:
            RecordError: Several carry them, or one that differs.
        """
        draft = await _resolved(claim, ends)
        number = await _standing(claim, draft, ends)
        if number is None:
            return None
        try:
            return await _finish(claim, number, draft, ends, how="found")
        except InDoubtError:
            return None


def ledger_accounts(kept: Sequence[CashAccount]) -> dict[str, str]:
    """The general ledger account behind each cash account, by its number."""
    return {one.number: one.account_number or one.number for one in kept}


def _with_known_text(known: Collection[str], one: JournalPart) -> JournalPart:
    """Name a payment as the payment itself does, where the provider has several names."""
    names = [provider_text(reference) for reference in one.references]
    text = next((name for name in names if name in known), one.text)
    return one.model_copy(update={"text": text})


async def _resolved(claim: Claim, ends: Ends) -> PayoutDraft:
    """The draft with accounts of the general ledger in place of cash accounts."""
    draft = PayoutDraft.model_validate_json(claim.body)
    behind = ledger_accounts(await ends.visma.get_cash_accounts())
    parts = tuple(
        one.model_copy(update={"account": behind.get(one.account, one.account)})
        for one in draft.parts
    )
    return draft.model_copy(update={"parts": parts})


async def _standing(claim: Claim, draft: PayoutDraft, ends: Ends) -> str | None:
    """The number of the journal that books a payout already, if there is one.

    Raises:
        RecordError: There are several.
    """
    found = await ends.visma.find_journals(
        draft.reference, description=draft.description, period=draft.period
    )
    if len(found) > 1:
        numbers = ", ".join(sorted(one.batch_number for one in found))
        raise RecordError(
            f"{claim.label}: journals {numbers} all carry its reference "
            f"{draft.reference}",
            code="DUPLICATE_REFERENCE",
            fix="Reverse all but one of them in Visma.net and change their description, "
            "then retry.",
            record_id=claim.label,
        )
    return found[0].batch_number if found else None


def _body(draft: PayoutDraft) -> JournalWrite:
    """The journal to create: on hold."""
    debit = sum((one.amount for one in draft.parts if one.amount > 0), ZERO)
    return JournalWrite(
        hold=True,
        transaction_date=f"{draft.on.isoformat()}T00:00:00",
        post_period=draft.post_period,
        currency_id=draft.currency,
        exchange_rate=draft.rate.rate if draft.rate else None,
        description=draft.description,
        branch=draft.branch,
        control_total_in_currency=debit,
        journal_transaction_lines=tuple(
            NewJournalLine(
                account_number=one.account,
                reference_number=draft.reference,
                transaction_description=one.text or None,
                debit_amount_in_currency=one.amount if one.amount > 0 else None,
                credit_amount_in_currency=-one.amount if one.amount < 0 else None,
            )
            for one in draft.parts
        ),
    )


async def _finish(
    claim: Claim, number: str, draft: PayoutDraft, ends: Ends, *, how: str
) -> Sent:
    """Take a journal from where it is to balanced, and by setting into the books."""
    row = await ends.visma.get_journal(number)
    _refuse_different(claim, draft, row)
    if row.status == "Hold":
        free = JournalWrite(hold=False)
        await ends.visma.update_journal(number, free, row.etag or "")
        row = await ends.visma.get_journal(number)
    if draft.releases and not row.is_released:
        work_id = await ends.visma.release_journal(number)
        row = await ends.visma.get_journal(number)
        if work_id is not None and not row.is_released:
            await ends.visma.finish_journal_release(number, work_id)
            row = await ends.visma.get_journal(number)
        if not row.is_released:
            message = f"the release of journal {number} is not done: it is {row.status}"
            raise InDoubtError(message)
    _note_base(claim, draft, row, ends)
    return Sent(JOURNAL, number, {"how": how, "status": row.status})


def _note_base(claim: Claim, draft: PayoutDraft, row: JournalRow, ends: Ends) -> None:
    """Keep what the payout came to in the company's currency, as Visma.net has it."""
    if draft.rate is None:
        return
    bank = {one.account for one in draft.parts if one.part == "bank"}
    base = sum(
        (
            one.base
            for one in row.journal_transaction_lines
            if one.account_number in bank
        ),
        ZERO,
    )
    document = BookedDocument(JOURNAL, row.batch_number, base, row.exchange_rate)
    with ends.books.begin() as unit:
        unit.rates.booked(claim.direction, claim.source_id, document)


def _refuse_different(claim: Claim, draft: PayoutDraft, row: JournalRow) -> None:
    """See that what stands is what was meant; a draft stays on hold if it is not.

    Raises:
        RecordError: It is otherwise.
    """
    wanted, there = by_account(draft.parts), row.by_account
    wrong = [
        f"account {account} gains {there.get(account, Decimal(0)):,f}, not "
        f"{wanted.get(account, Decimal(0)):,f}"
        for account in sorted({*wanted, *there})
        if wanted.get(account) != there.get(account)
    ]
    if row.currency_id != draft.currency:
        wrong.insert(0, f"its currency is {row.currency_id}, not {draft.currency}")
    if wrong:
        raise RecordError(
            f"{claim.label}: journal {row.batch_number} in Visma.net ({row.status}) "
            f"carries its reference, but {' and '.join(wrong)}",
            code="FOUND_BUT_DIFFERENT",
            fix="Correct that journal in Visma.net, then retry.",
            record_id=claim.label,
        )
