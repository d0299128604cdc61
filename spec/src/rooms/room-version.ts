/** How one room version differs from the others. Code asks for a switch, never for the number. */
export interface RoomVersionRules {
  version: string
  /** Its server gives an event an ID (`$opaque:domain`), or it is the event's hash, in either alphabet of Base64. */
  eventId: 'given' | 'hash' | 'url-safe hash'
  /** Numbers are integers that JSON holds exactly, keys are there once. */
  strictJson: boolean
  /** A signing key counts only for the time for which it was said to be valid. */
  strictKeyValidity: boolean
  /** The version in which the list came up of what survives a redaction. */
  redaction: 'v1' | 'v6' | 'v8' | 'v9' | 'v11'
  /** `m.room.redaction` names its target in `content.redacts`, not in a top-level `redacts`. */
  redactsInContent: boolean
  /** The authorization rules decide on redactions; else it is decided when one is applied. */
  redactionRule: boolean
  /** A server may change its own `m.room.aliases`, whoever is in the room. */
  aliasesRule: boolean
  /** The levels in `notifications` are changed by the rules for those in `events`. */
  notificationLevels: boolean
  /** Power levels are integers; else numbers with a fraction and decimal strings are read as well. */
  integerPowerLevels: boolean
  /** `knock` is a membership and a join rule. */
  knocking: boolean
  /** Members of other rooms may join where `restricted` rules it, with somebody to vouch for them. */
  restrictedJoins: boolean
  /** `knock_restricted` is a join rule. */
  knockRestricted: boolean
  /** State keys may begin with a user ID, which makes the state that user's own (MSC3757). */
  ownedState: boolean
  /** `m.room.create` must have a `creator` in its content. */
  creatorInContent: boolean
  /** The room ID is the create event's ID with another sigil, and the create event has no `room_id`. */
  roomIdIsCreateHash: boolean
  /** Events name the create event among their `auth_events`. */
  createInAuthEvents: boolean
  /** The sender of the create event and its `additional_creators` stand above every power level. */
  privilegedCreators: boolean
  stateResolution: 'v1' | 'v2' | 'v2.1'
}

const version1: RoomVersionRules = {
  version: '1',
  eventId: 'given',
  strictJson: false,
  strictKeyValidity: false,
  redaction: 'v1',
  redactsInContent: false,
  redactionRule: true,
  aliasesRule: true,
  notificationLevels: false,
  integerPowerLevels: false,
  knocking: false,
  restrictedJoins: false,
  knockRestricted: false,
  ownedState: false,
  creatorInContent: true,
  roomIdIsCreateHash: false,
  createInAuthEvents: true,
  privilegedCreators: false,
  stateResolution: 'v1',
}

const version2: RoomVersionRules = { ...version1, version: '2', stateResolution: 'v2' }
const version3: RoomVersionRules = { ...version2, version: '3', eventId: 'hash', redactionRule: false }
const version4: RoomVersionRules = { ...version3, version: '4', eventId: 'url-safe hash' }
const version5: RoomVersionRules = { ...version4, version: '5', strictKeyValidity: true }

const version6: RoomVersionRules = {
  ...version5,
  version: '6',
  strictJson: true,
  redaction: 'v6',
  aliasesRule: false,
  notificationLevels: true,
}

const version7: RoomVersionRules = { ...version6, version: '7', knocking: true }
const version8: RoomVersionRules = { ...version7, version: '8', redaction: 'v8', restrictedJoins: true }
const version9: RoomVersionRules = { ...version8, version: '9', redaction: 'v9' }

const version10: RoomVersionRules = {
  ...version9,
  version: '10',
  integerPowerLevels: true,
  knockRestricted: true,
}

const version11: RoomVersionRules = {
  ...version10,
  version: '11',
  redaction: 'v11',
  redactsInContent: true,
  creatorInContent: false,
}

const version12: RoomVersionRules = {
  ...version11,
  version: '12',
  roomIdIsCreateHash: true,
  createInAuthEvents: false,
  privilegedCreators: true,
  stateResolution: 'v2.1',
}

/** Source: MSC3757, "Unstable prefix". */
const ownedState10: RoomVersionRules = { ...version10, version: 'org.matrix.msc3757.10', ownedState: true }

const versions = [
  version1,
  version2,
  version3,
  version4,
  version5,
  version6,
  version7,
  version8,
  version9,
  version10,
  version11,
  version12,
  ownedState10,
]

export const roomVersions: ReadonlyMap<string, RoomVersionRules> = new Map(
  versions.map((rules) => [rules.version, rules]),
)

export const defaultRoomVersion = '12'
