const widthLimit = 110

/** The module that gives the browser method and path of each contract of the client API, without the schemas. */
export function pathsModule(contracts) {
  const lines = contracts
    .filter(({ contract }) => contract.path.startsWith('/_matrix/client/'))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, contract: { method, path } }) => entry(name, method, path))
  return [
    '// Generated from the contracts by `npm run generate`.',
    '',
    '/** Method and path of every contract of the client API, by its name. */',
    'export const paths = {',
    ...lines,
    '} as const',
    '',
  ].join('\n')
}

function entry(name, method, path) {
  const line = `  ${name}: ['${method}', '${path}'],`
  return line.length <= widthLimit ? line : `  ${name}: [\n    '${method}',\n    '${path}',\n  ],`
}
