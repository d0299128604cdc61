import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scratchDatabase } from '../platform/scratch-database.ts'
import { claimServerName } from './instance.ts'

test('a database keeps the server name of its first start', async () => {
  await using database = await scratchDatabase()

  assert.equal(await claimServerName(database, 'first.example'), 'first.example')
  assert.equal(await claimServerName(database, 'second.example'), 'first.example')
})
