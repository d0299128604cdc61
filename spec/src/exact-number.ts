declare global {
  interface JSON {
    rawJSON(text: string): unknown
  }
}

/**
 * A number in an event of a room that allows any, which a JavaScript number would not give back as it came: `50.0`,
 * fractions, integers beyond 2^53. It is written as it has to be hashed.
 *
 * Source: room version 1, "Canonical JSON". What is hashed there is not in the text; servers follow Synapse, where an
 * integer keeps all its digits, and any other number is the shortest decimal of its double, as Python writes it.
 */
export class ExactNumber {
  readonly text: string

  /** @param text as it has to be hashed: made by `exactNumber` */
  constructor(text: string) {
    this.text = text
  }

  toJSON(): unknown {
    return JSON.rawJSON(this.text)
  }
}

/** The nearest number to a token of JSON: an ordinary one where that gives it back. Infinity where there is none. */
export function exactNumber(token: string): number | ExactNumber {
  const value = Number(token)
  const isInteger = /^-?[0-9]+$/.test(token)
  if (isInteger ? Number.isSafeInteger(value) : !Number.isFinite(value)) return value
  return new ExactNumber(isInteger ? token : pythonFloat(value))
}

/** @returns from 0.0001 up to 1e16 without an exponent and with a point, else with an exponent of two digits */
function pythonFloat(value: number): string {
  const [digits = '', exponentText = ''] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  if (exponent >= -4 && exponent < 16) return Number.isInteger(value) ? `${value}.0` : String(value)
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}
