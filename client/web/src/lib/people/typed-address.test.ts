import assert from 'node:assert/strict'
import { test } from 'node:test'
import { personAddress, roomAddress } from './typed-address.ts'

test('a person is meant by their address, a link, or what they are called on my server', () => {
  const meant = {
    '@anna:example.org': '@anna:example.org',
    ' anna:example.org ': '@anna:example.org',
    'https://matrix.to/#/@anna:example.org': '@anna:example.org',
    'https://matrix.to/#/%40anna%3Aexample.org?via=a': '@anna:example.org',
    'matrix:u/anna:example.org?action=chat': '@anna:example.org',
    '@anna': '@anna:home.test',
    Anna: '@anna:home.test',
  }
  for (const [typed, userId] of Object.entries(meant)) {
    assert.equal(personAddress(typed, 'home.test'), userId, typed)
  }
  for (const typed of ['', '@', 'Anna Smith', '小明', '#garden:example.org:1:2', 'anna:']) {
    assert.equal(personAddress(typed, 'home.test'), undefined, typed)
  }
})

test('a group is found in what was pasted, whatever is around it', () => {
  const meant = {
    '#garden:example.org': '#garden:example.org',
    ' #garden:example.org \n': '#garden:example.org',
    '# garden : example.org': '#garden:example.org',
    'Come to (#garden:example.org), soon!': '#garden:example.org',
    '!opaque:example.org': '!opaque:example.org',
    'see https://matrix.to/#/#garden:example.org.': 'https://matrix.to/#/#garden:example.org',
    'https://matrix.to/#/!opaque:example.org?via=a.test&via=b.test':
      'https://matrix.to/#/!opaque:example.org?via=a.test&via=b.test',
    'matrix:r/garden:example.org?action=join': 'matrix:r/garden:example.org?action=join',
    'http://kith.test:8008/room/%23garden%3Aexample.org': '#garden:example.org',
  }
  for (const [typed, target] of Object.entries(meant)) {
    assert.deepEqual(roomAddress(typed), { kind: 'room', target }, typed)
  }
  for (const typed of ['', 'garden', '#', 'https://example.org/garden', '#garden', '!short']) {
    assert.equal(roomAddress(typed), undefined, typed)
  }
})

test('the address of a person where one of a group is asked for is known as such', () => {
  const anna = { kind: 'person', userId: '@anna:example.org' }
  assert.deepEqual(roomAddress('write to @anna:example.org'), anna)
  assert.deepEqual(roomAddress('https://matrix.to/#/@anna:example.org'), anna)
})
