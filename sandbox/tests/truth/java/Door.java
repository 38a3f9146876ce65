import com.intuit.ipp.core.Context;
import com.intuit.ipp.core.ServiceType;
import com.intuit.ipp.exception.FMSException;
import com.intuit.ipp.security.OAuth2Authorizer;
import com.intuit.ipp.util.Config;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Where the sandbox is, its control door, and the SDK pointed at it. */
final class Door {
    static final String REALM = "9130350000000001";
    static final String REALM_IN_POUNDS = "9130350000000002";
    static String quickbooks;
    static String control;
    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Door() {}

    static void open() {
        quickbooks = System.getenv("SANDBOX_QUICKBOOKS");
        control = System.getenv("SANDBOX_CONTROL");
    }

    /** The SDK's settings are its thread's; `apache` forgets the port of an address, so it goes by the SDK's proxy. */
    static void configure(String format, String compression, String transport) {
        Config.setProperty(Config.BASE_URL_QBO, quickbooks + "/v3/company");
        Config.setProperty(Config.SERIALIZATION_REQUEST_FORMAT, format);
        Config.setProperty(Config.SERIALIZATION_RESPONSE_FORMAT, format);
        String packed = compression.equals("plain") ? "" : compression;
        Config.setProperty(Config.COMPRESSION_REQUEST_FORMAT, packed);
        Config.setProperty(Config.COMPRESSION_RESPONSE_FORMAT, packed);
        boolean apache = transport.equals("apache");
        URI door = URI.create(quickbooks);
        Config.setProperty(Config.HTTP_TRANSPORT, apache ? "" : "HTTP_URL_CONNECTION");
        Config.setProperty(Config.PROXY_HOST, apache ? door.getHost() : "");
        Config.setProperty(Config.PROXY_PORT, apache ? Integer.toString(door.getPort()) : "");
        Config.setProperty(Config.WEBHOOKS_VERIFIER_TOKEN, "sandbox-verifier");
    }

    static Context context(String realm, String token) throws FMSException {
        return new Context(new OAuth2Authorizer(token), ServiceType.QBO, realm);
    }

    /** Calls the control door. */
    static String ask(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(control + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
        HttpResponse<String> answer = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        Check.that(answer.statusCode() < 300, method + " " + path + ": " + answer.statusCode() + " " + answer.body());
        return answer.body();
    }

    /** The next call of that path is struck. */
    static void strike(String path, String more) throws IOException, InterruptedException {
        ask("POST", "/faults", "{\"vendor\": \"quickbooks\", \"path\": \"" + path + "\", \"times\": 1, " + more + "}");
    }
}
