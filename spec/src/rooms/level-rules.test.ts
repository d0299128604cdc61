import assert from 'node:assert/strict'
import { test } from 'node:test'
import { levelRules } from './level-rules.ts'
import { defaultRoomVersion, type RoomVersionRules, roomVersions } from './room-version.ts'

const picked = ({ integerPowerLevels, creatorInContent, privilegedCreators }: RoomVersionRules) => ({
  integerPowerLevels,
  creatorInContent,
  privilegedCreators,
})

test('what clients know of how levels are read is what the table of room versions says', () => {
  for (const [version, rules] of roomVersions) assert.deepEqual(levelRules(version), picked(rules), version)
  const newest = roomVersions.get(defaultRoomVersion) as RoomVersionRules
  for (const unknown of ['13', 'org.example', '', '01']) assert.deepEqual(levelRules(unknown), picked(newest))
})
