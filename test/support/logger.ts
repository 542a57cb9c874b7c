import { type Logger, pino } from 'pino'

/** A logger that keeps its lines. @param takes those that are kept elsewhere */
export function recordingLogger(takes: (line: string) => unknown = () => false): {
  logger: Logger
  lines: string[]
} {
  const lines: string[] = []
  const write = (line: string) => void (takes(line) || lines.push(line))
  return { logger: pino({ level: 'debug' }, { write }), lines }
}
