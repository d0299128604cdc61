import { domainOf } from '@kith/spec/ids'
import { isObject, type Json, type JsonObject, own } from '@kith/spec/json'
import type { HomeserverInfo } from './api.ts'
import { CommandError } from './errors.ts'
import { call, fetchJson } from './http.ts'

const lookTimeoutMs = 10_000
const dummy = 'm.login.dummy'

/**
 * Finds the client API from what somebody typed, and how one gets in.
 *
 * Source: client-server API, "Server Discovery".
 * @throws CommandError `not-a-homeserver`
 */
export async function findHomeserver(typed: string): Promise<HomeserverInfo> {
  const text = typed.trim()
  for (const address of addressesOf(text)) {
    const baseUrl = await wellKnown(address)
    for (const candidate of baseUrl === undefined ? [address] : [baseUrl]) {
      if (await isHomeserver(candidate)) return describe(candidate, await nameOf(candidate, address, text))
    }
  }
  throw new CommandError('not-a-homeserver', `No homeserver answers at ${text}`)
}

/**
 * Without a scheme it is https. On this machine, where servers are tried out, it is http before: a server that speaks
 * only that may leave https without an answer.
 */
function addressesOf(text: string): string[] {
  if (/^https?:\/\//i.test(text)) return isUrl(text) ? [trimSlash(text)] : []
  const host = text.startsWith('@') ? domainOf(text) : text
  const addresses = [`https://${host}`]
  if (/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(host)) addresses.unshift(`http://${host}`)
  return addresses.filter(isUrl).map(trimSlash)
}

function isUrl(text: string): boolean {
  return URL.canParse(text)
}

function trimSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

/** @returns undefined where there is none, or none that can be used: the name itself is tried then */
async function wellKnown(address: string): Promise<string | undefined> {
  const { origin } = new URL(address)
  const found = await look(`${origin}/.well-known/matrix/client`)
  const homeserver = isObject(found) ? own(found, 'm.homeserver') : undefined
  const base = isObject(homeserver) ? homeserver.base_url : undefined
  return typeof base === 'string' && /^https?:\/\//i.test(base) && isUrl(base) ? trimSlash(base) : undefined
}

async function isHomeserver(baseUrl: string): Promise<boolean> {
  const found = await look(`${baseUrl}/_matrix/client/versions`)
  return isObject(found) && Array.isArray(found.versions)
}

/**
 * Somebody who types a name knows what it is; an address, such as that of the page, may be any: its server says its
 * name where it answers other servers too.
 */
async function nameOf(baseUrl: string, address: string, typed: string): Promise<string> {
  const found = address === typed ? await look(`${baseUrl}/_matrix/key/v2/server`) : undefined
  const name = isObject(found) ? found.server_name : undefined
  return typeof name === 'string' ? name : new URL(address).host
}

async function look(url: string): Promise<Json | undefined> {
  return fetchJson(url, { method: 'GET', timeoutMs: lookTimeoutMs }).catch(() => undefined)
}

async function describe(baseUrl: string, serverName: string): Promise<HomeserverInfo> {
  const [canSignInByPassword, registration] = await Promise.all([
    takesPasswords(baseUrl),
    registrationAt(baseUrl),
  ])
  return { baseUrl, serverName, canSignInByPassword, registration }
}

async function takesPasswords(baseUrl: string): Promise<boolean> {
  const { flows } = await call<{ flows?: { type?: string }[] }>({ baseUrl }, 'getLoginFlows')
  return (flows ?? []).some(({ type }) => type === 'm.login.password')
}

/** Asks with an empty request, which no server takes for a registration. */
async function registrationAt(baseUrl: string): Promise<HomeserverInfo['registration']> {
  try {
    await call({ baseUrl }, 'register', { body: {} })
    return 'unknown'
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    if (error.status === 401) return hasDummyFlow(error.answer) ? 'open' : 'elsewhere'
    return error.status === 403 || error.status === 404 ? 'closed' : 'unknown'
  }
}

/** Whether one of the flows asks for nothing but the stage that always succeeds. */
export function hasDummyFlow({ flows }: JsonObject): boolean {
  if (!Array.isArray(flows)) return false
  return flows.some((flow) => {
    const stages = isObject(flow) ? flow.stages : undefined
    return Array.isArray(stages) && stages.every((stage) => stage === dummy)
  })
}
