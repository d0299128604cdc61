/** How one room version differs from the others. Code asks for a switch, never for the number. */
export interface RoomVersionRules {
  version: string
  /** Which properties survive a redaction: the list of version 9, or that of version 11. */
  redaction: 'v9' | 'v11'
  /** `m.room.redaction` names its target in `content.redacts`, not in a top-level `redacts`. */
  redactsInContent: boolean
  /** `m.room.create` must have a `creator` in its content. */
  creatorInContent: boolean
  /** The room ID is the create event's ID with another sigil, and the create event has no `room_id`. */
  roomIdIsCreateHash: boolean
  /** Events name the create event among their `auth_events`. */
  createInAuthEvents: boolean
  /** The sender of the create event and its `additional_creators` stand above every power level. */
  privilegedCreators: boolean
  stateResolution: 'v2' | 'v2.1'
}

const version10: RoomVersionRules = {
  version: '10',
  redaction: 'v9',
  redactsInContent: false,
  creatorInContent: true,
  roomIdIsCreateHash: false,
  createInAuthEvents: true,
  privilegedCreators: false,
  stateResolution: 'v2',
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

export const roomVersions: ReadonlyMap<string, RoomVersionRules> = new Map(
  [version10, version11, version12].map((rules) => [rules.version, rules]),
)

export const defaultRoomVersion = '12'
