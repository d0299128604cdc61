import { createHash } from 'node:crypto'

/**
 * What the page may do, and what may be done with it: scripts of this build alone, and connections to any Matrix
 * server, since people may have their account anywhere. Plain HTTP only to this machine, for a server that runs here.
 *
 * The inline script that starts the app is allowed by its hash. The policy goes with every file, because a worker
 * obeys that of its own script and not that of the page.
 */
export function contentSecurityPolicy(html: string): string {
  const directives = {
    'default-src': "'none'",
    'script-src': ["'self'", ...hashesOf('script', html)].join(' '),
    'style-src': ["'self'", ...hashesOf('style', html)].join(' '),
    'img-src': "'self' blob: data:",
    'media-src': "'self' blob:",
    'font-src': "'self'",
    'connect-src': `'self' https: wss: ${loopback.join(' ')}`,
    'worker-src': "'self'",
    'manifest-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    'object-src': "'none'",
  }
  return Object.entries(directives)
    .map((directive) => directive.join(' '))
    .join('; ')
}

// Of IPv6 there is no form that a policy could name.
const loopback = ['localhost', '127.0.0.1'].flatMap((host) => [`http://${host}:*`, `ws://${host}:*`])

/** The sources that allow the inline elements of this name, as they stand. */
function hashesOf(element: 'script' | 'style', html: string): string[] {
  const pattern = new RegExp(`<${element}(?:\\s[^>]*)?>([^]*?)</${element}>`, 'g')
  const contents = [...html.matchAll(pattern)].map(([, content = '']) => content)
  return contents
    .filter((content) => content !== '')
    .map((content) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`)
}

/** The headers of every page and file. */
export function protectiveHeaders(policy: string): Record<string, string> {
  return {
    'Content-Security-Policy': policy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  }
}
