import { formatBytes } from '../../format-bytes'
import type { Cli } from '../cli'
import { CliError, EXIT } from '../exits'
import { fieldOf } from '../http/answer'
import { type FetchedFile, fetchFile } from './fetch-file'
import type { Pause } from './wire'

/**
 * Fetches the files of a request, and prints its result with where they went. The server may call itself by
 * another name than the login does: they are asked for under the login's, which alone is given the token.
 * @throws CliError when one can't be had, after the others, or when no address is of a file of this request
 */
export async function fetchOutputs(cli: Cli, id: string, result: object, folder: string, wait?: Pause) {
  const { own, others } = addressesIn(fieldOf(result, 'output'), id, cli.login().server)
  const files: FetchedFile[] = []
  const failed: string[] = []
  let exit: CliError['exit'] = EXIT.failed
  for (const url of own)
    try {
      const file = await fetchFile(cli, url, folder, { ...(wait && { wait }) })
      files.push(file)
      cli.output.progress('file', `${file.path}, ${formatBytes(file.bytes)}`)
    } catch (error) {
      if (cli.signal.aborted) cli.output.warn(`The result is kept for some days: ${again(id)}`)
      if (!(error instanceof CliError)) throw error
      exit = error.exit
      failed.push(error.message)
    }
  if (others) cli.output.warn(`Skipped ${others} URL(s) that are not files of this request.`)
  cli.output.payload({ ...result, files })
  if (failed.length)
    throw new CliError(
      exit,
      [
        `${failed.length} of ${own.length} files did not arrive. Again: ${again(id)}`,
        ...new Set(failed),
      ].join('\n'),
    )
  if (others && !own.length)
    throw new CliError(EXIT.failed, 'Nothing was fetched: no address in the result is of a file of it.')
}

const again = (id: string) => `runcomfy result ${id} --download`

/** @returns where the files of a request are at the login's server, each once; of how many addresses are others */
function addressesIn(value: unknown, id: string, server: string): { own: URL[]; others: number } {
  const texts = textsIn(value).filter((text) => /^https?:\/\/\S+$/i.test(text) && URL.canParse(text))
  const urls = [...new Map(texts.map((text) => [new URL(text).href, new URL(text)])).values()]
  const paths = urls.map((url) => url.pathname).filter((path) => path.startsWith(`/v1/requests/${id}/files/`))
  return {
    own: [...new Set(paths)].map((path) => new URL(path, server)),
    others: urls.length - paths.length,
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
