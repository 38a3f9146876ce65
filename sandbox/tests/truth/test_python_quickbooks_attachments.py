"""The judge is python-quickbooks: attachments, preferences and customer types, by the SDK's own methods."""

from pathlib import Path

import httpx
import pytest
from quickbooks.exceptions import ObjectNotFoundException, QuickbooksException, ValidationException
from quickbooks.objects import Attachable, Customer, Invoice, Preferences
from quickbooks.objects.base import AttachableRef
from quickbooks.objects.customertype import CustomerType
from quickbooks_books import Books

JUDGE = "python-quickbooks"


def hung_on(made: Attachable, invoice: Invoice) -> Attachable:
    link = AttachableRef()
    link.EntityRef, link.IncludeOnSend = invoice.to_ref(), True
    made.AttachableRef.append(link)
    return made


def test_a_note_is_made_changed_and_deleted(books: Books) -> None:
    made = Attachable()
    made.Note = "Pays by cheque"
    saved = hung_on(made, books.invoice(books.customer("Noted"))).save(qb=books.client)
    assert (saved.Note, saved.AttachableRef[0].IncludeOnSend) == ("Pays by cheque", True)
    saved.Note = "Pays by card"
    assert saved.save(qb=books.client).SyncToken == "1"
    read = Attachable.get(saved.Id, qb=books.client)
    assert read.Note == "Pays by card"
    assert read.delete(qb=books.client)["Attachable"]["status"] == "Deleted"
    with pytest.raises(ObjectNotFoundException):
        Attachable.get(saved.Id, qb=books.client)


@pytest.mark.parametrize("way", ["path", "bytes"])
def test_a_file_is_uploaded_and_fetched(books: Books, tmp_path: Path, way: str) -> None:
    content = bytes(range(256)) * 3
    made = Attachable()
    made.FileName, made.ContentType = "terms.pdf", "application/pdf"
    if way == "path":
        (tmp_path / "terms.pdf").write_bytes(content)
        made._FilePath = str(tmp_path / "terms.pdf")
    else:
        made._FileBytes = content
    invoice = books.invoice(books.customer("Attached"))
    saved = hung_on(made, invoice).save(qb=books.client)
    assert (saved.FileName, saved.Size, saved.ContentType) == ("terms.pdf", len(content), "application/pdf")
    assert httpx.get(saved.TempDownloadUri).content == content
    condition = f"AttachableRef.EntityRef.Type = 'Invoice' and AttachableRef.EntityRef.value = '{invoice.Id}'"
    (found,) = Attachable.where(condition, qb=books.client)
    assert httpx.get(found.TempDownloadUri).content == content
    found.Note = "Signed"
    assert found.save(qb=books.client).Size == len(content)


def test_a_file_for_nobody_is_no_attachment(books: Books) -> None:
    made, nobody = Attachable(), Invoice()
    made.FileName, made.ContentType, made._FileBytes, nobody.Id = "a.txt", "text/plain", b"a", "99999"
    with pytest.raises(KeyError, match="Attachable"):  # the SDK does not look for a fault under 200
        hung_on(made, nobody).save(qb=books.client)
    assert Attachable.count(qb=books.client) == 0


def test_preferences_are_written_whole(books: Books) -> None:
    found = Preferences.get(qb=books.client)
    tax, home = found.TaxPrefs.UsingSalesTax, found.CurrencyPrefs.HomeCurrency.value
    found.SalesFormsPrefs.CustomTxnNumbers = True
    found.AccountingInfoPrefs.TrackDepartments = True
    found.save(qb=books.client)
    read = Preferences.get(qb=books.client)
    assert (read.SalesFormsPrefs.CustomTxnNumbers, read.AccountingInfoPrefs.TrackDepartments) == (True, True)
    assert (read.TaxPrefs.UsingSalesTax, read.CurrencyPrefs.HomeCurrency.value) == (tax, home)
    assert (read.SalesFormsPrefs.DefaultTerms.value, read.SalesFormsPrefs.DefaultDiscountAccount) == ("3", "86")
    assert books.invoice(books.customer("Unnumbered")).DocNumber is None
    with pytest.raises(QuickbooksException) as refused:
        found.save(qb=books.client)
    assert refused.value.error_code == 5010


def test_customer_types_are_named_on_customers(books: Books) -> None:
    types = CustomerType.all(qb=books.client)
    assert "Wholesale" in [one.Name for one in types]
    assert CustomerType.get(types[0].Id, qb=books.client).Name == types[0].Name
    made = Customer()
    made.DisplayName, made.CustomerTypeRef = "Typed", types[0].Id
    with pytest.raises(ValidationException):
        made.save(qb=books.client)
    made.CustomerTypeRef = {"value": types[0].Id}
    made.save(qb=books.client)
    assert Customer.get(made.Id, qb=books.client).CustomerTypeRef == {"value": types[0].Id}
