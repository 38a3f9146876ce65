"""How a draft is shown over HTTP."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi.encoders import jsonable_encoder
from ledgerbridge.errors import LedgerbridgeError, Refused
from ledgerbridge.service.problems import Problem

from invoice_service.catalogue.buyers import BuyerMatch
from invoice_service.catalogue.customers import CatalogueCustomer, NewCustomer
from invoice_service.catalogue.taxes import TaxCode, TaxRules
from invoice_service.drafts.draft import BuyerChoice, Draft
from invoice_service.drafts.quotes import Quote
from invoice_service.drafts.reviews import (
    Company,
    Reading,
    Review,
    StepState,
    completed_lines,
    customer_tax_of,
    request_of,
)
from invoice_service.drafts.totals import Certainty, TaxAmount, Totals
from invoice_service.lines import InvoiceLine, OrderDiscount, subtotal
from invoice_service.orders.already_invoiced import Obstacle
from invoice_service.wizard import answers, requests
from invoice_service.wizard.store_drafts import StoredDraft


def problem_of(error: LedgerbridgeError) -> Problem:
    """A refusal as data."""
    return Problem(
        code=error.code,
        sentence=error.sentence,
        remedy=error.remedy,
        field=error.field,
        details=jsonable_encoder(error.details),
    )


def draft_answer(
    stored: StoredDraft,
    steps: Sequence[StepState],
    questions: Sequence[answers.Question],
    *,
    trouble: LedgerbridgeError | None = None,
    resumed: bool = False,
) -> answers.DraftAnswer:
    """The whole draft. `trouble` is why nothing can be said about the steps: it is the connection's."""
    draft = stored.draft
    shown = [_step(each) for each in steps]
    if trouble:
        shown = [answers.StepAnswer(step="connection", state="problem", problem=problem_of(trouble))]
    return answers.DraftAnswer(
        draft_id=draft.draft_id,
        version=draft.version,
        owner=stored.owner,
        created_at=stored.created_at,
        changed_at=stored.changed_at,
        resumed=resumed,
        locked=draft.order_id is not None,
        order_id=draft.order_id,
        order_state=stored.order_state,
        invoice_id=str(stored.invoice_id) if stored.invoice_id else None,
        deal=_deal(draft),
        connection_id=draft.connection_id,
        source=answers.SourceAnswer(kind=draft.source.kind, quote_id=draft.source.quote_id) if draft.source else None,
        buyer=_buyer(draft.buyer),
        lines=[_line(line) for line in draft.lines],
        discount=_discount(draft.discount),
        terms=_terms(draft),
        step=next((each.step for each in shown if each.problem), "review"),
        steps=shown,
        problems=[each.problem for each in shown if each.problem],
        questions=list(questions),
    )


def summary(stored: StoredDraft) -> answers.DraftSummary:
    """A draft in a list."""
    draft = stored.draft
    return answers.DraftSummary(
        draft_id=draft.draft_id,
        version=draft.version,
        owner=stored.owner,
        created_at=stored.created_at,
        changed_at=stored.changed_at,
        deal=_deal(draft),
        connection_id=draft.connection_id,
        buyer_name=draft.buyer.name,
        lines=len(draft.lines),
        subtotal=subtotal(draft.lines),
        locked=draft.order_id is not None,
    )


def _deal(draft: Draft) -> answers.DealAnswer:
    return answers.DealAnswer(deal_id=draft.deal_id or "", name=draft.deal_name, currency=draft.currency)


def _buyer(buyer: BuyerChoice) -> answers.BuyerAnswer:
    return answers.BuyerAnswer(
        customer_id=buyer.customer_id,
        name=buyer.name,
        email=buyer.email,
        currency=buyer.currency,
        how=buyer.how,
        certainty="certain" if buyer.new else buyer.certainty,
        candidates=_candidates(buyer),
        new=new_buyer(buyer.new) if buyer.new else None,
    )


def _candidates(buyer: BuyerChoice) -> list[answers.CustomerAnswer]:
    return [answers.CustomerAnswer.model_validate(each.model_dump()) for each in buyer.candidates]


def new_buyer(new: NewCustomer) -> requests.NewBuyer:
    """A customer to be made; characters that the door does not take back are left out (HubSpot's texts have any)."""
    said = new.model_dump(exclude={"record_type", "record_id"})
    return requests.NewBuyer.model_validate({**_printable(said), "address": _printable(said["address"])})


def _printable(texts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: "".join(filter(str.isprintable, text)) if isinstance(text, str) else text for name, text in texts.items()
    }


def _line(line: InvoiceLine) -> answers.LineAnswer:
    return answers.LineAnswer.model_validate(line.model_dump(include=set(answers.LineAnswer.model_fields)))


def _discount(discount: OrderDiscount | None) -> answers.DiscountAnswer | None:
    return answers.DiscountAnswer.model_validate(discount.model_dump()) if discount else None


def _terms(draft: Draft) -> answers.TermsAnswer:
    return answers.TermsAnswer(
        terms_id=draft.term_id,
        invoice_date=draft.invoice_date,
        due_date=draft.due_date,
        message=draft.message,
        number=draft.number,
        email=draft.bill_email,
    )


