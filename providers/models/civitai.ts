import { archived, explainCivitai, noSuchFile } from './civitai-answers'
import { readVersion, type Version, type VersionFile } from './civitai-api'
import { chooseFile, describeFile, downloadUrls } from './civitai-files'
import { scanRefusal } from './civitai-scan'
import type { Issuer, IssuerContext } from './issuer'
import type { CivitaiFile } from './source'

/** Civitai: its API tells name, size and SHA-256; HEAD on a download is unreliable there, so none is made. */
export const civitai: Issuer<CivitaiFile> = {
  async inspect(source, context) {
    const version = await readVersion(source, context)
    const file = requireFile(version, source)
    const refusal = scanRefusal(file, source)
    if (refusal) throw refusal
    const urls = downloadUrls(source.base, version, file)
    const url = version.files.length > 1 ? await firstFound(urls, context) : (urls[0] as string)
    return { url, ...describeFile(version, file) }
  },

  explain: explainCivitai,
}

/** @throws Refusal */
export function requireFile(version: Version, source: CivitaiFile): VersionFile {
  const file = chooseFile(version.files, source.choice)
  if (file) return file
  throw version.model?.mode === 'Archived' ? archived(source) : noSuchFile(source)
}

/** The address that leads on; whatever else than 404 an answer says of the file is for its download to explain. */
async function firstFound(urls: string[], { network, token, signal }: IssuerContext): Promise<string> {
  for (const url of urls) {
    const call = { method: 'GET', url, provider: 'civitai', token, follow: 'none', signal } as const
    const answer = await network.open({ ...call, range: 'bytes=0-0' })
    answer.body.destroy()
    if (answer.status !== 404) return url
  }
  return urls[0] as string
}

/**
 * Asks for the first byte of the file, from wherever Civitai leads: HEAD is refused there even with a good key.
 * @throws Refusal that says why the download would not work
 */
export async function requireDownload(
  url: string,
  source: CivitaiFile,
  context: IssuerContext,
): Promise<void> {
  const { network, token, signal } = context
  const call = { method: 'GET', url, provider: 'civitai', token, follow: 'all', signal } as const
  const answer = await network.open({ ...call, range: 'bytes=0-0' })
  try {
    const isPage = /^text\/html/i.test(answer.header('content-type') ?? '')
    if (![200, 206].includes(answer.status) || isPage) throw await explainCivitai(answer, source, context)
  } catch (error) {
    throw network.explain(error, answer)
  } finally {
    answer.body.destroy()
  }
}
