// The judge is @hubspot/api-client for Node: properties, pipelines, owners, associations with labels, quotes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AssociationTypes, Client } from '@hubspot/api-client'

const client = new Client({ accessToken: 'pat-na1-sandbox-1', basePath: process.env.SANDBOX_HUBSPOT })
const { crm } = client

const deal = (number = 1) =>
  crm.deals.basicApi.create({
    properties: { dealname: `Judged by Node ${number}`, pipeline: 'default', dealstage: 'contractsent' },
    associations: [],
  })
const company = (number = 1) =>
  crm.companies.basicApi.create({ properties: { name: `Node ${number}` }, associations: [] })
const spec = (associationTypeId) => ({ associationCategory: 'HUBSPOT_DEFINED', associationTypeId })
const refused = (code) => (error) => {
  assert.equal(error.code, code, error.message)
  return true
}

test('a group and a property are made read changed and archived', async () => {
  const { groupsApi, coreApi } = crm.properties
  const group = await groupsApi.create('deals', { name: 'judged', label: 'Judged', displayOrder: -1 })
  assert.deepEqual([group.name, group.label, group.displayOrder, group.archived], ['judged', 'Judged', -1, false])
  const wanted = { groupName: 'judged', name: 'judged_state', label: 'State', type: 'enumeration', fieldType: 'select' }
  const options = [{ label: 'Open', value: 'open', displayOrder: 0, hidden: false, description: 'Not paid' }]
  const made = await coreApi.create('deals', { ...wanted, options })
  for (const [name, value] of Object.entries(wanted)) assert.equal(made[name], value)
  assert.deepEqual({ ...made.options[0] }, options[0])
  assert.ok(made.createdAt instanceof Date)
  assert.equal(made.modificationMetadata.readOnlyValue, false)
  const changed = await coreApi.update('deals', 'judged_state', { label: 'Other' })
  assert.equal(changed.label, 'Other')
  assert.ok((await coreApi.getAll('deals')).results.some(({ name }) => name === 'judged_state'))
  await assert.rejects(coreApi.create('deals', { ...wanted, options }), refused(409))
  await coreApi.archive('deals', 'judged_state')
  await assert.rejects(coreApi.getByName('deals', 'judged_state'), refused(404))
  await groupsApi.archive('deals', 'judged')
})

test('properties in batches', async () => {
  await crm.properties.groupsApi.create('deals', { name: 'judged', label: 'Judged', displayOrder: -1 })
  const wanted = { groupName: 'judged', label: 'No', type: 'string', fieldType: 'text' }
  const inputs = [1, 2].map((number) => ({ ...wanted, name: `judged_${number}` }))
  const made = await crm.properties.batchApi.create('deals', { inputs })
  assert.deepEqual([made.status, made.results.map(({ name }) => name)], ['COMPLETE', ['judged_1', 'judged_2']])
  const partly = await crm.properties.batchApi.create('deals', { inputs: inputs.slice(1) })
  assert.deepEqual([partly.numErrors, partly.errors[0].category, partly.results], [1, 'CONFLICT', []])
  await crm.properties.batchApi.archive('deals', { inputs: [{ name: 'judged_1' }] })
  await assert.rejects(crm.properties.coreApi.getByName('deals', 'judged_1'), refused(404))
})

test('pipelines stages and owners are read', async () => {
  const pipeline = (await crm.pipelines.pipelinesApi.getAll('deals')).results[0]
  const won = pipeline.stages.find(({ id }) => id === 'closedwon')
  assert.deepEqual({ ...won.metadata }, { isClosed: 'true', probability: '1.0' })
  assert.equal((await crm.pipelines.pipelineStagesApi.getById('deals', 'default', 'closedwon')).label, won.label)
  await assert.rejects(crm.pipelines.pipelinesApi.getById('deals', 'nowhere'), refused(404))
  const owners = (await crm.owners.ownersApi.getPage()).results
  assert.equal(owners.length, 3)
  const one = await crm.owners.ownersApi.getById(Number(owners[1].id))
  assert.deepEqual([one.email, one.userId], [owners[1].email, owners[1].userId])
  const byAddress = await crm.owners.ownersApi.getPage(owners[2].email)
  assert.deepEqual(byAddress.results.map(({ id }) => id), [owners[2].id])
})

