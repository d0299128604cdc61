import { connectDevTools, type DevTools, type DevToolsEvent } from './devtools.ts'

/** What a worker did, as far as somebody who looks for troubles wants to know. */
export type WorkerEvent =
  | { kind: 'console'; level: string; text: string }
  | { kind: 'exception'; text: string }
  | { kind: 'request'; url: string }

/** The shared workers of all contexts of one browser. */
export interface SharedWorkers extends AsyncDisposable {
  /** @param context the browser's own id of a context */
  onEvent(context: string, listener: (event: WorkerEvent) => void): void
  /** Takes the network from the workers of a context, also from those that start later, or gives it back. */
  setOffline(context: string, isOffline: boolean): Promise<void>
  /** Runs a script in each worker of a context before its own. */
  beforeStart(context: string, script: string): void
  /** Runs a script in the only worker of a context. */
  evaluate(context: string, expression: string): Promise<unknown>
}

interface Worker {
  sessionId: string
  context: string
}

interface Beginning {
  isOffline: boolean
  script: string | undefined
}

/** @param port what `--remote-debugging-port` said */
export async function watchSharedWorkers(port: number): Promise<SharedWorkers> {
  const devTools = await connectDevTools(port)
  const workers = new Map<string, Worker>()
  const offline = new Set<string>()
  const scripts = new Map<string, string>()
  const listeners: { context: string; listener: (event: WorkerEvent) => void }[] = []
  devTools.onEvent((event) => {
    const { method, params } = event
    if (method === 'Target.attachedToTarget') {
      const { sessionId, targetInfo } = params as {
        sessionId: string
        targetInfo: { browserContextId: string }
      }
      const worker = { sessionId, context: targetInfo.browserContextId }
      workers.set(sessionId, worker)
      const { context } = worker
      const beginning = { isOffline: offline.has(context), script: scripts.get(context) }
      // A worker that is gone already needs no beginning.
      begin(devTools, worker, beginning).catch(() => {})
      return
    }
    if (method === 'Target.detachedFromTarget') workers.delete(String(params.sessionId))
    const worker = workers.get(event.sessionId ?? '')
    const told = worker && eventOf(event)
    if (!told) return
    for (const { context, listener } of listeners) if (context === worker.context) listener(told)
  })
  await devTools.send('Target.setAutoAttach', {
    autoAttach: true,
    flatten: true,
    // Nothing a worker does at its start goes unseen.
    waitForDebuggerOnStart: true,
    filter: [{ type: 'shared_worker' }],
  })
  const of = (context: string) => [...workers.values()].filter((worker) => worker.context === context)
  return {
    onEvent: (context, listener) => void listeners.push({ context, listener }),
    async setOffline(context, isOffline) {
      if (isOffline) offline.add(context)
      else offline.delete(context)
      for (const worker of of(context)) await emulate(devTools, worker, isOffline)
    },
    beforeStart: (context, script) => void scripts.set(context, script),
    async evaluate(context, expression) {
      const [worker] = of(context)
      if (!worker) throw new Error('this person has no worker')
      const parameters = { expression, awaitPromise: true, returnByValue: true }
      const { result } = await devTools.send('Runtime.evaluate', parameters, worker.sessionId)
      return (result as { value?: unknown }).value
    },
    [Symbol.asyncDispose]: () => devTools[Symbol.asyncDispose](),
  }
}

async function begin(devTools: DevTools, worker: Worker, { isOffline, script }: Beginning): Promise<void> {
  const { sessionId } = worker
  const steps = ['Runtime.enable', 'Log.enable', 'Network.enable']
  await Promise.all(steps.map((step) => devTools.send(step, {}, sessionId)))
  if (isOffline) await emulate(devTools, worker, true)
  if (script) await devTools.send('Runtime.evaluate', { expression: script }, sessionId)
  await devTools.send('Runtime.runIfWaitingForDebugger', {}, sessionId)
}

async function emulate(devTools: DevTools, { sessionId }: Worker, isOffline: boolean): Promise<void> {
  const conditions = { offline: isOffline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 }
  await devTools.send('Network.emulateNetworkConditions', conditions, sessionId)
}

interface Told {
  type: string
  args: { value?: unknown; description?: string }[]
  entry: { level: string; text: string; url?: string }
  exceptionDetails: { text: string; exception?: { description?: string } }
  request: { url: string }
}

function eventOf({ method, params }: DevToolsEvent): WorkerEvent | undefined {
  const { type, args, entry, exceptionDetails, request } = params as unknown as Told
  if (method === 'Runtime.consoleAPICalled') {
    const text = args.map(({ value, description }) => description ?? String(value)).join(' ')
    return { kind: 'console', level: type, text }
  }
  if (method === 'Log.entryAdded') {
    return { kind: 'console', level: entry.level, text: [entry.text, entry.url].filter(Boolean).join(' ') }
  }
  if (method === 'Runtime.exceptionThrown') {
    const { text, exception } = exceptionDetails
    return { kind: 'exception', text: exception?.description ?? text }
  }
  return method === 'Network.requestWillBeSent' ? { kind: 'request', url: request.url } : undefined
}
