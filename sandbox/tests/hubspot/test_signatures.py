"""The signature vectors of hubspot.md section 10."""

import pytest
from ledgerbridge_sandbox.hubspot import signatures

BACKEND, MANY_Y = "f6e94c08-85d0-4608-bcc6-e1850176e7b8", "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
GROUPS, OURS = "12345678-aaaa-bbbb-cccc-ddddeeeeffff", "test-client-secret"
HOOK, EXAMPLE = "https://www.hubspot.com/webhook", "https://www.example.com/webhook_uri"
QUERY = "https://hubspot.com/?appId=1&portalId=2&userId=3"
CREATION = (
    b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
    b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM",'
    b'"changeFlag":"NEW","appId":54321}]'
)
CHANGE = (
    b'[{"eventId":3816279340,"subscriptionId":25,"portalId":33,"appId":1160452,"occurredAt":1790000000000,'
    b'"subscriptionType":"object.propertyChange","attemptNumber":0,"objectId":1246965,"objectTypeId":"0-3",'
    b'"propertyName":"dealstage","propertyValue":"closedwon","changeSource":"CRM_UI","sourceId":"userId:1"}]'
)


@pytest.mark.parametrize(
    ("secret", "method", "uri", "body", "expected"),
    [
        (BACKEND, "POST", HOOK, b"REQUEST_BODY", "57bb01a6e6ac92919b5e715d68f40265328701bbf1cf3fd73772887069945766"),
        (BACKEND, "POST", HOOK, b"", "befaef2b7354f11bf651f6468e8b5cf6bd449048deaf057f712980afb2a682f5"),
        (GROUPS, "GET", QUERY, b"", "99080134002180aee8d0884d21ad51288c43b57e9953e4db1e3757999b35c392"),
        (MANY_Y, "GET", EXAMPLE, b"", "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"),
        (
            MANY_Y,
            "POST",
            EXAMPLE,
            b'{"example_field":"example_value"}',
            "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900",
        ),
        (
            OURS,
            "POST",
            "https://bridge.example.com/hubspot/actions/create-invoice",
            b'{"callbackId":"ap-1-2-3-0"}',
            "b16350476df788baf91047168116c1063ce218f220a01066b8751bcf0ec03c1d",
        ),
    ],
)
def test_v2(secret: str, method: str, uri: str, body: bytes, expected: str) -> None:
    assert signatures.v2(secret, method, uri, body) == expected


@pytest.mark.parametrize(
    ("secret", "method", "uri", "body", "timestamp", "expected"),
    [
        (BACKEND, "POST", HOOK, b"REQUEST_BODY", 1632188626483, "jf872r5vscVcxCiDRHA4rGrqe/8BPLNVkdJSHdMnGTU="),
        (BACKEND, "POST", HOOK, b"", 1632188626483, "csXgk7UbrE9F8ZmMvbpuKBxqIvTSqU1EX9pI/SJtxSE="),
        (GROUPS, "GET", QUERY, b"", 1111111111, "zTfXjo07jfzGouo4wvyAj3qEMUTVJ0PPYPACrluQtQI="),
        (
            MANY_Y,
            "POST",
            EXAMPLE,
            b"{'example_field':'example_value'}",
            1693657560000,
            "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y=",
        ),
        (
            MANY_Y,
            "POST",
            EXAMPLE,
            b"{'example_field':'example_value'}",
            1700000300000,
            "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw=",
        ),
        (
            OURS,
            "POST",
            "https://bridge.example.com/hubspot/webhooks",
            CHANGE,
            1790000001000,
            "AZthGxck2lqXgiX2d3hhQDaaMG5GPj6TjfT4AHLt3pE=",
        ),
    ],
)
def test_v3(*, secret: str, method: str, uri: str, body: bytes, timestamp: int, expected: str) -> None:
    assert signatures.v3(secret, method, uri, body, timestamp) == expected


def test_v1() -> None:
    assert signatures.v1(MANY_Y, CREATION) == "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"
