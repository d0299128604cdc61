import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { parse } from 'yaml'
import { isObject, type Json, type JsonObject } from '../json.ts'
import { type Endpoint, pathParameters, propertiesOf } from './endpoint.ts'
import { type Operation, operations } from './operations.ts'

/** The specification's OpenAPI files: with KITH_MATRIX_SPEC, the folder `data` of its repository. */
const dataFolder = process.env.KITH_MATRIX_SPEC
const apiFolder = dataFolder ? join(dataFolder, 'api') : undefined

interface Named {
  name: string
  api: Operation['api']
  contract: Endpoint
}

const contracts: Named[] = []
for (const file of readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue
  const api = dirname(file) === 'federation' ? 'server-server' : 'client-server'
  const exported: Record<string, unknown> = await import(join(import.meta.dirname, file))
  for (const [name, value] of Object.entries(exported)) {
    if (isContract(value)) contracts.push({ name, api, contract: value })
  }
}

function isContract(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'bodyUse' in value && 'returns' in value
}

const official = contracts.filter(({ contract }) => !contract.path.startsWith('/_synapse/'))
const describe = ({ name, contract }: Named) => `${name} (${contract.method} ${contract.path})`

test('every contract is an operation of the specification', () => {
  const known = apiFolder ? readOperations(apiFolder) : operations
  for (const named of official) {
    const { method, path } = named.contract
    const isKnown = known.some(
      (each) => each.api === named.api && each.method === method && each.path === path,
    )
    assert.ok(isKnown, describe(named))
  }
})

test('the list of operations is that of the specification', () => {
  const from = apiFolder ? readOperations(apiFolder) : operations
  const sorted = (list: readonly Operation[]) =>
    list
      .map(({ api, module, method, path, operationId }) => [api, module, method, path, operationId].join(' '))
      .sort()
  assert.deepEqual(sorted(operations), sorted(from))
  assert.equal(operations.length, 212)
})

test('no two contracts share a method and a path, aliases included', () => {
  const owners = new Map<string, string>()
  for (const { name, contract } of contracts) {
    for (const path of [contract.path, ...contract.aliases]) {
      const place = `${contract.method} ${path.replaceAll(/\{\w+\}/g, '{}')}`
      assert.equal(owners.get(place), undefined, `${place} of ${name}`)
      owners.set(place, name)
    }
  }
})

test('the parameters of a contract are those of its path', () => {
  for (const named of contracts) {
    const declared = Object.keys(propertiesOf(named.contract.params)).sort()
    assert.deepEqual(declared, pathParameters(named.contract.path).sort(), describe(named))
  }
})

test('a contract names its place in the specification', () => {
  for (const named of official) {
    const { spec, method, path } = named.contract
    const anchor = `${method}${path}`.toLowerCase().replaceAll(/[/{}.]/g, '')
    assert.equal(spec, `${named.api}-api/#${anchor}`, describe(named))
  }
})

test('an optional body may be empty', () => {
  for (const named of contracts.filter(({ contract }) => contract.bodyUse === 'optional')) {
    assert.ok(Compile(named.contract.body).Check({}), describe(named))
  }
})

/** Query parameters that the specification no longer has, does not have yet, or gives to another version of itself. */
const extraQuery = new Map([
  ['joinRoom', ['server_name']],
  ['knockOnRoom', ['server_name']],
  ['sendMessage', ['ts']],
  ['setRoomState', ['ts']],
  ['sync', ['org.matrix.msc4222.use_state_after']],
])

test('queries and bodies have the names, types and duties that the specification gives them', () => {
  for (const named of apiFolder ? official : []) {
    const { operation, file } = findOperation(named)
    const extra = extraQuery.get(named.name) ?? []
    const query = queryShape(operation, file)
    const ours = Object.entries(shapeOf(named.contract.query)).filter(([name]) => !extra.includes(name))
    assert.deepEqual(Object.fromEntries(ours), query, `the query of ${describe(named)}`)
    const body = bodyShape(operation, file)
    for (const [name, type] of Object.entries(body)) {
      const mine = shapeOf(named.contract.body)[name]
      if (Object.keys(propertiesOf(named.contract.body)).length > 0) {
        assert.equal(mine, type, `${name} in the body of ${describe(named)}`)
      }
    }
  }
})

