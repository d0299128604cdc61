import { createSubscriber } from 'svelte/reactivity'

const subscribe = createSubscriber((update) => {
  const done = new AbortController()
  const { signal } = done
  addEventListener('focus', update, { signal })
  addEventListener('blur', update, { signal })
  document.addEventListener('visibilitychange', update, { signal })
  return () => done.abort()
})

/** Whether somebody looks at this window. */
export const windowFocus = {
  get isHere(): boolean {
    subscribe()
    return document.visibilityState === 'visible' && document.hasFocus()
  },
}
