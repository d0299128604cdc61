/** An answer that is already encoded, or that is not JSON. */
export class Raw {
  readonly bytes: Uint8Array | string
  readonly type: string
  readonly headers: Readonly<Record<string, string>>

  constructor(bytes: Uint8Array | string, { type = 'application/json', headers = {} }: RawOptions) {
    this.bytes = bytes
    this.type = type
    this.headers = headers
  }
}

export interface RawOptions {
  /** `application/json` unless said otherwise. */
  type?: string
  headers?: Record<string, string>
}

/** Lets a handler answer with bytes that were encoded before. */
export const raw = (bytes: Uint8Array | string, options: RawOptions = {}) => new Raw(bytes, options)
