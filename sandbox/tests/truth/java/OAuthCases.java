import com.intuit.ipp.data.CompanyInfo;
import com.intuit.ipp.exception.ServiceException;
import com.intuit.oauth2.client.DiscoveryAPIClient;
import com.intuit.oauth2.client.OAuth2PlatformClient;
import com.intuit.oauth2.config.OAuth2Config;
import com.intuit.oauth2.config.Scope;
import com.intuit.oauth2.data.BearerTokenResponse;
import com.intuit.oauth2.data.DiscoveryAPIResponse;
import com.intuit.oauth2.exception.ConnectionException;
import com.intuit.oauth2.exception.OAuthException;
import com.intuit.oauth2.exception.OpenIdException;
import java.net.URI;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Consent, tokens, their renewal and end. */
final class OAuthCases {
    private static final String CALLBACK = "http://127.0.0.1:9/callback";

    private OAuthCases() {}

    private static String discovery() {
        return Door.quickbooks + "/.well-known/openid_sandbox_configuration";
    }

    private static OAuth2Config config(String secret) {
        return new OAuth2Config.OAuth2ConfigBuilder("sandbox-quickbooks-app", secret).callDiscoveryAPI(discovery()).buildConfig();
    }

    private static OAuth2Config config() {
        return config("sandbox-quickbooks-secret");
    }

    /** The code that a consent to that address brings back. */
    private static String consented(OAuth2Config config, List<Scope> scopes) throws Exception {
        String url = config.prepareUrl(scopes, CALLBACK, "seen");
        String body = "{\"vendor\": \"quickbooks\", \"account\": \"" + Door.REALM + "\", \"url\": \"" + url + "\"}";
        String answer = Door.ask("POST", "/people/administrator/authorize", body);
        Check.that(answer.contains("state=seen") && answer.contains("realmId=" + Door.REALM), answer);
        Matcher found = Pattern.compile("[?&]code=([^&\"]+)").matcher(answer);
        Check.that(found.find(), answer);
        return found.group(1);
    }

    static void theDiscoveryDocument(Books books) throws Exception {
        DiscoveryAPIResponse known = new DiscoveryAPIClient().callDiscoveryAPI(discovery());
        for (String address : List.of(known.getAuthorizationEndpoint(), known.getTokenEndpoint(), known.getRevocationEndpoint())) {
            Check.equal(URI.create(Door.quickbooks).getAuthority(), URI.create(address).getAuthority());
        }
        ConnectionException refusal = null;
        try {
            new DiscoveryAPIClient().callDiscoveryAPI(Door.quickbooks + "/.well-known/nothing");
        } catch (ConnectionException raised) {
            refusal = raised;
        }
        Check.that(refusal != null, "a document that is not there was read");
        Check.equal("400", refusal.getStatusCode());
    }

    static void aConsentBecomesTokensThatOpenTheCompany(Books books) throws Exception {
        OAuth2Config config = config();
        OAuth2PlatformClient client = new OAuth2PlatformClient(config);
        String code = consented(config, List.of(Scope.Accounting));
        BearerTokenResponse tokens = client.retrieveBearerTokens(code, CALLBACK);
        Check.equal("bearer", tokens.getTokenType());
        Check.equal(3600L, tokens.getExpiresIn());
        Check.that(tokens.getXRefreshTokenExpiresIn() > 8_600_000, "a short life: " + tokens.getXRefreshTokenExpiresIn());
        Check.that(tokens.getIntuit_tid() != null, "no intuit_tid");
        CompanyInfo asked = new CompanyInfo();
        asked.setId("1");
        Check.equal("US", new Books(Door.REALM, tokens.getAccessToken()).service.findById(asked).getCountry());
        Check.equal("400", refused(() -> client.retrieveBearerTokens(code, CALLBACK)).getStatusCode());
    }

    static void aTokenIsRenewed(Books books) throws Exception {
        OAuth2PlatformClient client = new OAuth2PlatformClient(config());
        BearerTokenResponse renewed = client.refreshToken("sandbox-quickbooks-refresh-1");
        Check.that(!renewed.getAccessToken().equals("sandbox-quickbooks-access-1"), "the same token");
        new Books(Door.REALM, renewed.getAccessToken()).customer("Renewed");
        OAuthException refusal = refused(() -> client.refreshToken("nonsense"));
        Check.equal("400", refusal.getStatusCode());
        Check.that(refusal.getResponseContent().contains("invalid_grant"), refusal.getResponseContent());
    }

    static void aWrongSecret(Books books) throws Exception {
        OAuth2PlatformClient client = new OAuth2PlatformClient(config("wrong"));
        OAuthException refusal = refused(() -> client.refreshToken("sandbox-quickbooks-refresh-1"));
        Check.equal("401", refusal.getStatusCode());
        Check.that(refusal.getResponseContent().contains("invalid_client"), refusal.getResponseContent());
    }

    static void aRevokedConsentOpensNothing(Books books) throws Exception {
        OAuth2PlatformClient client = new OAuth2PlatformClient(config());
        Check.equal("SUCCESS", client.revokeToken("sandbox-quickbooks-refresh-1").getStatus());
        Check.refused(ServiceException.class, "3100", () -> books.customer("Revoked"));
        Check.equal("ERROR", client.revokeToken("nonsense").getStatus());
    }

    static void whoConsentedIsToldAndSigned(Books books) throws Exception {
        OAuth2Config config = config();
        OAuth2PlatformClient client = new OAuth2PlatformClient(config);
        String code = consented(config, List.of(Scope.Accounting, Scope.OpenId, Scope.Profile, Scope.Email));
        BearerTokenResponse tokens = client.retrieveBearerTokens(code, CALLBACK);
        Check.that(client.validateIDToken(tokens.getIdToken()), "the id_token is not genuine");
        String[] parts = tokens.getIdToken().split("\\.");
        String forged = parts[0] + "." + parts[1] + "." + new StringBuilder(parts[2]).reverse();
        Check.that(!client.validateIDToken(forged), "a forged id_token is taken");
        Check.that(client.getUserInfo(tokens.getAccessToken()).getEmail().contains("@"), "no address");
        OpenIdException refusal = null;
        try {
            client.getUserInfo("nonsense");
        } catch (OpenIdException raised) {
            refusal = raised;
        }
        Check.that(refusal != null, "a token of nobody was told who it is");
        Check.equal("401", refusal.getStatusCode());
    }

    private interface Work {
        Object done() throws Exception;
    }

    private static OAuthException refused(Work work) throws Exception {
        try {
            work.done();
        } catch (OAuthException refusal) {
            return refusal;
        }
        throw new AssertionError("nothing was refused");
    }
}
