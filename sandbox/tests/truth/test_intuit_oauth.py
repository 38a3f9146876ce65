"""The judge is intuit-oauth: the consent, tokens, their renewal and revocation, as its own README uses it."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from doors import Doors
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError

JUDGE = "intuit-oauth (Python)"
REALM = "9130350000000001"
CALLBACK = "http://127.0.0.1:9/callback"

Client = Callable[..., AuthClient]


@pytest.fixture
def client(doors: Doors) -> Client:
    discovery = doors.quickbooks + "/.well-known/openid_configuration"

    def make(secret: str = "sandbox-quickbooks-secret", **tokens: str) -> AuthClient:
        return AuthClient("sandbox-quickbooks-app", secret, CALLBACK, discovery, **tokens)

    return make


def consented(doors: Doors, client: AuthClient) -> dict[str, str]:
    url = client.get_authorization_url([Scopes.ACCOUNTING], state_token="mine")
    content = {"vendor": "quickbooks", "account": REALM, "url": url}
    location = doors.ask("POST", "/people/administrator/authorize", content).json()["location"]
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def test_discovery_names_the_endpoints(client: Client) -> None:
    found = client()
    assert found.token_endpoint.endswith("/oauth2/v1/tokens/bearer")
    assert found.revoke_endpoint.endswith("/v2/oauth2/tokens/revoke")
    assert found.auth_endpoint.endswith("/connect/oauth2")


def test_consent_gives_state_code_and_company(doors: Doors, client: Client) -> None:
    told = consented(doors, client())
    assert (told["state"], told["realmId"]) == ("mine", REALM)
    assert told["code"]


def test_a_code_buys_tokens_once(doors: Doors, client: Client) -> None:
    first = client()
    code = consented(doors, first)["code"]
    first.get_bearer_token(code, realm_id=REALM)
    assert first.access_token
    assert (first.expires_in, first.realm_id) == (3600, REALM)
    assert first.x_refresh_token_expires_in > first.expires_in
    with pytest.raises(AuthClientError) as refused:
        client().get_bearer_token(code, realm_id=REALM)
    assert refused.value.status_code == 400
    assert "invalid_grant" in str(refused.value.content)


def test_an_id_token_is_valid_and_the_user_is_told(doors: Doors, client: Client) -> None:
    found = client()
    url = found.get_authorization_url([Scopes.ACCOUNTING, Scopes.OPENID, Scopes.EMAIL], state_token="mine")
    content = {"vendor": "quickbooks", "account": REALM, "url": url}
    location = doors.ask("POST", "/people/administrator/authorize", content).json()["location"]
    found.get_bearer_token(parse_qs(urlsplit(location).query)["code"][0], realm_id=REALM)
    assert found.id_token, "kept only if its signature, issuer, audience and time are right"
    told = client(access_token=found.access_token)
    told.get_user_info()
    assert told.email == "robin@larkspur.example"


def test_refresh_gives_a_new_access_token(client: Client) -> None:
    found = client(refresh_token="sandbox-quickbooks-refresh-1")
    found.refresh()
    assert found.access_token not in {None, "sandbox-quickbooks-access-1"}


def test_an_unknown_refresh_token_is_an_invalid_grant(client: Client) -> None:
    with pytest.raises(AuthClientError) as refused:
        client().refresh("nobody's")
    assert refused.value.status_code == 400
    assert "invalid_grant" in str(refused.value.content)
    assert refused.value.intuit_tid


def test_a_wrong_secret_is_an_invalid_client(client: Client) -> None:
    with pytest.raises(AuthClientError) as refused:
        client("wrong").refresh("sandbox-quickbooks-refresh-1")
    assert refused.value.status_code == 401
    assert "invalid_client" in str(refused.value.content)


def test_what_is_revoked_buys_nothing(client: Client) -> None:
    found = client(refresh_token="sandbox-quickbooks-refresh-1")
    assert found.revoke()
    with pytest.raises(AuthClientError) as refused:
        found.refresh()
    assert refused.value.status_code == 400