def _step(state: StepState) -> answers.StepAnswer:
    problem = problem_of(state.problem) if state.problem else None
    return answers.StepAnswer(step=state.step, state=state.state, problem=problem)


def questions_of(draft: Draft, obstacles: Sequence[Obstacle]) -> list[answers.Question]:
    """What a person must decide before the draft can be created."""
    questions: list[answers.Question] = []
    if obstacles and not (draft.another_reason or draft.order_id):
        existing = ", ".join(each.words for each in obstacles)
        asked = Refused("ALREADY_INVOICED", existing=existing)
        found = [answers.Existing(kind=each.kind, id=each.id, words=each.words) for each in obstacles]
        questions.append(
            answers.Question(
                code="ALREADY_INVOICED", sentence=asked.sentence, remedy=asked.remedy, existing=found, candidates=[]
            )
        )
    if draft.buyer.certainty == "several" and not draft.buyer.settled:
        names = ", ".join(f"{each.name} (id {each.customer_id})" for each in draft.buyer.candidates)
        asked = Refused("AMBIGUOUS_CUSTOMER", buyer=draft.deal_name or "the deal", candidates=names)
        questions.append(
            answers.Question(
                code="AMBIGUOUS_CUSTOMER",
                sentence=asked.sentence,
                remedy="Pick one of them, or create a new customer.",
                candidates=_candidates(draft.buyer),
            )
        )
    return questions


def quote_answer(quote: Quote, refusal: Refused | None) -> answers.QuoteAnswer:
    """A quote, usable or with the refusal."""
    return answers.QuoteAnswer(
        quote_id=quote.hubspot_id,
        title=quote.title,
        status=quote.status,
        expires_on=quote.expires_on,
        usable=refusal is None,
        problem=problem_of(refusal) if refusal else None,
    )


def buyers_answer(match: BuyerMatch, proposal: NewCustomer | None, refusal: Refused | None) -> answers.Buyers:
    """Who may be meant, and what a new customer would be made of."""
    customers = [match.customer] if match.customer else list(match.candidates)
    return answers.Buyers(
        how=match.reason,
        certainty=match.certainty,
        customers=[customer_answer(each) for each in customers],
        proposal=new_buyer(proposal) if proposal else None,
        cannot_create=problem_of(refusal) if refusal else None,
    )


def customer_answer(customer: CatalogueCustomer) -> answers.CustomerAnswer:
    """A customer to choose."""
    return answers.CustomerAnswer(
        customer_id=customer.quickbooks_id,
        name=customer.display_name,
        email=customer.email,
        currency=customer.currency,
    )


def tax_codes_answer(codes: Iterable[TaxCode]) -> list[answers.TaxCodeAnswer]:
    """Active codes with their rates."""
    return [
        answers.TaxCodeAnswer(
            tax_code_id=code.quickbooks_id,
            name=code.name,
            description=code.description,
            rates=[answers.TaxRateAnswer(name=rate.name, percent=rate.percent) for rate in code.rates],
        )
        for code in codes
        if code.active
    ]


def review_answer(
    draft: Draft, company: Company, reading: Reading, found: Review, questions: Sequence[answers.Question]
) -> answers.Review:
    """Every amount, date and text as it will be sent."""
    request = request_of(draft, company, reading, customer_id=draft.buyer.customer_id or "", marker="")
    term = company.terms.get(request.term_id or "")
    return answers.Review(
        draft_id=draft.draft_id,
        version=draft.version,
        deal=_deal(draft),
        company=company.name,
        buyer=_buyer(draft.buyer),
        lines=_review_lines(draft, company, reading),
        currency=request.currency,
        prices_contain_tax=company.rules.inclusive,
        **_amounts(found.totals),
        terms=term.name if term else None,
        invoice_date=found.invoice_date,
        due_date=found.due_date,
        message=request.message,
        number=request.number,
        email=request.bill_email,
        warnings=list(found.warnings),
        note=found.note,
        questions=list(questions),
    )


def _amounts(totals: Totals) -> dict[str, object]:
    by_quickbooks = totals.certainty is Certainty.BY_QUICKBOOKS
    return {
        "subtotal": totals.subtotal,
        "discount": totals.discount,
        "taxes": [_tax(each) for each in totals.taxes],
        "tax": totals.tax,
        "total": totals.total,
        "computed_by": "quickbooks" if by_quickbooks else "ledgerbridge",
        "certainty": totals.certainty.value,
    }


def _tax(amount: TaxAmount) -> answers.TaxAnswer:
    return answers.TaxAnswer(name=amount.name, percent=amount.percent, net=amount.net, tax=amount.tax)


def _review_lines(draft: Draft, company: Company, reading: Reading) -> list[answers.ReviewLine]:
    customer, rules = customer_tax_of(draft, reading), company.rules
    return [_review_line(line, rules.line_code(line, customer), rules) for line in completed_lines(draft, company)]


def _review_line(line: InvoiceLine, code_id: str | None, rules: TaxRules) -> answers.ReviewLine:
    code = rules.codes.get(code_id or "")
    return answers.ReviewLine(
        key=line.key,
        item_id=line.item_id or "",
        item_name=line.item_name,
        description=line.description,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.amount,
        tax_code=code.name if code else code_id,
        tax_percent=code.factor * 100 if code and not rules.mode.united_states else None,
    )
