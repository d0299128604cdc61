/** Standard alphabet, without padding. Source: appendices, "Unpadded Base64". */
export function encodeBase64(bytes: Uint8Array): string {
  return bytes.toBase64({ omitPadding: true })
}

/** URL-safe alphabet, without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true })
}

/** Accepts input with and without padding, as the appendices ask; nothing else that is not Base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  return decode(text, 'base64')
}

export function decodeBase64Url(text: string): Uint8Array | undefined {
  return decode(text, 'base64url')
}

function decode(text: string, alphabet: 'base64' | 'base64url'): Uint8Array | undefined {
  let digits = text.length
  while (digits > 0 && text.charCodeAt(digits - 1) === 0x3d) digits--
  if (digits % 4 === 1) return undefined
  if (text.length !== digits && text.length !== Math.ceil(digits / 4) * 4) return undefined
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet })
    // The built-in decoder skips white space, which no identifier, key or signature has.
    return bytes.length === Math.floor((digits * 3) / 4) ? bytes : undefined
  } catch {
    return undefined
  }
}
