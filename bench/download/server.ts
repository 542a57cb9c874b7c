import { startLargeFile } from '../../test/fakes/large-file'

/* The sending side, in a process of its own. Prints where it listens. */
const { url } = await startLargeFile()
console.log(url)
