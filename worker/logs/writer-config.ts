import type { ServiceLog } from '../../log-files'

/** The descriptor on which a log writer is told what it has to know. */
export const CONFIG_FD = 3

/** Goes through a pipe and nowhere else: an argument, a variable or a file would show the secrets. */
export interface WriterConfig {
  log: ServiceLog
  bytesMax: number
  secrets: readonly string[]
}
