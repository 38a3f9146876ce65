import com.intuit.ipp.data.Customer;
import com.intuit.ipp.data.Invoice;
import com.intuit.ipp.exception.AuthenticationException;
import com.intuit.ipp.exception.AuthorizationException;
import com.intuit.ipp.exception.BadRequestException;
import com.intuit.ipp.exception.ConfigurationException;
import com.intuit.ipp.exception.FMSException;
import com.intuit.ipp.exception.InternalServiceException;
import com.intuit.ipp.exception.InvalidRequestException;
import com.intuit.ipp.exception.InvalidTokenException;
import com.intuit.ipp.exception.ServiceException;
import com.intuit.ipp.exception.ServiceUnavailableException;
import com.intuit.ipp.util.Config;
import java.math.BigDecimal;
import java.util.List;

/** The SDK's own exceptions, each as its documentation says. */
final class RefusalCases {
    private static final String BODY = "\"content_type\": \"text/plain\", \"body\": \"\"";

    private RefusalCases() {}

    static void faultsOfValidationBearTheirCodes(Books books) throws Exception {
        Customer customer = books.customer("Strict");
        Invoice made = books.invoice(customer, "10");
        made.setPrivateNote("First");
        books.service.update(made);
        FMSException stale = Check.refused(FMSException.class, "5010", () -> books.service.update(made));
        Check.that(stale.getErrorList().get(0).getMessage().equals("Stale Object Error"), stale.getMessage());
        Check.refused(FMSException.class, "2020", () -> books.service.add(new Customer()));
        Check.refused(FMSException.class, "6240", () -> books.customer("strict"));
        Customer nobody = new Customer();
        nobody.setId("99999");
        Check.refused(FMSException.class, "610", () -> books.service.findById(nobody));
        Invoice dangling = books.filled(new Invoice(), customer, "10");
        dangling.setCustomerRef(Books.reference("99999"));
        Check.refused(FMSException.class, "2500", () -> books.service.add(dangling));
        Invoice wrong = books.filled(new Invoice(), customer, "10");
        wrong.getLine().get(0).setAmount(new BigDecimal("11"));
        FMSException mismatch = Check.refused(FMSException.class, "6070", () -> books.service.add(wrong));
        Check.equal("Line.Amount", mismatch.getErrorList().get(0).getElement());
        Invoice empty = new Invoice();
        empty.setCustomerRef(Books.reference(customer.getId()));
        empty.setLine(List.of());
        Check.refused(FMSException.class, "2020", () -> books.service.add(empty));
    }

    static void aTokenOfNobody(Books books) throws Exception {
        Books strangers = new Books(Door.REALM, "nonsense");
        Check.refused(AuthenticationException.class, "3200", () -> strangers.service.add(new Customer()));
        Check.refused(AuthenticationException.class, "3200", () -> strangers.service.executeQuery("select * from Term"));
    }

    static void anExpiredToken(Books books) throws Exception {
        Door.ask("POST", "/people/administrator/quickbooks/" + Door.REALM + "/expire", "{}");
        Check.refused(AuthenticationException.class, "3200", () -> books.customer("Late"));
    }

    static void anothersCompany(Books books) throws Exception {
        Books others = new Books(Door.REALM_IN_POUNDS, "sandbox-quickbooks-access-1");
        Check.refused(ServiceException.class, "3100", () -> others.customer("Nosy"));
    }

    static void aDisconnectedApp(Books books) throws Exception {
        Door.ask("POST", "/people/administrator/quickbooks/" + Door.REALM + "/revoke", "{}");
        Check.refused(ServiceException.class, "3100", () -> books.customer("Parted"));
    }

    static void aPersonWithoutRights(Books books) throws Exception {
        Door.ask("PUT", "/people/administrator/quickbooks/" + Door.REALM + "/rights", "{\"administrator\": false}");
        Check.refused(AuthorizationException.class, "120", () -> books.customer("Demoted"));
    }

    static void faultsThatComeInXmlOrUnder200WhateverIsAsked(Books books) throws Exception {
        ready("wrong_cluster", AuthenticationException.class, "130", books);
        ready("system_failure", FMSException.class, "10000", books);
        ready("fault_under_200", FMSException.class, "10000", books);
    }

    private static void ready(String name, java.lang.Class<? extends FMSException> kind, String code, Books books) throws Exception {
        Door.strike(".*query", "\"ready\": \"" + name + "\"");
        Check.refused(kind, code, () -> books.service.executeQuery("select * from Term"));
    }

    static void tooManyCalls(Books books) throws Exception {
        Door.ask("PUT", "/limits/quickbooks", "{\"on\": true, \"realm_per_minute\": 1}");
        try {
            books.service.executeQuery("select * from Term");
        } catch (ServiceException refused) {
            // Other cases called in the same minute.
        }
        Check.refused(ServiceException.class, "3001", () -> books.service.executeQuery("select * from Term"));
    }

    static void anEndedSubscription(Books books) throws Exception {
        Door.ask("PATCH", "/people/bookkeeper/" + Door.REALM + "/subscription", "{\"status\": \"SUSPENDED\"}");
        Check.refused(FMSException.class, "6190", () -> books.customer("Unpaid"));
    }

    static void whatBreaksWithoutWords(Books books) throws Exception {
        struck(400, BadRequestException.class, books);
        struck(401, InvalidTokenException.class, books);
        struck(403, InvalidRequestException.class, books);
        struck(404, InvalidRequestException.class, books);
        struck(429, ServiceException.class, books);
        struck(500, InternalServiceException.class, books);
        struck(503, ServiceUnavailableException.class, books);
    }

    private static void struck(int status, java.lang.Class<? extends FMSException> kind, Books books) throws Exception {
        Door.strike(".*query", "\"status\": " + status + ", " + BODY);
        Check.refused(kind, "", () -> books.service.executeQuery("select * from Term"));
    }

    static void aPageOfTheGateway(Books books) throws Exception {
        Door.strike(".*query", "\"status\": 502, \"content_type\": \"text/html\", \"body\": \"<html>Bad Gateway</html>\"");
        FMSException refusal = Check.refused(FMSException.class, "", () -> books.service.executeQuery("select * from Term"));
        Check.that(refusal.getMessage().contains("Bad Gateway"), refusal.getMessage());
    }

    /** By Apache's client the SDK raises an exception; java.net repeats the call, which bears the same request id. */
    static void anAnswerThatIsLost(Books books) throws Exception {
        Door.strike(".*customer", "\"lose_answer\": true");
        boolean repeated = true;
        try {
            books.customer("Lost");
        } catch (ConfigurationException broken) {
            repeated = false;
        }
        Check.equal("HTTP_URL_CONNECTION".equals(Config.getProperty(Config.HTTP_TRANSPORT)), repeated);
        Check.equal(1, books.found("select * from Customer where DisplayName = 'Lost'").size());
    }
}
