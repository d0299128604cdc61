import type { Middleware } from 'koa'
import { protectiveHeaders } from './page-headers.ts'

const headers = protectiveHeaders(
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Kith</title>
<p>This Kith has no web client yet: run <code>npm run build</code> in its folder and start it again.</p>
</html>
`

/** Stands where the web client would be, and says how it gets there. */
export const missingBuild: Middleware = (context, next) => {
  if (context.path !== '/' || !['GET', 'HEAD'].includes(context.method)) return next()
  context.set({ ...headers, 'Cache-Control': 'no-store', 'Content-Type': 'text/html; charset=utf-8' })
  context.status = 503
  context.body = page
}
