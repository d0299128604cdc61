import { encodeBase64 } from '@kith/spec/base64'

/** Public keys whose secret half anybody can look up. */
const published = new Set([
  // The seed of the Matrix specification's test vectors, which found its way into configurations.
  'XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI',
  // A seed of zeros.
  'O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik',
  // RFC 8032, section 7.1, tests 1 to 3.
  '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  'PUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw',
  '/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU',
])

/** Whether a key proves nothing, because its secret is public. (Degenerate keys fail in verification itself.) */
export function isKnownInsecure(publicKey: Uint8Array): boolean {
  return published.has(encodeBase64(publicKey))
}
