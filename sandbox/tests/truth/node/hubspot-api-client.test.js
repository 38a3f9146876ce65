// The judge is @hubspot/api-client for Node: records, searches, associations and what it throws.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from '@hubspot/api-client'

const client = new Client({ accessToken: 'pat-na1-sandbox-1', basePath: process.env.SANDBOX_HUBSPOT })
const { contacts, deals, products } = client.crm

test('a contact is made read changed and archived', async () => {
  const made = await contacts.basicApi.create({ properties: { email: 'node@judge.example', firstname: 'Nora' }, associations: [] })
  const read = await contacts.basicApi.getById(made.id, ['email', 'firstname'])
  assert.equal(read.properties.firstname, 'Nora')
  const changed = await contacts.basicApi.update(made.id, { properties: { firstname: 'Node' } })
  assert.equal(changed.properties.firstname, 'Node')
  assert.ok(changed.updatedAt instanceof Date)
  await contacts.basicApi.archive(made.id)
  await assert.rejects(contacts.basicApi.getById(made.id), (error) => {
    assert.equal(error.code, 404)
    return true
  })
})

test('what exists already is refused', async () => {
  const given = { properties: { email: 'twice@judge.example' }, associations: [] }
  await contacts.basicApi.create(given)
  await assert.rejects(contacts.basicApi.create(given), (error) => {
    assert.equal(error.code, 409)
    return true
  })
})

test('deals are found and hung on contacts', async () => {
  const person = await contacts.basicApi.create({ properties: { email: 'buyer@judge.example' }, associations: [] })
  const deal = await deals.basicApi.create({
    properties: { dealname: 'Judged by Node', pipeline: 'default', dealstage: 'appointmentscheduled', amount: '12.50' },
    associations: [],
  })
  const found = await deals.searchApi.doSearch({
    filterGroups: [{ filters: [{ propertyName: 'dealname', operator: 'EQ', value: 'Judged by Node' }] }],
    properties: ['amount'],
    limit: 10,
  })
  assert.deepEqual([found.total, found.results[0].id, found.results[0].properties.amount], [1, deal.id, '12.50'])
  await client.crm.associations.v4.basicApi.createDefault('deals', deal.id, 'contacts', person.id)
  const linked = await client.crm.associations.v4.basicApi.getPage('deals', deal.id, 'contacts')
  // Recorded answers have a number here, although the client's type says a text.
  assert.deepEqual(linked.results.map((one) => String(one.toObjectId)), [person.id])
})

test('batches and pages', async () => {
  const names = ['One', 'Two', 'Three']
  const made = await products.batchApi.create({
    inputs: names.map((name) => ({ properties: { name: `Node ${name}`, price: '1.00' }, associations: [] })),
  })
  assert.equal(made.results.length, 3)
  const read = await products.batchApi.read({
    inputs: made.results.map(({ id }) => ({ id })),
    properties: ['name'],
    propertiesWithHistory: [],
  })
  assert.deepEqual(read.results.map((one) => one.properties.name).sort(), names.map((name) => `Node ${name}`).sort())
  const page = await products.basicApi.getPage(1)
  assert.equal(page.results.length, 1)
  assert.ok(page.paging.next.after)
})
