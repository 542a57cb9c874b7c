import type { Writable } from 'node:stream'
import { plain } from './plain'
import { withoutTokens } from './without-tokens'

export interface OutputOptions {
  mode: 'pretty' | 'json'
  quiet: boolean
  verbosity: number
}

/** Where everything that people or scripts read leaves the command: payload on stdout, the rest on stderr. */
export interface Output extends OutputOptions {
  /** Whether stderr is a terminal that takes colours, bars and cursors. */
  isLively: boolean
  /** How wide stdout is; undefined where it is no terminal. */
  columns: number | undefined
  /**
   * The result: in json mode one line of JSON, in pretty mode the text, or the value as indented JSON.
   * @param text for people; control characters are taken out
   */
  payload(value: unknown, text?: string): void
  /** Payload as it comes, for logs and files. */
  raw(text: string): void
  /** Progress, for people only: nothing in json or quiet mode. @param tag as `login` in `[login] …` */
  progress(tag: string, text: string): void
  /** What people must not miss though the command goes on; nothing in json mode but on stderr. */
  warn(text: string): void
  /** For `-v` and `-vv`. */
  trace(level: 1 | 2, text: string): void
  error(message: string): void
  stderr: Writable
}

export interface Streams {
  stdout: Writable & { isTTY?: boolean; columns?: number }
  stderr: Writable & { isTTY?: boolean }
}

/** @param env `NO_COLOR` and `TERM` decide whether a terminal is a lively one */
export function openOutput(
  options: OutputOptions,
  { stdout, stderr }: Streams,
  env: { noColor: boolean; isDumb: boolean },
): Output {
  const isJson = options.mode === 'json'
  const say = (text: string) => stderr.write(`${withoutTokens(plain(text))}\n`)
  return {
    ...options,
    stderr,
    columns: stdout.isTTY ? stdout.columns : undefined,
    isLively: Boolean(stderr.isTTY) && !env.noColor && !env.isDumb && !options.quiet && !isJson,
    payload(value, text) {
      const shown = isJson
        ? JSON.stringify(value)
        : text === undefined
          ? JSON.stringify(value, null, 2)
          : plain(text)
      stdout.write(`${shown}\n`)
    },
    raw: (text) => void stdout.write(plain(text)),
    progress(tag, text) {
      if (!isJson && !options.quiet) say(`[${tag}] ${text}`)
    },
    warn: (text) => void say(isJson ? JSON.stringify({ warning: text }) : `Warning: ${text}`),
    trace(level, text) {
      if (options.verbosity >= level) say(text)
    },
    error: (message) => void say(isJson ? JSON.stringify({ error: message }) : `Error: ${message}`),
  }
}
