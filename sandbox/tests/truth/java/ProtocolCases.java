import static com.intuit.ipp.query.GenerateQuery.$;
import static com.intuit.ipp.query.GenerateQuery.createQueryEntity;
import static com.intuit.ipp.query.GenerateQuery.select;
import static com.intuit.ipp.query.GenerateQuery.selectCount;

import com.intuit.ipp.data.Customer;
import com.intuit.ipp.data.EntityStatusEnum;
import com.intuit.ipp.data.Invoice;
import com.intuit.ipp.data.OperationEnum;
import com.intuit.ipp.data.Term;
import com.intuit.ipp.exception.FMSException;
import com.intuit.ipp.services.BatchOperation;
import com.intuit.ipp.services.CDCQueryResult;
import com.intuit.ipp.services.CallbackMessage;
import com.intuit.ipp.services.QueryResult;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Queries, batches, changes, calls in the background and repeated ones. */
final class ProtocolCases {
    private ProtocolCases() {}

    static void queriesAreWrittenByTheBuilder(Books books) throws Exception {
        books.customer("Builder's yard");
        Customer customer = createQueryEntity(Customer.class);
        String statement = select($(customer)).where($(customer.getDisplayName()).eq("Builder\\'s yard")).generate();
        List<Customer> found = books.found(statement);
        Check.equal(List.of("Builder's yard"), found.stream().map(Customer::getDisplayName).toList());
        String like = select($(customer)).where($(customer.getDisplayName()).startsWith("Builder"), $(customer.isActive()).eq(true))
            .orderByAscending($(customer.getDisplayName())).skip(0).take(5).generate();
        Check.equal(1, books.found(like).size());
        Invoice invoice = createQueryEntity(Invoice.class);
        String many = select($(invoice)).where($(invoice.getId()).in(new String[] {"1", "2", "99999"})).generate();
        Set<Object> ids = new HashSet<>(books.<Invoice>found(many).stream().map(Invoice::getId).toList());
        Check.that(!ids.contains("99999"), "found what is not there");
    }

    static void countsAndPages(Books books) throws Exception {
        QueryResult counted = books.service.executeQuery(selectCount(createQueryEntity(Invoice.class)).generate());
        int all = counted.getTotalCount();
        Check.equal(Math.min(all, 100), books.service.findAll(new Invoice()).size());
        QueryResult page = books.service.executeQuery(
            "select * from Invoice orderby MetaData.LastUpdatedTime startposition 11 maxresults 20");
        Check.equal(List.of(11, 20, 20), List.of(page.getStartPosition(), page.getMaxResults(), page.getEntities().size()));
        QueryResult last = books.service.executeQuery("select * from Invoice startposition " + all);
        Check.equal(1, last.getEntities().size());
        QueryResult nothing = books.service.executeQuery("select * from Invoice where Id = '999999'");
        Check.equal(0, nothing.getEntities().size());
    }

    static void aLongStatementGoesInTheBody(Books books) throws Exception {
        StringBuilder ids = new StringBuilder("'1'");
        for (int at = 2; at < 400; at++) {
            ids.append(", '").append(at).append("'");
        }
        List<Invoice> found = books.found("select * from Invoice where Id in (" + ids + ") maxresults 1000");
        Check.that(found.size() > 1, "nothing found");
    }

    static void statementsThatAreNone(Books books) throws Exception {
        Check.refused(FMSException.class, "4000", () -> books.service.executeQuery("selekt * from Invoice"));
        Check.refused(FMSException.class, "4001", () -> books.service.executeQuery("select * from Custmoer"));
        Check.refused(FMSException.class, "4001", () -> books.service.executeQuery("select * from Invoice where PrivateNote = 'a'"));
    }

    static void aBatchOfAllThatOneCanHold(Books books) throws Exception {
        Customer wrong = new Customer();
        Customer right = new Customer();
        right.setDisplayName("Batched");
        Invoice gone = books.invoice(books.customer("Batch"), "5");
        BatchOperation batch = new BatchOperation();
        batch.addEntity(right, OperationEnum.CREATE, "made");
        batch.addEntity(wrong, OperationEnum.CREATE, "wrong");
        batch.addEntity(gone, OperationEnum.DELETE, "gone");
        batch.addQuery("select * from Term", "terms");
        books.service.executeBatch(batch);
        Check.equal("Batched", ((Customer) batch.getEntity("made")).getDisplayName());
        Check.that(batch.isFault("wrong"), "no fault");
        Check.equal("2020", batch.getFault("wrong").getError().get(0).getCode());
        Check.equal(EntityStatusEnum.DELETED, ((Invoice) batch.getEntity("gone")).getStatus());
        Check.that(batch.getQueryResponse("terms").getEntities().size() > 1, "no terms");
        Check.equal(Set.of("wrong"), batch.getFaultResult().keySet());
    }

