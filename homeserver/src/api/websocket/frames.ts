import type { MatrixError } from '@kith/spec/errors'
import { isObject, type JsonObject } from '@kith/spec/json'
import { decodeUtf8, parseJson } from '@kith/spec/strict-json'

/** Why a socket is closed. Source: spec/extensions/websocket-sync.md, "Errors and closing". */
export const closeCodes = {
  silent: 1001,
  failed: 1011,
  restart: 1012,
  malformed: 4400,
  signedOut: 4401,
  slow: 4408,
  tooMany: 4429,
} as const

export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes]

/** A frame that makes it impossible to go on. */
export class MalformedFrame extends Error {
  override name = 'MalformedFrame'
}

export interface ClientFrame {
  type: string
  members: JsonObject
  /** As it came: the content of an event is held against the rules of canonical JSON. */
  text: string
}

/** @throws MalformedFrame */
export function readFrame(data: Buffer, isBinary: boolean): ClientFrame {
  if (isBinary) throw new MalformedFrame('Frames are text')
  const { text, members } = parse(data)
  if (!isObject(members) || typeof members.type !== 'string') {
    throw new MalformedFrame('A frame is an object with a type')
  }
  return { type: members.type, members, text }
}

function parse(data: Buffer) {
  try {
    const text = decodeUtf8(data)
    return { text, members: parseJson(text, 'plain') }
  } catch (error) {
    throw new MalformedFrame((error as MatrixError).message)
  }
}

/** @throws MalformedFrame */
export function textMember({ type, members }: ClientFrame, name: string): string {
  const value = members[name]
  if (typeof value !== 'string') throw new MalformedFrame(`${type} needs the text ${name}`)
  return value
}
