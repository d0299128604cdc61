// Import before matrix-js-sdk. Keeps it from printing, and from holding up the end of a test.
import loglevel from 'loglevel'

// Some modules of the SDK keep a method of its global logger, which prints at debug level, whatever logger a client is given.
// With `getChild` in place the SDK takes this logger as its own, and its modules theirs from here.
const logger = loglevel.getLogger('matrix')
logger.setLevel('silent', false)
Object.assign(logger, { getChild: () => logger })

// The SDK never clears the time-out of a request that was answered: 110 s for a long poll. Unreferenced, it ends with the
// test. Nobody else here has a time-out as long as that.
const longMs = 80_000
const set = globalThis.setTimeout
const setUnreferenced = (callback: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]) => {
  const timer = set(callback, delayMs, ...args)
  return (delayMs ?? 0) >= longMs ? timer.unref() : timer
}
globalThis.setTimeout = Object.assign(setUnreferenced, set) as typeof setTimeout
