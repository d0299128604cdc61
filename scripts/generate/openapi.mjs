const title = { 'client-server': 'Kith client-server API', federation: 'Kith federation API' }

const security = {
  none: undefined,
  user: [{ accessToken: [] }],
  admin: [{ accessToken: [] }],
  optional: [{}, { accessToken: [] }],
  server: [{ signedRequest: [] }],
}

const securitySchemes = {
  accessToken: { type: 'http', scheme: 'bearer' },
  signedRequest: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'The request signed by the calling server, as `X-Matrix …`',
  },
}

const error = {
  description: 'The request was refused',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['errcode', 'error'],
        properties: { errcode: { type: 'string' }, error: { type: 'string' } },
      },
    },
  },
}

/** The OpenAPI document of the contracts of one API, as text. */
export function openApi(contracts, api) {
  const paths = {}
  for (const { name, module, contract } of contracts.filter((each) => each.api === api)) {
    paths[contract.path] ??= {}
    paths[contract.path][contract.method.toLowerCase()] = operation(name, module, contract)
  }
  const document = {
    openapi: '3.1.0',
    info: { title: title[api], version: '1.19' },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: { securitySchemes },
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

function operation(name, module, { spec, auth, params, query, body, bodyUse, returns }) {
  return {
    operationId: name,
    tags: [module.split('/').at(-1)],
    externalDocs: documentation(spec),
    security: security[auth],
    parameters: [...parameters('path', params), ...parameters('query', query)],
    requestBody: bodyUse === 'none' ? undefined : requestBody(body, bodyUse),
    responses: {
      200: { description: 'Success', content: { 'application/json': { schema: returns } } },
      default: error,
    },
  }
}

function documentation(spec) {
  const synapse = 'synapse/'
  return spec.startsWith(synapse)
    ? { url: `https://element-hq.github.io/synapse/latest/${spec.slice(synapse.length)}.html` }
    : { url: `https://spec.matrix.org/v1.19/${spec}` }
}

function parameters(place, { properties = {}, required = [] }) {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema,
  }))
}

function requestBody(schema, bodyUse) {
  return { required: bodyUse === 'required', content: { 'application/json': { schema } } }
}
