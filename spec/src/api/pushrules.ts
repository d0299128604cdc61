import Type from 'typebox'
import { endpoint } from './endpoint.ts'
import { AnyJson, Content, Empty } from './schemas.ts'

const Actions = Type.Array(Type.Union([Type.String(), Content]))

const Condition = Type.Object({
  kind: Type.String(),
  key: Type.Optional(Type.String()),
  pattern: Type.Optional(Type.String()),
  is: Type.Optional(Type.String()),
  value: Type.Optional(AnyJson),
})

export const PushRule = Type.Object({
  rule_id: Type.String(),
  default: Type.Boolean(),
  enabled: Type.Boolean(),
  actions: Actions,
  conditions: Type.Optional(Type.Array(Condition)),
  pattern: Type.Optional(Type.String()),
})

export const PushRuleset = Type.Object({
  override: Type.Array(PushRule),
  content: Type.Array(PushRule),
  room: Type.Array(PushRule),
  sender: Type.Array(PushRule),
  underride: Type.Array(PushRule),
})

const RuleParams = Type.Object({
  kind: Type.Enum(['override', 'content', 'room', 'sender', 'underride']),
  ruleId: Type.String(),
})

export const getPushRules = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/pushrules/',
  spec: 'client-server-api/#get_matrixclientv3pushrules',
  auth: 'user',
  rate: 'read',
  returns: Type.Object({ global: PushRuleset }),
  aliases: ['/_matrix/client/v3/pushrules'],
})

export const getGlobalPushRules = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/pushrules/global/',
  spec: 'client-server-api/#get_matrixclientv3pushrulesglobal',
  auth: 'user',
  rate: 'read',
  returns: PushRuleset,
  aliases: ['/_matrix/client/v3/pushrules/global'],
})

export const getPushRule = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}',
  spec: 'client-server-api/#get_matrixclientv3pushrulesglobalkindruleid',
  auth: 'user',
  rate: 'read',
  params: RuleParams,
  returns: PushRule,
})

export const setPushRule = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}',
  spec: 'client-server-api/#put_matrixclientv3pushrulesglobalkindruleid',
  auth: 'user',
  rate: 'write',
  params: RuleParams,
  query: Type.Object({ before: Type.Optional(Type.String()), after: Type.Optional(Type.String()) }),
  body: Type.Object({
    actions: Actions,
    conditions: Type.Optional(Type.Array(Condition)),
    pattern: Type.Optional(Type.String()),
  }),
  returns: Empty,
})

export const deletePushRule = endpoint({
  method: 'DELETE',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}',
  spec: 'client-server-api/#delete_matrixclientv3pushrulesglobalkindruleid',
  auth: 'user',
  rate: 'write',
  params: RuleParams,
  returns: Empty,
})

export const getPushRuleEnabled = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled',
  spec: 'client-server-api/#get_matrixclientv3pushrulesglobalkindruleidenabled',
  auth: 'user',
  rate: 'read',
  params: RuleParams,
  returns: Type.Object({ enabled: Type.Boolean() }),
})

export const setPushRuleEnabled = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/enabled',
  spec: 'client-server-api/#put_matrixclientv3pushrulesglobalkindruleidenabled',
  auth: 'user',
  rate: 'write',
  params: RuleParams,
  body: Type.Object({ enabled: Type.Boolean() }),
  returns: Empty,
})

export const getPushRuleActions = endpoint({
  method: 'GET',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions',
  spec: 'client-server-api/#get_matrixclientv3pushrulesglobalkindruleidactions',
  auth: 'user',
  rate: 'read',
  params: RuleParams,
  returns: Type.Object({ actions: Actions }),
})

export const setPushRuleActions = endpoint({
  method: 'PUT',
  path: '/_matrix/client/v3/pushrules/global/{kind}/{ruleId}/actions',
  spec: 'client-server-api/#put_matrixclientv3pushrulesglobalkindruleidactions',
  auth: 'user',
  rate: 'write',
  params: RuleParams,
  body: Type.Object({ actions: Actions }),
  returns: Empty,
})
