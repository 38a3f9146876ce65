// The judge is @hubspot/api-client for Node: what it throws, its retries, OAuth, webhooks, plain requests.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { Client, Signature } from '@hubspot/api-client'

const basePath = process.env.SANDBOX_HUBSPOT
const account = '24000001'
const app = { id: 'sandbox-hubspot-app', secret: 'sandbox-hubspot-secret', callback: 'http://127.0.0.1:9/callback' }

const opened = (more = {}) => new Client({ accessToken: 'pat-na1-sandbox-1', basePath, ...more })
const page = (client) => client.crm.contacts.basicApi.getPage(1)
const refused = (code, told = {}) => (error) => {
  assert.equal(error.code, code, error.message)
  for (const [name, value] of Object.entries(told)) assert.equal(error.body[name], value)
  return true
}

async function ask(method, path, content) {
  const given = content === undefined ? {} : { body: JSON.stringify(content) }
  const answer = await fetch(process.env.SANDBOX_CONTROL + path, { method, ...given })
  assert.ok(answer.ok, `${path}: ${answer.status}`)
  return answer.json()
}

const statuses = async () => (await ask('GET', '/journal?vendor=hubspot')).map(({ status }) => status)

async function consented() {
  const url = opened().oauth.getAuthorizationUrl(app.id, app.callback, 'oauth crm.objects.contacts.read', undefined, 'mine')
  const { location } = await ask('POST', '/people/administrator/authorize', { vendor: 'hubspot', account, url })
  const told = new URL(location).searchParams
  assert.equal(told.get('state'), 'mine')
  return told.get('code')
}

test('tokens and scopes that are missing are named', async () => {
  await assert.rejects(page(opened({ accessToken: 'nobodys' })), refused(401, { category: 'INVALID_AUTHENTICATION' }))
  await ask('PUT', `/people/administrator/hubspot/${account}/scopes`, { scopes: ['crm.objects.contacts.read'] })
  const client = opened()
  assert.equal((await page(client)).results.length, 1)
  const given = { properties: { firstname: 'A' }, associations: [] }
  await assert.rejects(client.crm.contacts.basicApi.create(given), (error) => {
    assert.deepEqual([error.code, error.body.category], [403, 'MISSING_SCOPES'])
    assert.deepEqual(error.body.errors[0].context.requiredGranularScopes, ['crm.objects.contacts.write'])
    return true
  })
})

test('values that do not fit are named', async () => {
  const given = { properties: { colour: 'red' }, associations: [] }
  await assert.rejects(opened().crm.contacts.basicApi.create(given), (error) => {
    assert.deepEqual([error.code, error.body.category], [400, 'VALIDATION_ERROR'])
    assert.equal(error.body.errors[0].code, 'PROPERTY_DOESNT_EXIST')
    return true
  })
})

test('too many calls are refused by their policy', async () => {
  await ask('PUT', '/limits/hubspot', { on: true, burst: 0 })
  await assert.rejects(page(opened()), refused(429, { policyName: 'TEN_SECONDLY_ROLLING', errorType: 'RATE_LIMIT' }))
  await ask('PUT', '/limits/hubspot', { burst: 190, daily: 0 })
  await assert.rejects(page(opened()), refused(429, { policyName: 'DAILY' }))
})

test('outages are seen through by retries of its own', async () => {
  await ask('POST', '/faults', { vendor: 'hubspot', ready: 'unavailable', times: 2 })
  assert.equal((await page(opened({ numberOfApiCallRetries: 3 }))).results.length, 1)
  assert.deepEqual(await statuses(), [503, 503, 200])
})

test('a secondly limit is waited for', async () => {
  await ask('POST', '/faults', { vendor: 'hubspot', ready: 'secondly', times: 1 })
  const found = await opened({ numberOfApiCallRetries: 2 }).crm.contacts.searchApi.doSearch({ limit: 1 })
  assert.equal(found.results.length, 1)
  assert.deepEqual(await statuses(), [429, 200])
})

