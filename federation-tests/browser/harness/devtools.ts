/** A line of its own to Chromium's DevTools: playwright leaves shared workers alone, and the client's core is one. */

type Parameters = Record<string, unknown>

export interface DevToolsEvent {
  method: string
  params: Parameters
  sessionId?: string
}

export interface DevTools extends AsyncDisposable {
  /** @param sessionId of an attached target; absent for the browser itself */
  send(method: string, params?: Parameters, sessionId?: string): Promise<Parameters>
  onEvent(listener: (event: DevToolsEvent) => void): void
}

/** @param port what `--remote-debugging-port` said */
export async function connectDevTools(port: number): Promise<DevTools> {
  const answer = await fetch(`http://127.0.0.1:${port}/json/version`)
  const { webSocketDebuggerUrl } = (await answer.json()) as { webSocketDebuggerUrl: string }
  const socket = new WebSocket(webSocketDebuggerUrl)
  const waiting = new Map<number, PromiseWithResolvers<Parameters>>()
  const listeners: ((event: DevToolsEvent) => void)[] = []
  let lastId = 0
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data))
    if (message.id === undefined) {
      for (const listener of listeners) listener(message)
      return
    }
    const call = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.error) call?.reject(new Error(message.error.message))
    else call?.resolve(message.result)
  })
  await opened(socket)
  return {
    send(method, params = {}, sessionId) {
      const call = Promise.withResolvers<Parameters>()
      lastId += 1
      waiting.set(lastId, call)
      socket.send(JSON.stringify({ id: lastId, method, params, sessionId }))
      return call.promise
    },
    onEvent: (listener) => void listeners.push(listener),
    async [Symbol.asyncDispose]() {
      socket.close()
      for (const { reject } of waiting.values()) reject(new Error('the line to the browser is closed'))
      waiting.clear()
    },
  }
}

async function opened(socket: WebSocket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.addEventListener('open', () => resolve())
  socket.addEventListener('error', () => reject(new Error('Chromium does not answer')))
  await promise
}
