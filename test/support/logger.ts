import { type Logger, pino } from 'pino'

/** A logger that keeps its lines. */
export function recordingLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = []
  return { logger: pino({ level: 'debug' }, { write: (line: string) => lines.push(line) }), lines }
}