    static void changesWithinABatch(Books books) throws Exception {
        Customer made = books.customer("Changed in a batch");
        BatchOperation batch = new BatchOperation();
        batch.addCDCQuery(List.of(new Customer()), since(), "changes");
        books.service.executeBatch(batch);
        Check.that(batch.isCDCQuery("changes"), "no changes: " + batch.getFaultResult());
        List<?> changed = batch.getCDCQueryResult("changes").getQueryResults().get("Customer").getEntities();
        Check.that(changed.stream().anyMatch((each) -> ((Customer) each).getId().equals(made.getId())), "not among the changes");
    }

    static void changesSinceAMoment(Books books) throws Exception {
        Customer customer = books.customer("Changes");
        Invoice made = books.invoice(customer, "5");
        Invoice gone = books.invoice(customer, "6");
        books.service.delete(gone);
        List<CDCQueryResult> results = books.service.executeCDCQuery(List.of(new Invoice(), new Customer(), new Term()), since());
        QueryResult invoices = results.get(0).getQueryResults().get("Invoice");
        Map<String, EntityStatusEnum> told = new HashMap<>();
        invoices.getEntities().forEach((each) -> told.put(((Invoice) each).getId(), ((Invoice) each).getStatus()));
        Check.that(told.containsKey(made.getId()), "not told");
        Check.equal(null, told.get(made.getId()));
        Check.equal(EntityStatusEnum.DELETED, told.get(gone.getId()));
        Check.that(results.get(0).getQueryResults().get("Customer") != null, "the customer's balance changed");
        Check.equal(null, results.get(0).getQueryResults().get("Term"));
        Check.refused(FMSException.class, "4001", () -> books.service.executeCDCQuery(List.of(new com.intuit.ipp.data.TaxCode()), since()));
    }

    /** Well before the sandbox's clock, which goes back to its start for each case. */
    private static String since() {
        return Instant.now().minusSeconds(3600).truncatedTo(ChronoUnit.SECONDS).toString().replace("Z", ".000Z");
    }

    static void callsInTheBackground(Books books) throws Exception {
        Customer wanted = new Customer();
        wanted.setDisplayName("Background");
        CompletableFuture<CallbackMessage> adding = new CompletableFuture<>();
        books.service.addAsync(wanted, adding::complete);
        Customer made = (Customer) adding.get(20, TimeUnit.SECONDS).getEntity();
        Check.equal("Background", made.getDisplayName());
        CompletableFuture<CallbackMessage> asking = new CompletableFuture<>();
        books.service.executeQueryAsync("select * from Customer where Id = '" + made.getId() + "'", asking::complete);
        Check.equal(1, asking.get(20, TimeUnit.SECONDS).getQueryResult().getEntities().size());
        CompletableFuture<CallbackMessage> failing = new CompletableFuture<>();
        books.service.addAsync(wanted, failing::complete);
        FMSException refusal = failing.get(20, TimeUnit.SECONDS).getFMSException();
        Check.equal("6240", refusal.getErrorList().get(0).getCode());
        CompletableFuture<CallbackMessage> capturing = new CompletableFuture<>();
        books.service.executeCDCQueryAsync(List.of(new Customer()), since(), capturing::complete);
        Check.that(!capturing.get(20, TimeUnit.SECONDS).getCDCQueryResults().isEmpty(), "no changes");
        BatchOperation batch = new BatchOperation();
        batch.addQuery("select * from Term", "terms");
        CompletableFuture<CallbackMessage> batching = new CompletableFuture<>();
        books.service.executeBatchAsync(batch, batching::complete);
        BatchOperation done = batching.get(20, TimeUnit.SECONDS).getBatchOperation();
        Check.that(done.getQueryResponse("terms").getEntities().size() > 1, "no terms");
    }

    static void aRepeatedRequestIsAnsweredAsTheFirst(Books books) throws Exception {
        Customer customer = books.customer("Repeated");
        books.context.setRequestID("java-judge-1");
        Invoice first = books.service.add(books.filled(new Invoice(), customer, "5"));
        Invoice wanted = books.filled(new Invoice(), customer, "5");
        books.context.setRequestID("java-judge-2");
        Invoice second = books.service.add(wanted);
        books.context.setRequestID("java-judge-2");
        Invoice third = books.service.add(wanted);
        Check.equal(second.getId(), third.getId());
        Check.that(!first.getId().equals(second.getId()), "another request was answered as the first");
    }
}
