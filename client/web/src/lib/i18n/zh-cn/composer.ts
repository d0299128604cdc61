import type { Messages } from '../messages.ts'

export const composer: Messages['composer'] = {}
