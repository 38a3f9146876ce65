// A case that claims what is not so: it must fail.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { promisify } from 'node:util'
import QuickBooks from 'node-quickbooks'

QuickBooks.V3_ENDPOINT_BASE_URL = `${process.env.SANDBOX_QUICKBOOKS}/v3/company/`
const client = new QuickBooks(
  'sandbox-quickbooks-app', 'sandbox-quickbooks-secret', 'sandbox-quickbooks-access-1', false,
  '9130350000000001', true, false, 75, '2.0', 'sandbox-quickbooks-refresh-1',
)

test('a customer of another name', async () => {
  const made = await promisify(client.createCustomer.bind(client))({ DisplayName: 'Somebody' })
  assert.equal(made.DisplayName, 'Nobody')
})
