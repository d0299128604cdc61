/**
 * Numbers from a sequence without a read per number: whole blocks are fetched, and handed out from memory.
 *
 * The sequence's own increment is the size of its blocks (`create sequence row_numbers increment by 1000`), so
 * processes can never disagree on it. Numbers are unique, not dense, and not in the order of use.
 */
import { type Db, one, sql } from './database.ts'

export interface NumberBlocks {
  /**
   * Sets `count` numbers aside, and returns the function that hands them out without waiting.
   * It throws when called more than `count` times; numbers not asked for are lost, which costs nothing.
   */
  ready(count: number): Promise<() => number>
}

interface Block {
  next: number
  end: number
}

export function numberBlocks(db: Db, sequence: string): NumberBlocks {
  const blocks: Block[] = []
  let available = 0
  let fetching: Promise<void> | undefined

  async function fetch(): Promise<void> {
    const { first, size } = await one<{ first: number; size: number }>(
      db,
      sql`select nextval(${sequence}::regclass) as first,
        (select seqincrement from pg_sequence where seqrelid = ${sequence}::regclass) as size`,
    )
    blocks.push({ next: first, end: first + size })
    available += size
  }

  function take(count: number): Block[] {
    const taken: Block[] = []
    for (let missing = count; missing > 0; ) {
      const block = blocks[0]
      if (block === undefined) throw new Error('more numbers were taken than are there')
      const end = Math.min(block.end, block.next + missing)
      taken.push({ next: block.next, end })
      missing -= end - block.next
      block.next = end
      if (block.next === block.end) blocks.shift()
    }
    available -= count
    return taken
  }

  return {
    async ready(count) {
      while (available < count) {
        fetching ??= fetch().finally(() => {
          fetching = undefined
        })
        await fetching
      }
      return handOut(take(count))
    },
  }
}

function handOut(blocks: Block[]): () => number {
  return () => {
    const block = blocks[0]
    if (block === undefined) throw new Error('more numbers were used than set aside')
    const number = block.next++
    if (block.next === block.end) blocks.shift()
    return number
  }
}
