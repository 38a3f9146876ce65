import com.intuit.ipp.data.CreditMemo;
import com.intuit.ipp.data.Customer;
import com.intuit.ipp.data.DiscountLineDetail;
import com.intuit.ipp.data.DescriptionLineDetail;
import com.intuit.ipp.data.EmailAddress;
import com.intuit.ipp.data.EmailStatusEnum;
import com.intuit.ipp.data.EntityStatusEnum;
import com.intuit.ipp.data.Estimate;
import com.intuit.ipp.data.Invoice;
import com.intuit.ipp.data.Line;
import com.intuit.ipp.data.LineDetailTypeEnum;
import com.intuit.ipp.data.LinkedTxn;
import com.intuit.ipp.data.MemoRef;
import com.intuit.ipp.data.Payment;
import com.intuit.ipp.data.RefundReceipt;
import com.intuit.ipp.data.SalesReceipt;
import com.intuit.ipp.data.Term;
import com.intuit.ipp.exception.FMSException;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

/** Forms of a sale and what is paid on them. */
final class InvoiceCases {
    private InvoiceCases() {}

    static void anInvoiceIsMadeAndRead(Books books) throws Exception {
        Invoice wanted = books.filled(new Invoice(), books.customer("Java & <Söhne>"), "100.50");
        MemoRef memo = new MemoRef();
        memo.setValue("Danke & bis bald");
        wanted.setCustomerMemo(memo);
        List<Term> terms = books.found("select * from Term where Name = 'Net 15'");
        wanted.setSalesTermRef(Books.reference(terms.get(0).getId()));
        wanted.setTxnDate(Date.from(LocalDate.of(2026, 11, 2).atStartOfDay(ZoneId.systemDefault()).toInstant()));
        Invoice made = books.service.add(wanted);
        Check.amount("100.50", made.getTotalAmt());
        Check.amount("100.50", made.getBalance());
        Check.equal("0", made.getSyncToken());
        Check.equal("Java & <Söhne>", made.getCustomerRef().getName());
        Check.equal("Danke & bis bald", made.getCustomerMemo().getValue());
        Check.equal(wanted.getTxnDate(), made.getTxnDate());
        Check.equal(LocalDate.of(2026, 11, 17), LocalDate.ofInstant(made.getDueDate().toInstant(), ZoneId.systemDefault()));
        Check.equal(LineDetailTypeEnum.SUB_TOTAL_LINE_DETAIL, made.getLine().get(1).getDetailType());
        Check.that(made.getMetaData().getCreateTime() != null, "no time of creation");
        Invoice read = books.now(made);
        Check.equal(made.getDocNumber(), read.getDocNumber());
        Check.amount("2", read.getLine().get(0).getSalesItemLineDetail().getQty());
        Check.amount("50.25", read.getLine().get(0).getSalesItemLineDetail().getUnitPrice());
    }

    static void anInvoiceIsChangedInFullAndInPart(Books books) throws Exception {
        Invoice made = books.invoice(books.customer("Changed"), "100");
        made.setPrivateNote("In full");
        Invoice whole = books.service.update(made);
        Check.equal("1", whole.getSyncToken());
        Check.equal("In full", whole.getPrivateNote());
        Invoice part = new Invoice();
        part.setId(whole.getId());
        part.setSyncToken(whole.getSyncToken());
        part.setSparse(true);
        part.setLine(new ArrayList<>(List.of(books.line("70"))));
        Invoice changed = books.service.update(part);
        Check.equal("2", changed.getSyncToken());
        Check.equal("In full", changed.getPrivateNote());
        Check.amount("70", changed.getTotalAmt());
    }

    static void anInvoiceIsDeleted(Books books) throws Exception {
        Invoice made = books.invoice(books.customer("Gone"), "10");
        Invoice gone = books.service.delete(made);
        Check.equal(EntityStatusEnum.DELETED, gone.getStatus());
        Check.equal(made.getId(), gone.getId());
        Check.refused(FMSException.class, "610", () -> books.now(made));
    }

    static void anInvoiceIsMailed(Books books) throws Exception {
        Invoice made = books.filled(new Invoice(), books.customer("Mailed"), "10");
        EmailAddress address = new EmailAddress();
        address.setAddress("java@judge.example");
        made.setBillEmail(address);
        Invoice kept = books.service.add(made);
        Check.equal(EmailStatusEnum.NOT_SET, kept.getEmailStatus());
        Invoice sent = books.service.sendEmail(kept);
        Check.equal(EmailStatusEnum.EMAIL_SENT, sent.getEmailStatus());
        Check.that(sent.getDeliveryInfo().getDeliveryTime() != null, "no time of delivery");
        Invoice again = books.service.sendEmail(kept, "other@judge.example");
        Check.equal("other@judge.example", again.getBillEmail().getAddress());
    }

