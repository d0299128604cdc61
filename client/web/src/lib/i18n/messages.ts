import { entrance } from './en/entrance.ts'
import { inside } from './en/inside.ts'

/** All that the app says, in English. A text with numbers or names in it is a function. */
export const en = { ...entrance, ...inside }

/** Other languages have the same shape: a missing text does not compile. */
export type Messages = typeof en
/** They are fetched when somebody is in. */
export type Inside = typeof inside
export type Entrance = typeof entrance
