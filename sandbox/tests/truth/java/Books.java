import com.intuit.ipp.core.Context;
import com.intuit.ipp.core.IEntity;
import com.intuit.ipp.data.Account;
import com.intuit.ipp.data.CreditMemo;
import com.intuit.ipp.data.Customer;
import com.intuit.ipp.data.Invoice;
import com.intuit.ipp.data.Item;
import com.intuit.ipp.data.Line;
import com.intuit.ipp.data.LineDetailTypeEnum;
import com.intuit.ipp.data.LinkedTxn;
import com.intuit.ipp.data.Payment;
import com.intuit.ipp.data.ReferenceType;
import com.intuit.ipp.data.SalesItemLineDetail;
import com.intuit.ipp.data.SalesTransaction;
import com.intuit.ipp.exception.FMSException;
import com.intuit.ipp.services.DataService;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** The books of the American company of automated tax through the SDK: what several cases need. */
final class Books {
    final Context context;
    final DataService service;

    Books() throws FMSException {
        this(Door.REALM, "sandbox-quickbooks-access-1");
    }

    Books(String realm, String token) throws FMSException {
        context = Door.context(realm, token);
        service = new DataService(context);
    }

    static Books inPounds() throws FMSException {
        return new Books(Door.REALM_IN_POUNDS, "sandbox-quickbooks-access-2");
    }

    static ReferenceType reference(String identifier) {
        ReferenceType made = new ReferenceType();
        made.setValue(identifier);
        return made;
    }

    /** All that a query finds. */
    @SuppressWarnings("unchecked")
    <T extends IEntity> List<T> found(String statement) throws FMSException {
        return (List<T>) service.executeQuery(statement).getEntities();
    }

    Customer customer(String name) throws FMSException {
        Customer made = new Customer();
        made.setDisplayName(name);
        return service.add(made);
    }

    /** A line of two, without tax. */
    Line line(String amount) throws FMSException {
        SalesItemLineDetail detail = new SalesItemLineDetail();
        List<Item> items = found("select * from Item where Type = 'Service'");
        detail.setItemRef(reference(items.get(0).getId()));
        detail.setQty(new BigDecimal(2));
        detail.setUnitPrice(new BigDecimal(amount).divide(new BigDecimal(2)));
        detail.setTaxCodeRef(reference("NON"));
        Line made = new Line();
        made.setAmount(new BigDecimal(amount));
        made.setDescription("Judged");
        made.setDetailType(LineDetailTypeEnum.SALES_ITEM_LINE_DETAIL);
        made.setSalesItemLineDetail(detail);
        return made;
    }

    /** The form for a customer, with one line; not yet sent. */
    <T extends SalesTransaction> T filled(T form, Customer customer, String amount) throws FMSException {
        form.setCustomerRef(reference(customer.getId()));
        form.setLine(new ArrayList<>(List.of(line(amount))));
        return form;
    }

    Invoice invoice(Customer customer, String amount) throws FMSException {
        return service.add(filled(new Invoice(), customer, amount));
    }

    /** A payment on an invoice; more may be received than is put on it. */
    Payment paid(Invoice invoice, String amount, String received) throws FMSException {
        Payment made = new Payment();
        made.setCustomerRef(invoice.getCustomerRef());
        made.setTotalAmt(new BigDecimal(received));
        made.setLine(List.of(settling("Invoice", invoice.getId(), amount)));
        return service.add(made);
    }

    /** A payment of nothing that puts a credit on an invoice. */
    Payment applied(Invoice invoice, CreditMemo memo, String amount) throws FMSException {
        Payment made = new Payment();
        made.setCustomerRef(invoice.getCustomerRef());
        made.setTotalAmt(BigDecimal.ZERO);
        made.setLine(List.of(settling("Invoice", invoice.getId(), amount), settling("CreditMemo", memo.getId(), amount)));
        return service.add(made);
    }

    private static Line settling(String kind, String identifier, String amount) {
        LinkedTxn linked = new LinkedTxn();
        linked.setTxnType(kind);
        linked.setTxnId(identifier);
        Line made = new Line();
        made.setAmount(new BigDecimal(amount));
        made.setLinkedTxn(List.of(linked));
        return made;
    }

    Invoice now(Invoice invoice) throws FMSException {
        Invoice wanted = new Invoice();
        wanted.setId(invoice.getId());
        return service.findById(wanted);
    }

    /** The account that money is taken from. */
    ReferenceType till() throws FMSException {
        List<Account> accounts = found("select * from Account where AccountSubType = 'UndepositedFunds'");
        return reference(accounts.get(0).getId());
    }
}
