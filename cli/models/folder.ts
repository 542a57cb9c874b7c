import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { CliError, EXIT } from '../exits'

/** Makes the folder for what comes, if there is none. @throws CliError `noFile` when nothing can be put there */
export async function openFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true })
    await access(path, constants.W_OK)
    return path
  } catch (error) {
    throw new CliError(EXIT.noFile, `--output-dir can't be used: ${(error as Error).message}`)
  }
}

/** @throws CliError `failed` for an error of the file system */
export const cannotWrite =
  (what: string) =>
  (error: Error): never => {
    throw new CliError(EXIT.failed, `${what} can't be written: ${error.message}`)
  }
