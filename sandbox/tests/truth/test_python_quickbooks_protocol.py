"""The judge is python-quickbooks: queries, batches, changes, repeated requests and what it raises."""

from datetime import UTC, datetime, timedelta

import pytest
from doors import Doors
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import AuthorizationException, QuickbooksException, SevereException, ValidationException
from quickbooks.helpers import qb_datetime_format
from quickbooks.objects import Customer, Invoice, Item, Payment
from quickbooks_books import Books

JUDGE = "python-quickbooks"


def test_conditions_orders_and_pages(books: Books) -> None:
    everybody = Customer.all(max_results=1000, qb=books.client)
    names = sorted((one.DisplayName for one in everybody), key=str.lower)
    ordered = Customer.where("Active = true", order_by="DisplayName", qb=books.client)
    assert [one.DisplayName for one in ordered] == names
    second = Customer.where("Active = true", order_by="DisplayName", start_position=3, max_results=2, qb=books.client)
    assert [one.DisplayName for one in second] == names[2:4]
    chosen = Customer.choose([everybody[0].Id, everybody[1].Id], field="Id", qb=books.client)
    assert {one.Id for one in chosen} == {everybody[0].Id, everybody[1].Id}
    assert Customer.count("DisplayName LIKE 'Cas%'", qb=books.client) == sum(n.startswith("Cas") for n in names)


def test_a_quotation_mark_in_a_name_is_escaped(books: Books) -> None:
    books.customer("O'Brien's")
    assert [one.DisplayName for one in Customer.filter(DisplayName="O'Brien's", qb=books.client)] == ["O'Brien's"]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("select * frm Customer", 4000),
        ("select * from Customer where Nonsense = 'x'", 4001),
        ("select * from Customer startposition 0", 4001),
    ],
)
def test_a_query_that_is_none_is_a_validation_fault(books: Books, statement: str, code: int) -> None:
    with pytest.raises(ValidationException) as refused:
        Customer.query(statement, qb=books.client)
    assert refused.value.error_code == code


def test_a_row_that_cannot_be_read_out_breaks_its_page(books: Books, doors: Doors) -> None:
    made = books.invoice(books.customer("Poisoned"))
    doors.ask("POST", f"/people/bookkeeper/{books.client.company_id}/invoice/{made.Id}/poison", {})
    with pytest.raises(ValidationException) as refused:
        Invoice.all(qb=books.client)
    assert refused.value.error_code == 4002
    other = books.invoice(books.customer("Healthy"))
    assert [one.Id for one in Invoice.choose([other.Id], qb=books.client)] == [other.Id]


def test_batches_of_thirty_keep_their_order_and_tell_faults_apart(books: Books) -> None:
    wanted = []
    for number in range(32):
        one = Customer()
        one.DisplayName = f"Batch {min(number, 30)}"  # the last two have one name
        wanted.append(one)
    answer = batch_create(wanted, qb=books.client)
    assert len(answer.successes) == 31
    assert [error.code for fault in answer.faults for error in fault.Error] == ["6240"]
    for one in answer.successes:
        one.CompanyName = "Batched"
    changed = batch_update(answer.successes[:5], qb=books.client)
    assert [one.SyncToken for one in changed.successes] == ["1"] * 5
    invoices = [books.invoice(one) for one in changed.successes[:2]]
    assert len(batch_delete(invoices, qb=books.client).successes) == 2


def test_changes_since_a_moment(books: Books) -> None:
    since = qb_datetime_format(datetime.now(UTC) - timedelta(minutes=5)) + "+00:00"
    made = books.invoice(books.customer("Captured"))
    paid = books.paid(made, "10")
    gone = books.invoice(Customer.get(made.CustomerRef.value, qb=books.client))
    gone.delete(qb=books.client)
    found = change_data_capture([Invoice, Payment, Customer], since, qb=books.client)
    told = {one.Id: getattr(one, "status", None) for one in found.Invoice}
    assert told[gone.Id] == "Deleted"
    assert made.Id in told
    assert paid.Id in {one.Id for one in found.Payment}
    assert "Captured" in {one.DisplayName for one in found.Customer}


def test_the_same_request_id_is_answered_and_not_done_again(books: Books) -> None:
    for _ in range(2):
        one = Customer()
        one.DisplayName = "Asked twice"
        one.save(qb=books.client, request_id="judged-1")
    assert Customer.count("DisplayName = 'Asked twice'", qb=books.client) == 1


def test_an_expired_token_is_an_authorization_exception(books: Books, doors: Doors) -> None:
    doors.ask("POST", f"/people/administrator/quickbooks/{books.client.company_id}/expire")
    with pytest.raises(AuthorizationException) as refused:
        Customer.all(qb=books.client)
    assert refused.value.error_code == 401
    books.client.auth_client.refresh()
    books.client._start_session()
    assert Customer.all(qb=books.client)


def test_too_many_calls_are_throttled(books: Books, doors: Doors) -> None:
    doors.ask("PUT", "/limits/quickbooks", {"on": True, "realm_per_minute": 1})
    Item.all(qb=books.client)
    with pytest.raises(QuickbooksException) as refused:
        Item.all(qb=books.client)
    assert refused.value.error_code == 3001


def test_a_failure_of_the_service_is_severe(books: Books, doors: Doors) -> None:
    body = '{"Fault":{"Error":[{"Message":"An application error","Detail":"x","code":"10000"}],"type":"SystemFault"}}'
    doors.ask("POST", "/faults", {"vendor": "quickbooks", "status": 500, "times": 1, "body": body})
    with pytest.raises(SevereException):
        Item.all(qb=books.client)


def test_a_page_of_an_outage_is_no_json(books: Books, doors: Doors) -> None:
    rule = {"vendor": "quickbooks", "status": 503, "times": 1, "body": "<html>Sorry</html>"}
    doors.ask("POST", "/faults", {**rule, "content_type": "text/html"})
    with pytest.raises(QuickbooksException) as refused:
        Item.all(qb=books.client)
    assert "Error reading json response" in refused.value.message
