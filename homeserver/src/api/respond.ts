import type { Context } from 'koa'
import type { Logger } from '../platform/logger.ts'
import { errorAnswer, MethodNotAllowed } from './errors.ts'
import { Raw } from './raw.ts'

/** Writes what a handler returned. */
export function writeAnswer(
  context: Context,
  answer: unknown,
  check: ((answer: unknown) => unknown) | undefined,
): void {
  if (answer instanceof Raw) {
    for (const [name, value] of Object.entries(answer.headers)) context.res.setHeader(name, value)
    write(context, typeof answer.bytes === 'string' ? answer.bytes : Buffer.from(answer.bytes), answer.type)
    return
  }
  const text = JSON.stringify(answer)
  check?.(JSON.parse(text))
  write(context, text, 'application/json')
}

/** Writes an error, and logs it when it is ours. */
export function writeError(context: Context, error: unknown, logger: Logger): void {
  const { requestId } = context.state
  const { status, body, retryAfterMs, isOurs } = errorAnswer(error, requestId)
  if (isOurs) logger.error({ err: error, requestId }, 'a request failed unexpectedly')
  if (context.headerSent) return
  if (retryAfterMs !== undefined) context.set('Retry-After', String(Math.ceil(retryAfterMs / 1000)))
  if (error instanceof MethodNotAllowed) context.set('Allow', error.allowed.join(', '))
  // The rest of a body that is too large is not read.
  if (status === 413) context.set('Connection', 'close')
  context.status = status
  write(context, JSON.stringify(body), 'application/json')
}

function write(context: Context, body: string | Buffer, type: string): void {
  context.res.setHeader('Content-Type', type)
  context.body = body
}
