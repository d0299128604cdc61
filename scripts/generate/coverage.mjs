import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const titles = {
  'client-server': 'Client-server API',
  'server-server': 'Server-server API',
  'application-service': 'Application service API (called by the server)',
  'push-gateway': 'Push gateway API (called by the server)',
}

/** A page that says for every operation of the specification which contract, handlers and tests it has. */
export async function coverage(root, contracts, operations) {
  const handlers = await sources(root, ['homeserver/src/api'], (file) => !file.endsWith('.test.ts'))
  const tests = await sources(root, ['homeserver/src', 'federation-tests'], (file) =>
    file.endsWith('.test.ts'),
  )
  const found = (each) => ({
    handlers: filesWith(handlers, (text) => isServed(each, text)),
    tests: filesWith(tests, (text) => isUsed(each, text)),
  })
  const covered = operations.map((operation) => {
    const contract = contracts.find((each) => operations.find((other) => isOf(each, other)) === operation)
    return { operation, contract, ...(contract ? found(contract) : { handlers: [], tests: [] }) }
  })
  const extra = contracts.filter((each) => !operations.some((operation) => isOf(each, operation)))
  return [
    '# Coverage of the Matrix specification, v1.19',
    'Generated from the contracts in `spec/src/api` by `npm run generate`. A test is listed when it imports the contract or writes its path.',
    summary(covered),
    ...Object.keys(titles).map((api) =>
      section(
        titles[api],
        covered.filter(({ operation }) => operation.api === api),
      ),
    ),
    section(
      'Beyond the specification',
      extra.map((contract) => ({ operation: contract.contract, contract, ...found(contract) })),
    ),
  ]
    .join('\n\n')
    .concat('\n')
}

function isOf({ api, contract }, operation) {
  const itsApi = operation.api === 'server-server' ? 'federation' : operation.api
  return api === itsApi && contract.method === operation.method && contract.path === operation.path
}

function summary(covered) {
  const contracts = covered.filter(({ contract }) => contract).length
  const handlers = covered.filter(({ handlers }) => handlers.length > 0).length
  return `${covered.length} operations: ${contracts} with a contract, ${handlers} with a handler.`
}

function section(title, rows) {
  return [
    `## ${title}\n`,
    '| operation | contract | handler | tests |',
    '| --- | --- | --- | --- |',
    ...rows.map(({ operation, contract, handlers, tests }) => {
      const where = contract ? `\`${contract.name}\` (${contract.module})` : 'not yet'
      return `| ${operation.method} \`${operation.path}\` | ${where} | ${list(handlers)} | ${list(tests)} |`
    }),
  ].join('\n')
}

const list = (files) => files.join(', ') || '-'

const filesWith = (texts, holds) => texts.filter(({ text }) => holds(text)).map(({ file }) => file)

const isServed = ({ name }, text) => new RegExp(`\\bserve\\(\\s*${name}\\b`).test(text)

/** Whether a test imports the contract, or calls its path with whatever parameters. */
function isUsed({ name, module, contract }, text) {
  const path = contract.path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/\'"`\\s]+')
  return (
    new RegExp(`\\b${name}\\b[^}]*\\} from '@kith/spec/api/${module}'`).test(text) ||
    new RegExp(`['"\`]${path}(?=['"\`?])`).test(text)
  )
}

async function sources(root, folders, isWanted) {
  const files = []
  for (const folder of folders) {
    for (const file of await readdir(join(root, folder), { recursive: true })) {
      const path = `${folder}/${file.replaceAll('\\', '/')}`
      if (path.endsWith('.ts') && !path.includes('node_modules/') && isWanted(path)) files.push(path)
    }
  }
  return Promise.all(
    files.sort().map(async (file) => ({ file, text: await readFile(join(root, file), 'utf8') })),
  )
}
