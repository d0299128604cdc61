import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Measurement, Plan } from './plan.ts'

const program = join(import.meta.dirname, 'generator.ts')

/** Runs the generator in its own process to the end. */
export async function runGenerator(plan: Plan): Promise<Measurement> {
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(plan))
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  if (code !== 0) throw new Error(`the generator ended with ${code}`)
  return JSON.parse(output)
}
