import { createSubscriber } from 'svelte/reactivity'

const dayBegins = createSubscriber((update) => {
  let timer: ReturnType<typeof setTimeout>
  const wait = () => {
    timer = setTimeout(() => {
      update()
      wait()
    }, untilMidnightMs())
  }
  wait()
  return () => clearTimeout(timer)
})

/** The time, for what is told by the day: what shows it is shown anew when a day begins. */
export function timeNow(): number {
  dayBegins()
  return Date.now()
}

/** A little later, because timers may be early. */
function untilMidnightMs(): number {
  return new Date().setHours(24, 0, 1, 0) - Date.now()
}