test('associations bear labels and go both ways', async () => {
  const { basicApi, schema } = crm.associations.v4
  const [sale, firm] = [await deal(), await company()]
  const made = await basicApi.create('deals', sale.id, 'companies', firm.id, [spec(AssociationTypes.primaryDealToCompany)])
  assert.deepEqual(made.labels, ['Primary'])
  const types = async (from, id, to) =>
    (await basicApi.getPage(from, id, to)).results.flatMap((one) => one.associationTypes.map(({ typeId }) => typeId)).sort()
  assert.deepEqual(await types('deals', sale.id, 'companies'), [341, 5])
  assert.deepEqual(await types('companies', firm.id, 'deals'), [342, 6])
  await basicApi.archive('deals', sale.id, 'companies', firm.id)
  assert.deepEqual(await types('deals', sale.id, 'companies'), [])
  const labels = (await schema.definitionsApi.getAll('deals', 'companies')).results
  assert.equal(labels.find(({ typeId }) => typeId === 5).label, 'Primary')
  await assert.rejects(basicApi.create('deals', sale.id, 'companies', firm.id, [spec(3)]), refused(400))
  await assert.rejects(basicApi.createDefault('deals', sale.id, 'companies', '1'), refused(404))
})

test('associations in batches', async () => {
  const { batchApi } = crm.associations.v4
  const [sale, other, firm] = [await deal(), await deal(2), await company()]
  const one = { _from: { id: sale.id }, to: { id: firm.id } }
  const made = await batchApi.createDefault('deals', 'companies', { inputs: [one] })
  assert.deepEqual(made.results.map((end) => end.associationSpec.associationTypeId), [341, 342])
  await batchApi.create('deals', 'companies', { inputs: [{ ...one, types: [spec(5)] }] })
  const read = await batchApi.getPage('deals', 'companies', { inputs: [{ id: sale.id }, { id: other.id }] })
  assert.deepEqual(read.results.map(({ _from, to }) => [_from.id, to.map((end) => String(end.toObjectId))]), [[sale.id, [firm.id]]])
  await batchApi.archiveLabels('deals', 'companies', { inputs: [{ ...one, types: [spec(5)] }] })
  await batchApi.archive('deals', 'companies', { inputs: [{ _from: { id: sale.id }, to: [{ id: firm.id }] }] })
  const empty = await crm.associations.v4.basicApi.getPage('deals', sale.id, 'companies')
  assert.deepEqual(empty.results, [])
})

test('a pipeline is made changed and taken away', async () => {
  const { pipelinesApi, pipelineStagesApi } = crm.pipelines
  const stage = (label, displayOrder, probability) => ({ label, displayOrder, metadata: { probability } })
  const stages = [stage('Begun', 0, '0.25'), stage('Sold', 1, '1.0')]
  const made = await pipelinesApi.create('deals', { label: 'Judged', displayOrder: 5, stages })
  assert.deepEqual(made.stages.map(({ label }) => label), ['Begun', 'Sold'])
  const added = await pipelineStagesApi.create('deals', made.id, stage('Talking', 2, '0.5'))
  const changed = await pipelineStagesApi.update('deals', made.id, added.id, { label: 'Talked', metadata: {} })
  assert.equal(changed.label, 'Talked')
  await pipelineStagesApi.archive('deals', made.id, added.id)
  await pipelinesApi.archive('deals', made.id)
  await assert.rejects(pipelinesApi.getById('deals', made.id), refused(404))
})

test('labels of the account are made used and taken away', async () => {
  const { basicApi, schema } = crm.associations.v4
  const wanted = { name: 'payer', label: 'Payer', inverseLabel: 'Pays for' }
  const both = (await schema.definitionsApi.create('deals', 'companies', wanted)).results
  const payer = both.find(({ label }) => label === 'Payer')
  assert.equal(payer.category, 'USER_DEFINED')
  const [sale, firm] = [await deal(), await company()]
  const own = { associationCategory: 'USER_DEFINED', associationTypeId: payer.typeId }
  assert.deepEqual((await basicApi.create('deals', sale.id, 'companies', firm.id, [own])).labels, ['Payer'])
  await schema.definitionsApi.remove('deals', 'companies', payer.typeId)
  const left = (await schema.definitionsApi.getAll('deals', 'companies')).results
  assert.ok(!left.some(({ typeId }) => typeId === payer.typeId))
})

test('a list is made filled and taken away', async () => {
  const { listsApi, membershipsApi } = crm.lists
  const { list } = await listsApi.create({ name: 'Overdue', objectTypeId: '0-3', processingType: 'MANUAL' })
  assert.deepEqual([list.name, list.size, list.processingStatus], ['Overdue', 0, 'COMPLETE'])
  const sale = await deal()
  const added = await membershipsApi.add(list.listId, [sale.id, '1'])
  assert.deepEqual([added.recordsIdsAdded, added.recordIdsMissing], [[sale.id], ['1']])
  const page = await membershipsApi.getPage(list.listId)
  assert.deepEqual(page.results.map(({ recordId }) => recordId), [sale.id])
  await listsApi.remove(list.listId)
})
