import { readFile } from 'node:fs/promises'
import type { Cli } from './cli'
import { CliError, EXIT } from './exits'
import { readStdin } from './read-stdin'

/**
 * A JSON object that lies in a file.
 * @param path `-` for stdin
 * @param option what gave the path
 * @param like one as it should be
 * @throws CliError `noFile` for a file that can't be read, `badInput` for what is no JSON object
 */
export async function readJsonFile(cli: Cli, path: string, option: string, like: string): Promise<object> {
  const text = path === '-' ? await readStdin(cli) : await readLocal(path, option)
  return jsonObject(text.replace(/^\uFEFF/, ''), option, like)
}

const readLocal = (path: string, option: string) =>
  readFile(path, 'utf8').catch((error) => {
    throw new CliError(EXIT.noFile, `${option} can't be read: ${error.message}`)
  })

/** @throws CliError `badInput`, which doesn't repeat the text */
export function jsonObject(text: string, option: string, like: string): object {
  const value = parse(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new CliError(EXIT.badInput, `${option} must be a JSON object, as ${like}`)
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
