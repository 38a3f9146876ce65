// The judge is intuit-oauth for Node: consent, tokens, their renewal and end, and calls with them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import OAuthClient from 'intuit-oauth'

const door = process.env.SANDBOX_QUICKBOOKS
const realm = '9130350000000001'
const company = `${door}/v3/company/${realm}/companyinfo/${realm}`
const callback = 'http://127.0.0.1:9/callback'

function client() {
  const made = new OAuthClient({
    clientId: 'sandbox-quickbooks-app',
    clientSecret: 'sandbox-quickbooks-secret',
    environment: 'sandbox',
    redirectUri: callback,
  })
  return made
}

async function connected() {
  const known = await (await fetch(`${door}/.well-known/openid_sandbox_configuration`)).json()
  const made = client()
  made.setAuthorizeURLs({
    authorizeEndpoint: known.authorization_endpoint,
    tokenEndpoint: known.token_endpoint,
    revokeEndpoint: known.revocation_endpoint,
    userInfoEndpoint: known.userinfo_endpoint,
  })
  const url = made.authorizeUri({ scope: [OAuthClient.scopes.Accounting], state: 'seen' })
  const given = { vendor: 'quickbooks', account: realm, url }
  const answer = await fetch(`${process.env.SANDBOX_CONTROL}/people/administrator/authorize`, {
    method: 'POST',
    body: JSON.stringify(given),
  })
  await made.createToken((await answer.json()).location)
  return made
}

test('a consent becomes a token for that company', async () => {
  const made = await connected()
  const token = made.getToken()
  assert.deepEqual([token.realmId, token.token_type, token.expires_in], [realm, 'bearer', 3600])
  const answer = await made.makeApiCall({ url: company })
  assert.ok(answer.json.CompanyInfo.CompanyName)
})

test('a token is renewed', async () => {
  const made = await connected()
  const before = made.getToken().access_token
  await made.refresh()
  assert.notEqual(made.getToken().access_token, before)
  assert.equal((await made.makeApiCall({ url: company })).status, 200)
})

test('a refresh token of nobody is refused', async () => {
  const made = await connected()
  await assert.rejects(made.refreshUsingToken('nonsense'), (error) => {
    assert.match(`${error.error} ${error.message} ${error.originalMessage}`, /invalid_grant|400/)
    return true
  })
})

test('a revoked consent opens nothing', async () => {
  const made = await connected()
  const access = made.getToken().access_token
  await made.revoke()
  const answer = await fetch(company, { headers: { Authorization: `Bearer ${access}` } })
  assert.equal(answer.status, 403)
})

test('a fault of the service is thrown with its code', async () => {
  const made = await connected()
  const url = `${door}/v3/company/${realm}/customer/99999`
  await assert.rejects(made.makeApiCall({ url }), (error) => {
    assert.equal(error.code, '610')
    return true
  })
})
