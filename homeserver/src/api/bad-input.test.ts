// What every operation does with input that no client should send, derived from the contracts.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Endpoint } from '@kith/spec/api/endpoint'
import { signedCall } from '../domain/federation/test-member.ts'
import { type PeerScene, setPeerScene } from './federation/test-peer-scene.ts'
import { routes } from './routes.ts'
import type { TestAnswer } from './test-person.ts'

const contracts = routes.map(({ contract }) => contract as Endpoint)
/** These end the session that the others need. */
const isLast = ({ path }: Endpoint) => /\/(logout|logout\/all|account\/deactivate)$/.test(path)

const deep = `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`
const wide = `{${Array.from({ length: 50_001 }, (_, n) => `"${n}":0`).join()}}`
const bodies: [body: string | Uint8Array<ArrayBuffer>, codes: string[]][] = [
  ['', ['M_NOT_JSON']],
  ['nonsense', ['M_NOT_JSON']],
  ['{"a":', ['M_NOT_JSON']],
  [Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), ['M_NOT_JSON']],
  ['[]', ['M_BAD_JSON']],
  ['"text"', ['M_BAD_JSON']],
  [deep, ['M_BAD_JSON']],
  [wide, ['M_BAD_JSON', 'M_TOO_LARGE']],
]
/** In place of each parameter of a path. */
const oddParameters = [
  '%00',
  '%F0%9F%92%A9',
  '..',
  '%2E%2E%2F',
  '!',
  '@:',
  '%EF%BF%BF',
  'x'.repeat(300),
  '-1',
]
const oddQuery = ['1e9', '-1', '12abc', '99999999999999999999', '%00', '%F0%9F', '[]', '{"a":{"b":[]}}', '']
/** In place of each member of a body, as JSON. */
const oddValues = [
  ...['null', 'true', '-1', '1.5', '9007199254740992', '1e400', '""', '"\\u0000"', '"\\ud800"'],
  ...['[]', '[[]]', '{}', '{"__proto__":1,"constructor":{}}'],
]

let alpha: PeerScene['alpha']
let alice: PeerScene['alice']
let peer: PeerScene['peer']
setPeerScene(130, (scene) => {
  ;({ alpha, alice, peer } = scene)
})

type Body = string | Uint8Array<ArrayBuffer> | undefined

/** As whoever may call it. */
async function call(
  { auth, method }: Endpoint,
  path: string,
  body: Body,
): Promise<Pick<TestAnswer, 'status' | 'body'>> {
  const sent = method === 'GET' ? undefined : body
  if (auth === 'server')
    return await signedCall(peer, alpha.url, [
      method,
      path.replace('/_matrix/federation/', ''),
      sent?.toString(),
    ])
  return await alice.call(method, path, { body: sent })
}

function mustBeSound({ status, body }: Pick<TestAnswer, 'status' | 'body'>, what: string): void {
  // 502: what another server did not answer, as for an invite to a name that is no server.
  assert.ok(status < 500 || status === 502, `${what}: ${status} ${JSON.stringify(body)}`)
  // Interactive authentication says with its first answer what it wants, and has no error yet.
  if (status === 401 && Array.isArray(body.flows)) return
  if (status >= 400) assert.match(String(body.errcode), /^M_[A-Z_]+$/, what)
}

const sound: Record<string, string> = {
  roomId: '!x:alpha.test',
  eventId: '$x',
  userId: '@alice:alpha.test',
  roomAlias: '#x:alpha.test',
  kind: 'content',
}
const named = ({ path }: Endpoint, value?: string) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => value ?? encodeURIComponent(sound[name] ?? 'x'))

test('J1, J3: a body that is no JSON, or not an object, or too deep or wide, is refused by every operation that has one', async () => {
  const having = contracts.filter(({ bodyUse, auth }) => bodyUse === 'required' && auth !== 'server')
  assert.ok(having.length > 20)
  for (const contract of having) {
    for (const [body, codes] of bodies) {
      const answer = await call(contract, named(contract), body)
      const what = `${contract.method} ${contract.path} ${String(body).slice(0, 20)}`
      assert.ok([400, 413].includes(answer.status), `${what}: ${answer.status}`)
      assert.ok(codes.includes(String(answer.body.errcode)), `${what}: ${answer.body.errcode}`)
    }
  }
})

test('no operation answers odd parameters of its path or query with a server error', async () => {
  for (const contract of contracts.filter((each) => !isLast(each))) {
    for (const odd of oddParameters) {
      if (!contract.path.includes('{')) break
      mustBeSound(
        await call(contract, named(contract, odd), '{}'),
        `${contract.method} ${named(contract, odd)}`,
      )
    }
    const names = Object.keys((contract.query as { properties?: object }).properties ?? {})
    for (const name of names.filter((each) => each !== 'timeout')) {
      for (const odd of oddQuery) {
        const path = `${named(contract)}?${name}=${odd}`
        mustBeSound(await call(contract, path, '{}'), `${contract.method} ${path}`)
      }
    }
  }
})

test('no operation answers members of odd types with a server error', async () => {
  for (const contract of contracts.filter((each) => each.bodyUse !== 'none' && !isLast(each))) {
    const names = Object.keys((contract.body as { properties?: object }).properties ?? {})
    for (const name of [...names, '__proto__', 'x']) {
      for (const odd of oddValues) {
        // What cannot be signed cannot be sent.
        if (contract.auth === 'server' && /1e400|ud800/.test(odd)) continue
        const others = names.filter((each) => each !== name).map((each) => `"${each}":"x"`)
        const body = `{${[...others, `"${name}":${odd}`].join()}}`
        mustBeSound(
          await call(contract, named(contract), body),
          `${contract.method} ${contract.path} ${body}`,
        )
      }
    }
  }
})
