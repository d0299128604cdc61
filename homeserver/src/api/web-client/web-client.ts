import type { Context, Middleware } from 'koa'
import type { Logger } from '../../platform/logger.ts'
import { MethodNotAllowed } from '../errors.ts'
import { chooseEncoding } from './accept-encoding.ts'
import { type BuiltFile, type BuiltFiles, readBuild } from './build-folder.ts'
import { missingBuild } from './missing-build.ts'
import { contentSecurityPolicy, protectiveHeaders } from './page-headers.ts'

const methods = ['GET', 'HEAD']
const yearOfHashedNames = 'public, max-age=31536000, immutable'

/**
 * Answers with the web client that lies in this folder, from memory: what is built later is served after the next
 * start. What it has no answer for is left to the API, which refuses it.
 *
 * @throws StartError
 */
export async function webClient(folder: string, logger: Logger): Promise<Middleware> {
  const files = await readBuild(folder)
  const page = files?.get('/index.html')
  if (!files || !page) {
    logger.warn('the web client is not built: npm run build makes it, and the next start serves it')
    return missingBuild
  }
  return serveBuild(files, page)
}

function serveBuild(files: BuiltFiles, page: BuiltFile): Middleware {
  const html = page.forms.get('identity')?.bytes.toString() ?? ''
  const headers = protectiveHeaders(contentSecurityPolicy(html))
  const byAddress = new Map(files)
  byAddress.delete('/index.html')
  byAddress.set('/', page)
  return async (context, next) => {
    const file = byAddress.get(context.path)
    const isRead = methods.includes(context.method)
    if (file && !isRead) throw new MethodNotAllowed(methods)
    const answer = file ?? (isRead && asksForScreen(context) ? page : undefined)
    if (!answer) return next()
    context.set(headers)
    context.set('Cache-Control', context.path.startsWith('/_app/immutable/') ? yearOfHashedNames : 'no-cache')
    writeFile(context, answer)
  }
}

/**
 * Whether a browser opens a screen of the app. All of them are one page, which looks at the address itself. In their
 * addresses a dot occurs only in Matrix identifiers, and those with a dot have a colon.
 */
function asksForScreen({ path, headers }: Context): boolean {
  if (/^\/[._]/.test(path) || !/\btext\/html\b/.test(headers.accept ?? '')) return false
  const last = path.slice(path.lastIndexOf('/'))
  return !last.includes('.') || /:|%3a/i.test(last)
}

function writeFile(context: Context, { type, forms }: BuiltFile): void {
  const encoding = chooseEncoding(context.get('Accept-Encoding'), [...forms.keys()])
  const form = forms.get(encoding)
  if (!form) throw new Error(`a file of the build has no form ${encoding}`)
  if (forms.size > 1) context.vary('Accept-Encoding')
  context.set('ETag', form.etag)
  if (isKnown(context.get('If-None-Match'), form.etag)) {
    context.body = ''
    context.status = 304
    return
  }
  if (encoding !== 'identity') context.set('Content-Encoding', encoding)
  context.set('Content-Type', type)
  context.body = form.bytes
}

/** Source: RFC 9110, section 13.1.2, with the weak comparison: a proxy may have weakened the tag. */
function isKnown(header: string, etag: string): boolean {
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes(etag) || tags.includes('*')
}