    static void anInvoiceIsPrinted(Books books) throws Exception {
        Invoice made = books.invoice(books.customer("Printed"), "10");
        byte[] pdf = books.service.downloadPDF(made).readAllBytes();
        Check.equal("%PDF-", new String(pdf, 0, 5, "US-ASCII"));
        Check.that(new String(pdf, "ISO-8859-1").stripTrailing().endsWith("%%EOF"), "the file is cut off");
    }

    static void anInvoiceIsVoided(Books books) throws Exception {
        Invoice made = books.invoice(books.customer("Voided"), "10");
        Invoice voided = books.service.voidRequest(made);
        Check.amount("0", voided.getTotalAmt());
        Check.amount("0", voided.getBalance());
        Check.that(voided.getPrivateNote().startsWith("Voided"), voided.getPrivateNote());
    }

    static void anInvoiceIsPaidInPartsAndThePaymentVoided(Books books) throws Exception {
        Invoice made = books.invoice(books.customer("Payer"), "100");
        Payment first = books.paid(made, "30", "30");
        Check.amount("0", first.getUnappliedAmt());
        Check.amount("70", books.now(made).getBalance());
        Payment second = books.paid(made, "70", "100");
        Check.amount("30", second.getUnappliedAmt());
        Check.amount("0", books.now(made).getBalance());
        Check.equal(2, books.now(made).getLinkedTxn().size());
        Payment voided = books.service.voidRequest(second);
        Check.amount("0", voided.getTotalAmt());
        Check.amount("70", books.now(made).getBalance());
        books.service.delete(first);
        Check.amount("100", books.now(made).getBalance());
    }

    static void aCreditIsPutOnAnInvoice(Books books) throws Exception {
        Customer customer = books.customer("Credited");
        Invoice made = books.invoice(customer, "100");
        CreditMemo memo = books.service.add(books.filled(new CreditMemo(), customer, "40"));
        Check.amount("40", memo.getRemainingCredit());
        Payment applied = books.applied(made, memo, "40");
        Check.amount("0", applied.getTotalAmt());
        Check.equal(2, applied.getLine().size());
        Check.amount("60", books.now(made).getBalance());
        CreditMemo wanted = new CreditMemo();
        wanted.setId(memo.getId());
        Check.amount("0", books.service.findById(wanted).getRemainingCredit());
    }

    static void discountsAndWords(Books books) throws Exception {
        Invoice wanted = books.filled(new Invoice(), books.customer("Discounted"), "200");
        DiscountLineDetail detail = new DiscountLineDetail();
        detail.setPercentBased(true);
        detail.setDiscountPercent(new BigDecimal(10));
        Line discount = new Line();
        discount.setDetailType(LineDetailTypeEnum.DISCOUNT_LINE_DETAIL);
        discount.setDiscountLineDetail(detail);
        Line words = new Line();
        words.setDetailType(LineDetailTypeEnum.DESCRIPTION_ONLY);
        words.setDescription("As agreed");
        words.setDescriptionLineDetail(new DescriptionLineDetail());
        wanted.getLine().addAll(List.of(words, discount));
        Invoice made = books.service.add(wanted);
        Check.amount("180", made.getTotalAmt());
        Check.that(made.getLine().stream().anyMatch((line) -> "As agreed".equals(line.getDescription())), "no words");
        Line taken = made.getLine().get(made.getLine().size() - 1);
        Check.amount("20", taken.getAmount());
        Check.equal(true, taken.getDiscountLineDetail().isPercentBased());
    }

    static void anEstimateBecomesAnInvoice(Books books) throws Exception {
        Customer customer = books.customer("Estimated");
        Estimate estimate = books.service.add(books.filled(new Estimate(), customer, "50"));
        Check.equal("Pending", estimate.getTxnStatus());
        LinkedTxn link = new LinkedTxn();
        link.setTxnId(estimate.getId());
        link.setTxnType("Estimate");
        Invoice wanted = books.filled(new Invoice(), customer, "50");
        wanted.setLinkedTxn(List.of(link));
        Invoice made = books.service.add(wanted);
        Check.equal(estimate.getId(), made.getLinkedTxn().get(0).getTxnId());
        Estimate asked = new Estimate();
        asked.setId(estimate.getId());
        Check.equal("Closed", books.service.findById(asked).getTxnStatus());
    }

    static void receiptsOfSalesAndRefunds(Books books) throws Exception {
        Customer customer = books.customer("At once");
        SalesReceipt sale = books.service.add(books.filled(new SalesReceipt(), customer, "12.50"));
        Check.amount("12.50", sale.getTotalAmt());
        Check.amount("0", sale.getBalance());
        Check.amount("0", books.service.voidRequest(sale).getTotalAmt());
        RefundReceipt wanted = books.filled(new RefundReceipt(), customer, "5");
        Check.refused(FMSException.class, "2020", () -> books.service.add(wanted));
        wanted.setDepositToAccountRef(books.till());
        Check.amount("5", books.service.add(wanted).getTotalAmt());
    }
}
