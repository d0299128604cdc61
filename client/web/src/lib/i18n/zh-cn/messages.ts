import type { Messages } from '../messages.ts'
import { entrance } from './entrance.ts'
import { inside } from './inside.ts'

export const zhCn: Messages = { ...entrance, ...inside }
