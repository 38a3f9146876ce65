// The judge is @hubspot/api-client for Node: records, searches, associations and what it throws.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Client } from '@hubspot/api-client'

const client = new Client({ accessToken: 'pat-na1-sandbox-1', basePath: process.env.SANDBOX_HUBSPOT })
const { contacts, deals, products } = client.crm

const moment = '2026-11-23T10:00:00.000Z'
const kinds = [
  [client.crm.contacts, { email: 'life@judge.example', firstname: 'Ada' }, { lastname: 'Lovelace' }],
  [client.crm.companies, { name: 'Judged', domain: 'judged.example' }, { city: 'Boston' }],
  [client.crm.deals, { dealname: 'Judged', dealstage: 'contractsent', amount: '1500.50' }, { dealstage: 'closedwon' }],
  [client.crm.products, { name: 'Chair', price: '299.90', hs_sku: 'C-1' }, { description: 'Oak' }],
  [client.crm.lineItems, { name: 'Line', price: '10.50', quantity: '3' }, { hs_discount_percentage: '10' }],
  [client.crm.quotes, { hs_title: 'Quote', hs_expiration_date: '2026-12-31' }, { hs_status: 'DRAFT' }],
  [client.crm.objects.notes, { hs_timestamp: moment, hs_note_body: 'Note' }, { hs_note_body: 'Changed' }],
  [client.crm.objects.tasks, { hs_timestamp: moment, hs_task_subject: 'Task' }, { hs_task_status: 'COMPLETED' }],
  [client.crm.commerce.invoices, { hs_currency: 'USD', hs_invoice_billable: 'false' }, { hs_number: 'INV-1003' }],
]
const holds = (record, wanted) => {
  for (const [name, value] of Object.entries(wanted)) assert.equal(record.properties[name], value)
}

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

test('a record of each kind is made read changed and archived', async () => {
  for (const [{ basicApi }, given, change] of kinds) {
    const made = await basicApi.create({ properties: given, associations: [] })
    holds(made, given)
    assert.ok(made.createdAt instanceof Date && !Number.isNaN(made.createdAt.getTime()))
    holds(await basicApi.update(made.id, { properties: change }), change)
    const names = [...Object.keys(given), ...Object.keys(change)]
    holds(await basicApi.getById(made.id, names), { ...given, ...change })
    await basicApi.archive(made.id)
    const gone = await basicApi.getById(made.id, undefined, undefined, undefined, true)
    assert.ok(gone.archived && gone.archivedAt instanceof Date)
    await assert.rejects(basicApi.getById(made.id), (error) => error.code === 404)
  }
})

test('a batch that did a part tells both', async () => {
  const given = [1, 2].map((number) => ({
    properties: { email: `part${Math.min(number, 1)}@judge.example` },
    associations: [],
    objectWriteTraceId: `row-${number}`,
  }))
  const made = await contacts.batchApi.create({ inputs: given })
  assert.deepEqual(made.results.map(({ objectWriteTraceId }) => objectWriteTraceId), ['row-1'])
  assert.deepEqual([made.numErrors, made.errors[0].category], [1, 'CONFLICT'])
  assert.deepEqual(made.errors[0].context.objectWriteTraceId, ['row-2'])
  const wanted = { inputs: [{ id: made.results[0].id }, { id: '1' }], properties: [], propertiesWithHistory: [] }
  const read = await contacts.batchApi.read(wanted)
  assert.deepEqual([read.results.length, read.errors[0].context.ids], [1, ['1']])
})

test('records are put by a unique property', async () => {
  await client.crm.properties.groupsApi.create('contacts', { name: 'judged', label: 'Judged', displayOrder: -1 })
  const definition = { name: 'judged_key', label: 'Key', groupName: 'judged', type: 'string', fieldType: 'text' }
  await client.crm.properties.coreApi.create('contacts', { ...definition, hasUniqueValue: true })
  const put = (firstname) =>
    contacts.batchApi.upsert({ inputs: [{ id: 'K-1', idProperty: 'judged_key', properties: { firstname } }] })
  const [first, again] = [(await put('Ada')).results[0], (await put('Grace')).results[0]]
  assert.deepEqual([first._new, again._new, again.id], [true, false, first.id])
  const read = await contacts.basicApi.getById('K-1', ['firstname'], undefined, undefined, false, 'judged_key')
  assert.equal(read.properties.firstname, 'Grace')
})

test('two contacts become one and all are fetched', async () => {
  const make = (email) => contacts.basicApi.create({ properties: { email }, associations: [] })
  const [kept, gone] = [await make('kept@judge.example'), await make('gone@judge.example')]
  const merged = await contacts.basicApi.merge({ primaryObjectId: kept.id, objectIdToMerge: gone.id })
  assert.deepEqual([merged.id, merged.properties.hs_merged_object_ids], [kept.id, gone.id])
  const everybody = await contacts.getAll()
  assert.equal(everybody.filter(({ id }) => id === kept.id || id === gone.id).length, 1)
  assert.equal(everybody.length, (await contacts.searchApi.doSearch({ limit: 1 })).total)
})
