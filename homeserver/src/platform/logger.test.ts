import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLogger } from './logger.ts'

function collecting(level: string) {
  const lines: string[] = []
  return { lines, logger: openLogger(level, { write: (line) => void lines.push(line) }) }
}

test('O6: a secret under a well-known name is not written, at the top or one level down', () => {
  const { lines, logger } = collecting('info')

  logger.info({ access_token: 'planted', login: { password: 'planted' } }, 'somebody logged in')

  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /somebody logged in/)
  assert.doesNotMatch(lines[0] ?? '', /planted/)
})

test('messages below the level are not written', () => {
  const { lines, logger } = collecting('warn')

  logger.info('small talk')
  logger.warn('a warning')

  assert.equal(lines.length, 1)
})
