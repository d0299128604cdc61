import {
  deletePushRule,
  getGlobalPushRules,
  getPushRule,
  getPushRuleActions,
  getPushRuleEnabled,
  getPushRules,
  setPushRule,
  setPushRuleActions,
  setPushRuleEnabled,
} from '@kith/spec/api/pushrules'
import { changeRule, findRule, putRule, removeRule } from '@kith/spec/push/edit-rules'
import { changePushRules, pushRules } from '../../domain/push/push-rules.ts'
import { serve } from '../serve.ts'

export const pushRuleRoutes = [
  serve(getPushRules, async ({ server, caller }) => ({ global: await pushRules(server, caller) })),
  serve(getGlobalPushRules, async ({ server, caller }) => pushRules(server, caller)),
  serve(getPushRule, async ({ server, caller, params }) =>
    findRule(await pushRules(server, caller), params.kind, params.ruleId),
  ),
  serve(setPushRule, async ({ server, caller, params, query, body }) => {
    const { kind, ruleId } = params
    await changePushRules(server, caller, (stored) => putRule(stored, kind, { ruleId, ...query, ...body }))
    return {}
  }),
  serve(deletePushRule, async ({ server, caller, params }) => {
    await changePushRules(server, caller, (stored) => removeRule(stored, params.kind, params.ruleId))
    return {}
  }),
  serve(getPushRuleEnabled, async ({ server, caller, params }) => ({
    enabled: findRule(await pushRules(server, caller), params.kind, params.ruleId).enabled,
  })),
  serve(setPushRuleEnabled, async ({ server, caller, params, body }) => {
    const name = { userId: caller.userId, ...params }
    await changePushRules(server, caller, (stored) => changeRule(stored, name, { enabled: body.enabled }))
    return {}
  }),
  serve(getPushRuleActions, async ({ server, caller, params }) => ({
    actions: findRule(await pushRules(server, caller), params.kind, params.ruleId).actions,
  })),
  serve(setPushRuleActions, async ({ server, caller, params, body }) => {
    const name = { userId: caller.userId, ...params }
    await changePushRules(server, caller, (stored) => changeRule(stored, name, { actions: body.actions }))
    return {}
  }),
]
