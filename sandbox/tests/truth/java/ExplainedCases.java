import com.intuit.ipp.data.Customer;
import com.intuit.ipp.exception.ValidationException;
import com.intuit.ipp.services.WebhooksService;

/** What cannot pass; why stands beside the name in test_java_clients.py. */
final class ExplainedCases {
    private ExplainedCases() {}

    static void aFaultOfValidationIsAnExceptionOfItsOwn(Books books) throws Exception {
        Check.refused(ValidationException.class, "2020", () -> books.service.add(new Customer()));
    }

    static void eventsOfADeliveryAreRead(Books books) throws Exception {
        try (WebhookCases.Receiver receiver = new WebhookCases.Receiver("sandbox-verifier")) {
            books.customer("Read");
            Check.that(new WebhooksService().getWebhooksEvent(receiver.next().body()) != null, "not read");
        }
    }
}
