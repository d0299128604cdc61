import { timeNow } from './clock.ts'
import { language, text } from './language.svelte.ts'

const dayMs = 24 * 60 * 60 * 1000
const formats = new Map<string, Intl.DateTimeFormat>()

/** @param at milliseconds since 1970, as in all of these */
export function time(at: number): string {
  return format(at, { hour: 'numeric', minute: '2-digit' })
}

/** For the chat list: the time today, the weekday this week, else the date. */
export function briefTime(at: number, now = timeNow()): string {
  if (isSameDay(at, now)) return time(at)
  if (now - at < 6 * dayMs) return format(at, { weekday: 'short' })
  return isSameYear(at, now)
    ? format(at, { month: 'short', day: 'numeric' })
    : format(at, { year: 'numeric', month: 'numeric', day: 'numeric' })
}

/** For a line between two days. */
export function day(at: number, now = timeNow()): string {
  if (isSameDay(at, now)) return text.common.today
  if (isSameDay(at, now - dayMs)) return text.common.yesterday
  const year = isSameYear(at, now) ? undefined : 'numeric'
  return format(at, { weekday: 'long', month: 'long', day: 'numeric', year })
}

export function dateAndTime(at: number): string {
  return format(at, { dateStyle: 'full', timeStyle: 'short' })
}

export function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString()
}

function isSameYear(one: number, other: number): boolean {
  return new Date(one).getFullYear() === new Date(other).getFullYear()
}

/** Making a format is slow: each is kept. */
function format(at: number, options: Intl.DateTimeFormatOptions): string {
  const key = language.tag + JSON.stringify(options)
  let found = formats.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(language.tag, options)
    formats.set(key, found)
  }
  return found.format(at)
}
