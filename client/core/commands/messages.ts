import type { JsonObject } from '@kith/spec/json'
import type { Commands, OutgoingMessage } from '../api.ts'
import type { Engine } from '../engine.ts'
import { CommandError } from '../errors.ts'
import { knownRoom, type Model, signedIn } from '../model.ts'
import { enqueue, pendingReaction, removeRecord, saveRecord } from '../outbox/outbox.ts'
import type { OutboxRecord } from '../store/records.ts'
import { annotationsOf, standing } from '../timeline/annotations.ts'
import { transactionIdOf } from '../timeline/relations.ts'

type MessageCommands = Pick<Commands, 'send' | 'reply' | 'edit' | 'redact' | 'react' | 'unreact' | 'retry'>

export function messageCommands(engine: Engine): MessageCommands {
  const { model } = engine
  const put = async (roomId: string, what: OutboxRecord['what']) => {
    signedIn(model)
    knownRoom(model, roomId)
    await enqueue(model, { roomId, what }, Date.now())
    engine.running?.sender.pump(roomId)
  }
  const putMessage = (roomId: string, content: JsonObject) =>
    put(roomId, { kind: 'event', type: 'm.room.message', content })
  return {
    send: (roomId, message) => putMessage(roomId, messageContent(message)),
    async reply(roomId, eventId, message) {
      const author = await senderOf(model, roomId, eventId)
      const mentions = [...(message.mentions ?? []), ...(author === undefined ? [] : [author])]
      const content = messageContent({ ...message, mentions })
      await putMessage(roomId, { ...content, 'm.relates_to': { 'm.in_reply_to': { event_id: eventId } } })
    },
    async edit(roomId, key, message) {
      const content = messageContent(message)
      if (await editQueued(engine, { roomId, key, content })) return
      await putMessage(roomId, editContent(content, await eventIdOf(engine, roomId, key)))
    },
    async redact(roomId, key, reason) {
      if (await dropQueued(engine, key)) return
      const eventId = await eventIdOf(engine, roomId, key)
      await put(roomId, { kind: 'redaction', eventId, ...(reason !== undefined && { reason }) })
    },
    async react(roomId, eventId, key) {
      if (myReaction(model, { roomId, eventId, key })) return
      const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id: eventId, key } }
      await put(roomId, { kind: 'event', type: 'm.reaction', content })
    },
    async unreact(roomId, eventId, key) {
      const pending = pendingReaction(model, { roomId, eventId, key })
      if (pending && (await dropQueued(engine, pending.txnId))) return
      const sent = pending ? await eventIdOf(engine, roomId, pending.txnId) : undefined
      const reaction = sent ?? myReaction(model, { roomId, eventId, key })
      if (reaction !== undefined) await put(roomId, { kind: 'redaction', eventId: reaction })
    },
    async retry(roomId, key) {
      await model.turn(async () => {
        const record = model.outbox.get(key)
        if (record?.state === 'failed')
          await saveRecord(model, { ...record, state: 'queued', failure: undefined })
      })
      engine.running?.sender.pump(roomId)
    },
  }
}

const messageTypes = { text: 'm.text', notice: 'm.notice', emote: 'm.emote' } as const

function messageContent({
  text,
  html,
  kind = 'text',
  mentions = [],
  mentionsRoom,
}: OutgoingMessage): JsonObject {
  return {
    msgtype: messageTypes[kind],
    body: text,
    ...(html !== undefined && { format: 'org.matrix.custom.html', formatted_body: html }),
    'm.mentions': {
      ...(mentions.length > 0 && { user_ids: [...new Set(mentions)] }),
      ...(mentionsRoom && { room: true }),
    },
  }
}

/** Source: client-server API, "Event replacements": what stands outside is for clients that know no edits. */
function editContent(content: JsonObject, eventId: string): JsonObject {
  const { msgtype = null, body } = content
  return {
    ...{ msgtype, body: `* ${body}`, 'm.mentions': {} },
    'm.new_content': content,
    'm.relates_to': { rel_type: 'm.replace', event_id: eventId },
  }
}

/** Changes a message that has not left yet, or an edit of it. @returns whether there was one */
async function editQueued(
  { model, running }: Engine,
  { roomId, key, content }: { roomId: string; key: string; content: JsonObject },
): Promise<boolean> {
  const found = await model.turn(async () => {
    const record = model.outbox.get(key)
    if (record?.what.kind !== 'event' || !isHere(record)) return false
    const relates = record.what.content['m.relates_to']
    const what = {
      ...record.what,
      content: { ...content, ...(relates !== undefined && { 'm.relates_to': relates }) },
    }
    await saveRecord(model, { ...record, what, state: 'queued', failure: undefined })
    return true
  })
  if (found) running?.sender.pump(roomId)
  return found
}

/** Whether it has certainly not left: one that failed was refused, one that is queued may have left without an answer. */
function isHere({ state, wasTried }: OutboxRecord): boolean {
  return state === 'failed' || (state === 'queued' && !wasTried)
}

/** Takes something out of the queue that has not left. @returns whether it was there */
async function dropQueued({ model }: Engine, key: string): Promise<boolean> {
  return model.turn(async () => {
    const record = model.outbox.get(key)
    if (!record || !isHere(record)) return false
    await removeRecord(model, record)
    return true
  })
}

/** The event of an item, once the server has it. @throws CommandError `offline` while it is not known whether it has */
async function eventIdOf({ model, running }: Engine, roomId: string, key: string): Promise<string> {
  if (model.outbox.has(key)) {
    const record = await running?.sender.settled(key)
    if (record?.eventId !== undefined) return record.eventId
    if (record) throw new CommandError('offline', 'The message is still on its way')
  }
  const entry = model.views
    .get(roomId)
    ?.entries.findLast(({ eventId, event }) => eventId === key || transactionIdOf(event) === key)
  if (entry) return entry.eventId
  if (key.startsWith('$')) return key
  throw new CommandError('not-found', 'The message is not here')
}

async function senderOf(model: Model, roomId: string, eventId: string): Promise<string | undefined> {
  const [stored] = await model.store.findEvents(roomId, [eventId])
  const sender = stored?.event.sender
  return sender === model.entries.me ? undefined : sender
}

function myReaction(
  model: Model,
  { roomId, eventId, key }: { roomId: string; eventId: string; key: string },
) {
  const outbox = [...model.outbox.values()].filter((record) => record.roomId === roomId)
  const annotations = annotationsOf(model.views.get(roomId)?.entries ?? [], outbox)
  const mine = standing(eventId, annotations).find(
    (one) => one.sender === model.entries.me && one.key === key,
  )
  return mine?.eventId ?? pendingReaction(model, { roomId, eventId, key })?.eventId
}
