/** How columns become JavaScript values: `bigint` is a number (positions and interned numbers stay under 2^53), `bytea` a Buffer. */
import pg from 'pg'

const INT8 = 20
const INT8_ARRAY = 1016

/** @throws RangeError past 2^53: a wrong number would be worse. */
function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is past 2^53`)
  return value
}

const parseArray: (text: string) => (string | null)[] = pg.types.getTypeParser(INT8_ARRAY as number, 'text')

export const columnTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === INT8) return safeInteger
    if (oid === INT8_ARRAY) {
      return (text: string) => parseArray(text).map((value) => (value === null ? null : safeInteger(value)))
    }
    return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text')
  },
}
