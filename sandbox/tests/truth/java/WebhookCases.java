import com.intuit.ipp.services.WebhooksService;
import com.intuit.ipp.util.Config;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Deliveries of the sandbox, to a receiver that checks their signatures by the SDK. */
final class WebhookCases {
    private WebhookCases() {}

    record Delivery(String signature, String body, boolean genuine) {}

    /** Answers 401 to a delivery that the SDK does not hold for genuine. */
    static final class Receiver implements AutoCloseable {
        private final HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        private final BlockingQueue<Delivery> got = new LinkedBlockingQueue<>();

        Receiver(String key) throws Exception {
            server.createContext("/", (exchange) -> {
                Config.setProperty(Config.WEBHOOKS_VERIFIER_TOKEN, key);
                String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                String signature = exchange.getRequestHeaders().getFirst("intuit-signature");
                boolean genuine = new WebhooksService().verifyPayload(signature, body);
                exchange.sendResponseHeaders(genuine ? 200 : 401, -1);
                exchange.close();
                got.add(new Delivery(signature, body, genuine));
            });
            server.start();
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
            Door.ask("PUT", "/webhooks/quickbooks", "{\"url\": \"" + url + "\"}");
        }

        Delivery next() throws InterruptedException {
            Delivery found = got.poll(20, TimeUnit.SECONDS);
            Check.that(found != null, "nothing was delivered");
            return found;
        }

        @Override
        public void close() throws Exception {
            Door.ask("PUT", "/webhooks/quickbooks", "{\"url\": \"\"}");
            server.stop(0);
        }
    }

    static void aDeliveryIsGenuine(Books books) throws Exception {
        try (Receiver receiver = new Receiver("sandbox-verifier")) {
            books.customer("Töld");
            Delivery delivery = receiver.next();
            Check.that(delivery.genuine(), "the signature does not fit");
            Check.that(delivery.body().contains("qbo.customer.created.v1"), delivery.body());
            WebhooksService service = new WebhooksService();
            Check.that(service.verifyPayload(delivery.signature(), delivery.body()), "another verdict on the same delivery");
            Check.that(!service.verifyPayload(delivery.signature(), delivery.body().replace("created", "deleted")), "a changed body");
            Check.that(!service.verifyPayload("x" + delivery.signature().substring(1), delivery.body()), "a forged signature");
        }
    }

    static void aDeliveryOfAnothersKeyIsRefused(Books books) throws Exception {
        try (Receiver receiver = new Receiver("another-verifier")) {
            books.customer("Forged");
            Check.that(!receiver.next().genuine(), "a key that is not ours was accepted");
            String told = "";
            for (int asked = 0; asked < 100 && !told.contains("\"status\":401"); asked++) {
                told = Door.ask("GET", "/webhooks/quickbooks/deliveries", "").replace(" ", "");
                Thread.onSpinWait();
            }
            Check.that(told.contains("\"status\":401"), told);
        }
    }
}
