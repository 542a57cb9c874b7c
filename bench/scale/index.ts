import type { Suite } from '../figures'
import { inFolder } from '../in-folder'
import { compare } from './compare'
import { watchers } from './watchers'

/** How lists grow with what is in the database, and what open pages cost. Needs a build and a redis-server. */
const scale: Suite = (report) =>
  inFolder(async (folder, redisUrl) => {
    await compare(folder, redisUrl, report)
    await watchers(folder, redisUrl, report)
  })
export default scale
