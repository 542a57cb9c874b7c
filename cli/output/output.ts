import type { Writable } from 'node:stream'
import { scrub } from '../../scrub'
import { plain, plainJson } from './plain'
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
  /** Payload as it comes, for whole lines of logs and files. */
  raw(text: string): void
  /** Progress, for people only: nothing in json or quiet mode. @param tag as `login` in `[login] …` */
  progress(tag: string, text: string): void
  /** What people must not miss though the command goes on; nothing in json mode but on stderr. */
  warn(text: string): void
  /** What nobody can go on without: in every mode, on stderr; in json mode the value as one line. */
  notice(value: unknown, text: string): void
  /** For `-v` and `-vv`. */
  trace(level: 1 | 2, text: string): void
  error(message: string): void
  /** From now on this value is written nowhere. */
  conceal(secret: string): void
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
  const secrets: string[] = []
  const say = (text: string) => stderr.write(`${withoutTokens(plain(text), secrets)}\n`)
  const sayValue = (value: unknown) => stderr.write(`${withoutTokens(plainJson(value), secrets)}\n`)
  return {
    ...options,
    stderr,
    columns: stdout.isTTY ? stdout.columns : undefined,
    isLively: Boolean(stderr.isTTY) && !env.noColor && !env.isDumb && !options.quiet && !isJson,
    payload(value, text) {
      const shown = isJson || text === undefined ? plainJson(value, isJson ? undefined : 2) : plain(text)
      stdout.write(`${scrub(shown, secrets)}\n`)
    },
    raw: (text) => void stdout.write(scrub(plain(text), secrets)),
    progress(tag, text) {
      if (!isJson && !options.quiet) say(`[${tag}] ${text}`)
    },
    warn: (text) => void (isJson ? sayValue({ warning: text }) : say(`Warning: ${text}`)),
    notice: (value, text) => void (isJson ? sayValue(value) : say(text)),
    trace(level, text) {
      if (options.verbosity >= level) say(text)
    },
    error: (message) => void (isJson ? sayValue({ error: message }) : say(`Error: ${message}`)),
    conceal: (secret) => void secrets.push(secret),
  }
}
