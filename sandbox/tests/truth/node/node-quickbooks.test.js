// The judge is node-quickbooks: its own methods, each as a promise, against the American company of automated tax.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { promisify } from 'node:util'
import QuickBooks from 'node-quickbooks'

const door = process.env.SANDBOX_QUICKBOOKS
QuickBooks.V3_ENDPOINT_BASE_URL = `${door}/v3/company/`
QuickBooks.TOKEN_URL = `${door}/oauth2/v1/tokens/bearer`
const client = new QuickBooks(
  'sandbox-quickbooks-app', 'sandbox-quickbooks-secret', 'sandbox-quickbooks-access-1', false,
  '9130350000000001', true, false, 75, '2.0', 'sandbox-quickbooks-refresh-1',
)
const call = (method, ...given) => promisify(client[method].bind(client))(...given)

async function line(amount) {
  const found = await call('findItems', { Type: 'Service' })
  return {
    Amount: amount,
    DetailType: 'SalesItemLineDetail',
    SalesItemLineDetail: { ItemRef: { value: found.QueryResponse.Item[0].Id }, TaxCodeRef: { value: 'NON' } },
  }
}

async function invoice(amount, more = {}) {
  return call('createInvoice', { CustomerRef: { value: '1' }, Line: [await line(amount)], ...more })
}

async function refused(code, work) {
  await assert.rejects(work, (error) => {
    assert.equal(error.response.data.Fault.Error[0].code, code)
    return true
  })
}

test('a customer is made changed found and counted', async () => {
  const made = await call('createCustomer', { DisplayName: "O'Node & Sons" })
  const changed = await call('updateCustomer', { ...made, CompanyName: 'Node' })
  assert.deepEqual([changed.SyncToken, changed.CompanyName], ['1', 'Node'])
  const found = await call('findCustomers', [{ field: 'DisplayName', value: "O'Node & Sons", operator: '=' }])
  assert.deepEqual(found.QueryResponse.Customer.map((one) => one.Id), [made.Id])
  const all = await call('findCustomers', { count: true })
  assert.ok(all.QueryResponse.totalCount > 1)
  await refused('6240', call('createCustomer', { DisplayName: "O'Node & Sons" }))
  await refused('5010', call('updateCustomer', { ...made, CompanyName: 'Stale' }))
})

test('an invoice is mailed printed paid voided and deleted', async () => {
  const made = await invoice(100)
  const sent = await call('sendInvoicePdf', made.Id, 'node@judge.example')
  assert.equal(sent.EmailStatus, 'EmailSent')
  const pdf = await call('getInvoicePdf', made.Id)
  assert.equal(Buffer.from(pdf).subarray(0, 5).toString(), '%PDF-')
  await call('createPayment', {
    CustomerRef: { value: '1' },
    TotalAmt: 100,
    Line: [{ Amount: 100, LinkedTxn: [{ TxnId: made.Id, TxnType: 'Invoice' }] }],
  })
  const paid = await call('getInvoice', made.Id)
  assert.equal(paid.Balance, 0)
  // This method alone hands the answer on in its envelope.
  const { Invoice: voided } = await call('voidInvoice', { Id: paid.Id, SyncToken: paid.SyncToken })
  assert.equal(voided.TotalAmt, 0)
  await call('deleteInvoice', { Id: voided.Id, SyncToken: voided.SyncToken })
  await refused('610', call('getInvoice', made.Id))
})

test('an estimate becomes an invoice', async () => {
  const made = await call('createEstimate', { CustomerRef: { value: '1' }, Line: [await line(5)] })
  const bill = await invoice(5, { LinkedTxn: [{ TxnId: made.Id, TxnType: 'Estimate' }] })
  const closed = await call('getEstimate', made.Id)
  assert.deepEqual([closed.TxnStatus, closed.LinkedTxn], ['Closed', [{ TxnId: bill.Id, TxnType: 'Invoice' }]])
})

test('a file is uploaded and hung on an invoice', async () => {
  const bill = await invoice(5)
  const content = Buffer.from([...Array(256).keys()])
  const made = await call('upload', 'terms.bin', 'application/x-terms', content, 'Invoice', bill.Id)
  assert.deepEqual([made.FileName, made.Size, made.AttachableRef[0].EntityRef.value], ['terms.bin', 256, bill.Id])
  const file = await fetch(made.TempDownloadUri)
  assert.deepEqual(Buffer.from(await file.arrayBuffer()), content)
})

test('preferences are changed', async () => {
  const before = await call('getPreferences')
  const SalesFormsPrefs = { ...before.SalesFormsPrefs, AllowShipping: true }
  const after = await call('updatePreferences', { Id: before.Id, SyncToken: before.SyncToken, sparse: true, SalesFormsPrefs })
  assert.equal(after.SalesFormsPrefs.AllowShipping, true)
})

test('batches and changes', async () => {
  const since = new Date(Date.now() - 300_000)
  const done = await call('batch', [
    { bId: 'a', operation: 'create', Customer: { DisplayName: 'Batched' } },
    { bId: 'b', operation: 'create', Customer: {} },
  ])
  const [made, wrong] = done.BatchItemResponse
  assert.equal(made.Customer.DisplayName, 'Batched')
  assert.equal(wrong.Fault.Error[0].code, '2020')
  const found = await call('changeDataCapture', ['Customer'], since)
  const changed = found.CDCResponse[0].QueryResponse[0].Customer
  assert.ok(changed.some((one) => one.Id === made.Customer.Id))
})

test('a token is refreshed', async () => {
  const answer = await call('refreshAccessToken')
  assert.equal(answer.token_type, 'bearer')
  assert.equal(client.token, answer.access_token)
  assert.ok((await call('getCompanyInfo', '9130350000000001')).CompanyName)
})
