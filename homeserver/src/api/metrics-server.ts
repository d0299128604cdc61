import type { Metrics } from '../platform/metrics.ts'
import { type Listener, listenHttp } from './listen.ts'

interface MetricsOptions {
  host: string
  port: number
  metrics: Metrics
  /** Rejects when the server can't do its work. */
  checkHealth: () => Promise<unknown>
}

/** Serves `/metrics` for Prometheus and `/health`: 200 or 503. It has no authentication: keep it on loopback. */
export function serveMetrics({ host, port, metrics, checkHealth }: MetricsOptions): Promise<Listener> {
  const pages: Record<string, () => Promise<Page>> = {
    '/metrics': async () => ({
      status: 200,
      type: metrics.registry.contentType,
      text: await metrics.registry.metrics(),
    }),
    '/health': async () => health(checkHealth),
  }
  return listenHttp({
    host,
    port,
    async handler({ method, url = '' }, response) {
      const page = method === 'GET' ? pages[url] : undefined
      const { status, type, text } = page
        ? await page()
        : { status: 404, type: 'text/plain', text: 'Not found\n' }
      response.writeHead(status, { 'Content-Type': type }).end(text)
    },
  })
}

interface Page {
  status: number
  type: string
  text: string
}

async function health(check: () => Promise<unknown>): Promise<Page> {
  try {
    await check()
    return { status: 200, type: 'text/plain', text: 'OK\n' }
  } catch {
    return { status: 503, type: 'text/plain', text: 'The database cannot be reached\n' }
  }
}
