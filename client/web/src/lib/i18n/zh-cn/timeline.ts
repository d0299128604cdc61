import type { Messages } from '../messages.ts'

export const timeline: Messages['timeline'] = {}
