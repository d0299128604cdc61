// Import before matrix-js-sdk: some of its modules keep a method of its global logger, which prints at debug level.
import loglevel from 'loglevel'

const logger = loglevel.getLogger('matrix')
logger.setLevel('silent', false)
// With `getChild` in place the SDK takes this logger as its own, and its modules theirs from here.
Object.assign(logger, { getChild: () => logger })
