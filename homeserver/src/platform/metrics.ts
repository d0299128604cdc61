import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What one process counts, for Prometheus. */
export interface Metrics {
  registry: Registry
  /** A recorder for one route, with its labels bound once: `record(status, seconds)`. */
  requestsOf(labels: { method: string; route: string }): RequestRecorder
  /** Requests being answered at the moment, long polls included. */
  running: Gauge
}

export type RequestRecorder = (status: number, seconds: number) => void

/** @param withDefaults memory, CPU, garbage collection and event loop delay of the process as well */
export function createMetrics({ withDefaults = false } = {}): Metrics {
  const registry = new Registry()
  if (withDefaults) collectDefaultMetrics({ register: registry })
  const durations = new Histogram({
    name: 'kith_http_request_duration_seconds',
    help: 'Time from the request line to the last byte of the answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers: [registry],
  })
  const running = new Gauge({
    name: 'kith_http_requests_running',
    help: 'Requests being answered',
    registers: [registry],
  })
  return {
    registry,
    running,
    requestsOf(labels) {
      const bound: { observe(seconds: number): void }[] = []
      return (status, seconds) => {
        const family = Math.floor(status / 100)
        bound[family] ??= durations.labels({ ...labels, status: `${family}xx` })
        bound[family].observe(seconds)
      }
    },
  }
}
