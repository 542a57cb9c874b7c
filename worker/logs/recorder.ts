import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { logExtent, type ServiceLog } from '../../log-files'
import { boundedLog, truncateLog } from './bounded-log'
import { outputScrubber } from './output-scrubber'
import { placeKeeper } from './place'

/** What was printed at once, as somebody else kept it. */
export interface Entry {
  /** ISO 8601, all of one length. */
  time: string
  /** One character a byte (latin1). */
  text: string
}

const schema = z.object({
  /** Whose output it is: a log may go on with another's. */
  source: z.string(),
  place: z.object({ since: z.string().nullable(), first: z.string().nullable(), seen: z.number() }),
  /** How long the log was by then. */
  size: z.number(),
  /** Whether that was all of it. */
  isComplete: z.boolean(),
})

type Progress = z.infer<typeof schema>

/** Beside the log, and none of its files. */
const file = ({ folder, service, attempt }: ServiceLog) => join(folder, `${service}.${attempt}.json`)

/** How far the log follows its source; undefined when there is nothing to go on with. */
function readProgress(log: ServiceLog, source: string): Progress | undefined {
  try {
    const progress = schema.parse(JSON.parse(readFileSync(file(log), 'utf8')))
    return progress.source === source && progress.size <= logExtent(log).size ? progress : undefined
  } catch {
    return undefined
  }
}

/** Whether all that the source will ever print has been written down. */
export const isComplete = (log: ServiceLog, source: string): boolean =>
  readProgress(log, source)?.isComplete ?? false

/** The time from which on the source is to be asked; null for all, undefined when nobody has begun. */
export const sinceOf = (log: ServiceLog, source: string): string | null | undefined =>
  readProgress(log, source)?.place.since

interface Recording {
  log: ServiceLog
  bytesMax: number
  secrets: readonly string[]
  /** A name that no other source ever has. */
  source: string
}

/**
 * Writes the entries of a source into a log, and how far it is beside it. Whoever is killed in between has
 * written more than that says: the next one takes it back, and writes the same again. One at a time.
 */
export function logRecorder({ log, bytesMax, secrets, source }: Recording) {
  const before = readProgress(log, source)
  mkdirSync(log.folder, { recursive: true, mode: 0o700 })
  const keeper = placeKeeper(before?.place)
  const scrubber = outputScrubber(secrets)
  const output = boundedLog(log, bytesMax)
  const tell = (text: string) => text && output.write(Buffer.from(text, 'latin1'))

  function keepProgress(isComplete: boolean) {
    const progress: Progress = { source, place: keeper.place, size: logExtent(log).size, isComplete }
    try {
      writeFileSync(`${file(log)}.new`, JSON.stringify(progress), { mode: 0o600 })
      renameSync(`${file(log)}.new`, file(log))
    } catch {
      // The disk is full: the next one goes on from further back.
    }
  }

  if (before) truncateLog(log, before.size)
  else keepProgress(false)

  return {
    write(entries: readonly Entry[]) {
      const fresh = entries.filter(({ time }) => keeper.pass(time))
      if (!fresh.length) return
      tell(scrubber.push(fresh.map(({ text }) => text).join('')))
      // What the scrubber holds back is not written yet, and would be missing.
      if (scrubber.isEven) keepProgress(false)
    },

    /** All of it has come. */
    complete() {
      tell(scrubber.end())
      keepProgress(true)
    },

    close: output.close,
  }
}
