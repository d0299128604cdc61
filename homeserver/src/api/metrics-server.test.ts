import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMetrics } from '../platform/metrics.ts'
import { serveMetrics } from './metrics-server.ts'

test('metrics and health are served, and nothing else', async () => {
  let isHealthy = true
  const checkHealth = async () => {
    if (!isHealthy) throw new Error('connect ECONNREFUSED 10.0.0.1')
  }
  const metrics = createMetrics({ withDefaults: true })
  const listener = await serveMetrics({ host: '127.0.0.1', port: 0, metrics, checkHealth })
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${listener.port}${path}`)
    return [response.status, await response.text()] as const
  }
  const [status, text] = await get('/metrics')
  assert.equal(status, 200)
  assert.match(text, /^kith_http_requests_running 0$/m)
  assert.match(text, /^nodejs_eventloop_lag_p99_seconds /m)
  assert.deepEqual(await get('/health'), [200, 'OK\n'])
  isHealthy = false
  const [sick, why] = await get('/health')
  assert.equal(sick, 503)
  assert.doesNotMatch(why, /10\.0\.0\.1/)
  assert.equal((await get('/elsewhere'))[0], 404)
  assert.equal((await get('/toString'))[0], 404)
  await listener.close(0)
})