function readOperations(folder: string): Operation[] {
  const apis: Operation['api'][] = ['client-server', 'server-server', 'application-service', 'push-gateway']
  return apis.flatMap((api) =>
    modulesOf(folder, api).flatMap((file) => {
      const module = basename(file, '.yaml')
      return operationsIn(file).map(({ method, path, operation }) => {
        const { operationId } = operation
        return { api, module, method, path, operationId: typeof operationId === 'string' ? operationId : '' }
      })
    }),
  )
}

function modulesOf(folder: string, api: string): string[] {
  const files = readdirSync(join(folder, api)).filter((file) => file.endsWith('.yaml'))
  return files.sort().map((file) => join(folder, api, file))
}

function operationsIn(file: string): { method: string; path: string; operation: JsonObject }[] {
  const document = readYaml(file)
  const base = at(document, 'servers', '0', 'variables', 'basePath', 'default')
  return Object.entries(objectAt(document, 'paths')).flatMap(([path, methods]) =>
    Object.entries(isObject(methods) ? methods : {})
      .filter(([method]) => ['get', 'put', 'post', 'delete'].includes(method))
      .map(([method, operation]) => ({
        method: method.toUpperCase(),
        path: `${typeof base === 'string' ? base : ''}${path.trim()}`,
        operation: isObject(operation) ? operation : {},
      })),
  )
}

function findOperation({ api, contract }: Named): { operation: JsonObject; file: string } {
  for (const file of modulesOf(apiFolder ?? '', api)) {
    const found = operationsIn(file).find(
      ({ method, path }) => method === contract.method && path === contract.path,
    )
    if (found) return { operation: found.operation, file }
  }
  throw new Error(`${contract.method} ${contract.path} is not in the specification`)
}

/** By name: the type, followed by `?` when it may be absent. */
type Shape = Record<string, string>

function shapeOf(schema: TSchema): Shape {
  return schemaShape(JSON.parse(JSON.stringify(schema)), '')
}

function queryShape(operation: JsonObject, file: string): Shape {
  const shape: Shape = {}
  for (const reference of listAt(operation, 'parameters')) {
    const { value: parameter, file: home } = follow(reference, file)
    const name = at(parameter, 'name')
    if (at(parameter, 'in') !== 'query' || typeof name !== 'string') continue
    const { value: schema } = follow(at(parameter, 'schema') ?? {}, home)
    shape[name] = `${typeOf(schema)}${at(parameter, 'required') === true ? '' : '?'}`
  }
  return shape
}

function bodyShape(operation: JsonObject, file: string): Shape {
  return schemaShape(at(operation, 'requestBody', 'content', 'application/json', 'schema') ?? {}, file)
}

function schemaShape(reference: Json, file: string): Shape {
  const { value: schema, file: home } = follow(reference, file)
  const shape: Shape = {}
  for (const part of listAt(schema, 'allOf')) Object.assign(shape, schemaShape(part, home))
  const required = listAt(schema, 'required')
  for (const [name, property] of Object.entries(objectAt(schema, 'properties'))) {
    const { value } = follow(property, home)
    shape[name] = `${typeOf(value)}${required.includes(name) ? '' : '?'}`
  }
  return shape
}

/** The JSON type; an object where several schemas are joined. */
function typeOf(schema: Json): string {
  const type = at(schema, 'type')
  const choices = at(schema, 'enum')
  if (Array.isArray(choices)) return choices.map(String).sort().join('|')
  return typeof type === 'string' ? type : 'object'
}

/** What a `$ref` leads to, and the file that further ones start from. */
function follow(value: Json, file: string): { value: Json; file: string } {
  const target = at(value, '$ref')
  if (typeof target !== 'string') return { value, file }
  const [path = '', pointer = ''] = target.split('#')
  const home = path ? resolve(dirname(file), path) : file
  return follow(at(readYaml(home), ...pointer.split('/').slice(1)) ?? {}, home)
}

const documents = new Map<string, Json>()

function readYaml(file: string): Json {
  const document: Json = documents.get(file) ?? parse(readFileSync(file, 'utf8'))
  documents.set(file, document)
  return document
}

function at(value: Json, ...path: string[]): Json | undefined {
  let found: Json | undefined = value
  for (const name of path) {
    if (Array.isArray(found)) found = found[Number(name)]
    else found = isObject(found) ? found[name] : undefined
  }
  return found
}

function objectAt(value: Json, name: string): JsonObject {
  const found = at(value, name)
  return isObject(found) ? found : {}
}

function listAt(value: Json, name: string): Json[] {
  const found = at(value, name)
  return Array.isArray(found) ? found : []
}
