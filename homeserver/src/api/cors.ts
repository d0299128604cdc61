import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Lets pages of any origin call: no cookie means anything here, the caller is who holds the token.
 *
 * Source: client-server API, "Web Browser Clients".
 */
export function allowAnyOrigin(response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', '*')
  response.setHeader('Access-Control-Expose-Headers', 'Retry-After')
}

/** Answers a browser's question before a request. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== 'OPTIONS') return false
  response.setHeader('Access-Control-Allow-Methods', 'GET, POST, PUT, DELETE, OPTIONS')
  response.setHeader('Access-Control-Allow-Headers', 'X-Requested-With, Content-Type, Authorization')
  response.setHeader('Access-Control-Max-Age', '86400')
  return true
}
