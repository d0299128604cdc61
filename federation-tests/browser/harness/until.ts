import { setTimeout as delay } from 'node:timers/promises'

const withinMs = 15_000
const lookEveryMs = 25

/** Waits for a condition, looking again and again. An error while looking counts as not yet. */
export async function until(
  isSo: () => Promise<boolean> | boolean,
  what: string,
  limitMs = withinMs,
): Promise<void> {
  const deadline = Date.now() + limitMs
  let last: unknown
  for (;;) {
    try {
      if (await isSo()) return
      last = undefined
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${limitMs} ms in vain: ${what}`, { cause: last })
    }
    await delay(lookEveryMs)
  }
}
