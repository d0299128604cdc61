import assert from 'node:assert/strict'
import type { JsonObject } from '@kith/spec/json'

export interface TestAnswer {
  status: number
  headers: Headers
  body: JsonObject
}

export interface TestRequest {
  headers?: Record<string, string>
  /** An object is sent as JSON, a text or bytes as they are. */
  body?: JsonObject | string | Uint8Array<ArrayBuffer>
  signal?: AbortSignal
}

/** Calls the API over HTTP, as one device of one user or as nobody. */
export class TestPerson {
  readonly url: string
  readonly accessToken: string | undefined
  readonly userId: string
  readonly deviceId: string

  constructor(url: string, session: { accessToken: string; userId: string; deviceId: string } | undefined) {
    this.url = url
    this.accessToken = session?.accessToken
    this.userId = session?.userId ?? ''
    this.deviceId = session?.deviceId ?? ''
  }

  /** @param path whole, or what follows `/_matrix/client/v3/` */
  async call(method: string, path: string, request: TestRequest = {}): Promise<TestAnswer> {
    const { body, headers, signal } = request
    const response = await fetch(this.url + (path.startsWith('/') ? path : `/_matrix/client/v3/${path}`), {
      method,
      headers: { ...(this.accessToken && { authorization: `Bearer ${this.accessToken}` }), ...headers },
      body:
        body === undefined || typeof body === 'string' || body instanceof Uint8Array
          ? body
          : JSON.stringify(body),
      signal,
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type') === 'application/json'
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : {} }
  }

  /** Calls, and fails unless the answer is 200. */
  async must(method: string, path: string, body?: JsonObject): Promise<JsonObject> {
    const answer = await this.call(method, path, { body })
    assert.equal(answer.status, 200, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  /** Calls, and fails unless it is refused in just this way. */
  async refused(
    [method, path, body]: [method: string, path: string, body?: TestRequest['body']],
    status: number,
    code: string,
  ): Promise<JsonObject> {
    const answer = await this.call(method, path, { body })
    const got = [answer.status, answer.body.errcode]
    assert.deepEqual(got, [status, code], `${method} ${path}: ${JSON.stringify(answer.body)}`)
    return answer.body
  }

  /** Makes an account; its password is `password of NAME`. */
  async register(name: string, extra: JsonObject = {}): Promise<TestPerson> {
    const auth = { type: 'm.login.dummy' }
    return this.#signedIn(
      await this.must('POST', 'register', { username: name, password: passwordOf(name), auth, ...extra }),
    )
  }

  async logIn(name: string, extra: JsonObject = {}): Promise<TestPerson> {
    return this.#signedIn(await this.must('POST', 'login', loginBody(name, extra)))
  }

  #signedIn({ user_id: userId, device_id: deviceId, access_token: accessToken }: JsonObject): TestPerson {
    return new TestPerson(this.url, {
      userId: String(userId),
      deviceId: String(deviceId),
      accessToken: String(accessToken),
    })
  }
}

export const passwordOf = (name: string) => `password of ${name}`

export function loginBody(name: string, extra: JsonObject = {}): JsonObject {
  return {
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: name },
    password: passwordOf(name),
    ...extra,
  }
}
