import { type Logger, pino } from 'pino'
import { scrub } from './scrub'

interface ScrubbedLogger {
  logger: Logger
  /**
   * Keeps values out of the log by what they are, wherever they may stand in an entry.
   * @param values may still grow after the call
   * @returns ends it
   */
  holdSecrets(values: readonly string[]): () => void
}

/** One JSON line an entry, on standard output. */
export function createLogger(level: string, name: 'web' | 'worker'): ScrubbedLogger {
  const held = new Set<readonly string[]>()
  const write = (line: string) => process.stdout.write(scrub(line, [...held].flat()))
  const logger = pino({ level, name, base: undefined, timestamp: pino.stdTimeFunctions.isoTime }, { write })
  const holdSecrets = (values: readonly string[]) => {
    held.add(values)
    return () => void held.delete(values)
  }
  return { logger, holdSecrets }
}
