import { type Logger, pino } from 'pino'

/** One JSON line an entry, on standard output. */
export const createLogger = (level: string, name: 'web' | 'worker'): Logger =>
  pino({ level, name, base: undefined, timestamp: pino.stdTimeFunctions.isoTime })
