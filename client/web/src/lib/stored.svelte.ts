/** What this browser remembers for all who use it: never anything of an account. */

/** A value that outlives the page, where the browser lets it. All windows follow. */
export function stored<T extends string>(name: string, initial: T): { value: T } {
  const key = `kith.${name}`
  let value = $state.raw((read(key) as T | undefined) ?? initial)
  addEventListener('storage', (event) => {
    if (event.key === key) value = (event.newValue as T | null) ?? initial
  })
  return {
    get value() {
      return value
    },
    set value(next) {
      value = next
      try {
        localStorage.setItem(key, next)
      } catch {
        // Storage is off in this browser: remembered until the page goes.
      }
    },
  }
}

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined
  } catch {
    return undefined
  }
}
