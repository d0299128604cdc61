// Sends messages as fast as they are acknowledged. A process of its own, so that its work doesn't wait behind that of the
// bench; one connection per sender, kept open.
import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { Pool } from 'undici'
import type { Measurement, Plan } from './plan.ts'

const plan: Plan = JSON.parse(await text(process.stdin))
process.stdout.write(`${JSON.stringify(await measure(plan))}\n`)

async function measure({ url, senders, warmUpMs, measureMs, textBytes }: Plan): Promise<Measurement> {
  const pool = new Pool(url, { connections: senders.length, pipelining: 1 })
  const body = JSON.stringify({ msgtype: 'm.text', body: 'm'.repeat(textBytes) })
  const begin = performance.now() + warmUpMs
  const end = begin + measureMs
  const latencies: number[] = []
  const failures: string[] = []
  const run = async (sender: Plan['senders'][number], index: number) => {
    const headers = { authorization: `Bearer ${sender.token}`, 'content-type': 'application/json' }
    const prefix = `/_matrix/client/v3/rooms/${encodeURIComponent(sender.room)}/send/m.room.message/`
    const transaction = `${randomBytes(6).toString('hex')}.${index}.`
    for (let count = 0; performance.now() < end; count += 1) {
      const asked = performance.now()
      const failure = await send(pool, { path: `${prefix}${transaction}${count}`, headers, body })
      const answered = performance.now()
      if (answered < begin || answered > end) continue
      if (failure === undefined) latencies.push(answered - asked)
      else failures.push(failure)
    }
  }
  await Promise.all(senders.map(run))
  await pool.destroy()
  return summary(latencies, failures, measureMs)
}

async function send(
  pool: Pool,
  request: { path: string; headers: Record<string, string>; body: string },
): Promise<string | undefined> {
  try {
    const response = await pool.request({ method: 'PUT', ...request })
    if (response.statusCode === 200) return void (await response.body.dump())
    return `${response.statusCode} ${await response.body.text()}`
  } catch (error) {
    return String(error)
  }
}

function summary(latencies: number[], failures: string[], measureMs: number): Measurement {
  const sorted = Float64Array.from(latencies).sort()
  const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN
  return {
    sent: latencies.length,
    failed: failures.length,
    failure: failures[0],
    perSecond: latencies.length / (measureMs / 1000),
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
  }
}