test('a locked or moving account is told by its status', async () => {
  for (const [ready, code, category] of [['locked', 423, 'LOCKED'], ['moving', 477, 'MIGRATION']]) {
    await ask('POST', '/faults', { vendor: 'hubspot', ready, times: 1 })
    await assert.rejects(page(opened()), refused(code, { category }))
  }
})

test('an outage that is a page is thrown as text', async () => {
  await ask('POST', '/faults', { vendor: 'hubspot', ready: 'bad_gateway', times: 1 })
  await assert.rejects(page(opened()), (error) => {
    assert.equal(error.code, 502)
    assert.match(error.body, /^<html>/)
    return true
  })
})

test('a code buys tokens that are renewed described and revoked', async () => {
  const { tokensApi, accessTokensApi, refreshTokensApi } = opened({ accessToken: undefined }).oauth
  const code = await consented()
  const grant = await tokensApi.create('authorization_code', code, app.callback, app.id, app.secret)
  assert.deepEqual([grant.tokenType, grant.expiresIn], ['bearer', 1800])
  assert.equal((await page(opened({ accessToken: grant.accessToken }))).results.length, 1)
  const told = await accessTokensApi.get(grant.accessToken)
  assert.deepEqual([told.hubId, told.appId, told.tokenType], [Number(account), 2401001, 'access'])
  const renewed = await tokensApi.create('refresh_token', undefined, undefined, app.id, app.secret, grant.refreshToken)
  assert.equal(renewed.refreshToken, grant.refreshToken)
  await refreshTokensApi.archive(grant.refreshToken)
  const again = tokensApi.create('refresh_token', undefined, undefined, app.id, app.secret, grant.refreshToken)
  await assert.rejects(again, refused(400, { status: 'BAD_REFRESH_TOKEN', error: 'invalid_grant' }))
  const twice = tokensApi.create('authorization_code', code, app.callback, app.id, app.secret)
  await assert.rejects(twice, refused(400, { status: 'BAD_AUTH_CODE' }))
})

test('webhooks bear valid signatures and forged ones do not', async () => {
  const got = []
  const server = createServer((request, response) => {
    const parts = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () => {
      got.push({ headers: request.headers, requestBody: Buffer.concat(parts).toString() })
      response.writeHead(204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}/hubspot/webhooks`
  await ask('PUT', '/webhooks/hubspot', { url })
  await opened().crm.contacts.basicApi.create({ properties: { firstname: 'Told “wörd”' }, associations: [] })
  await ask('POST', '/webhooks/hubspot/settle', {})
  server.close()
  assert.ok(got.length > 0)
  for (const { headers, requestBody } of got) {
    const timestamp = Number(headers['x-hubspot-request-timestamp'])
    const v1 = { signature: headers['x-hubspot-signature'], signatureVersion: 'v1', clientSecret: app.secret, requestBody }
    const v3 = { ...v1, signature: headers['x-hubspot-signature-v3'], signatureVersion: 'v3', url, timestamp }
    for (const one of [v1, v3]) {
      assert.ok(Signature.isValid(one))
      assert.ok(!Signature.isValid({ ...one, requestBody: requestBody.replace('objectId', 'object1d') }))
      assert.ok(!Signature.isValid({ ...one, clientSecret: 'another' }))
    }
    assert.throws(() => Signature.isValid({ ...v3, timestamp: timestamp - 301000 }), /Timestamp is invalid/)
  }
})

test('plain requests reach all families of paths', async () => {
  const client = opened()
  for (const base of ['/crm/v3/objects', '/crm/objects/2026-03', '/crm/objects/2026-09']) {
    const body = { properties: { name: `Plain ${base}` } }
    const made = await client.apiRequest({ method: 'POST', path: `${base}/companies`, body })
    assert.equal(made.status, 201)
    assert.equal((await made.json()).properties.name, `Plain ${base}`)
  }
  for (const path of ['/account-info/v3/details', '/account-info/2026-09/details']) {
    assert.equal((await (await client.apiRequest({ path })).json()).portalId, Number(account))
  }
  for (const base of ['/settings/v3/currencies', '/settings/currencies/2026-09']) {
    assert.equal((await (await client.apiRequest({ path: `${base}/company-currency` })).json()).id, 'USD')
  }
})
