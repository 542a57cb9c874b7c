import type { z } from 'zod'
import { readJson, readText } from '../network/body'
import type { Answer } from '../network/network'
import { Refusal } from '../refusal'
import { hubApi } from './hub-address'
import { explainHub, pageLink } from './hub-refusals'
import type { IssuerContext } from './issuer'
import type { HubFile } from './source'

type Repo = Pick<HubFile, 'base' | 'repo'>

/**
 * Asks the Hub’s API about a repository.
 * @param path below the repository, with a `/` in front
 * @returns what was answered, and the query of the page that follows it, if one does
 * @throws Refusal, with a link, that says why there is none
 */
export async function askHub<T>(
  repo: Repo,
  path: string,
  schema: z.ZodType<T>,
  context: IssuerContext,
): Promise<{ value: T; next: string | undefined }> {
  return withAnswer(repo, path, context, async (answer) => {
    const parsed = schema.safeParse(readJson(await readText(answer)))
    if (!parsed.success)
      throw new Refusal('network', 'Hugging Face’s answer makes no sense. Try again in a while.')
    return { value: parsed.data, next: nextPage(answer.header('link')) }
  })
}

/**
 * Asks whether the repository may be read: its own page answers 200 even where the terms were not accepted.
 * @throws Refusal that says why not
 */
export const requireRepoAccess = (repo: Repo, context: IssuerContext): Promise<void> =>
  withAnswer(repo, '/auth-check', context, async () => {})

async function withAnswer<T>(
  repo: Repo,
  path: string,
  context: IssuerContext,
  read: (answer: Answer) => Promise<T>,
): Promise<T> {
  const { network, token, signal } = context
  const url = `${hubApi(repo)}${path}`
  const call = { method: 'GET', url, provider: 'huggingface', token, follow: 'relative', signal } as const
  const answer = await network.open(call).catch((error) => Promise.reject(linked(error, repo)))
  try {
    const isPage = /^text\/html/i.test(answer.header('content-type') ?? '')
    const body = answer.status === 401 ? await readText(answer) : ''
    if (answer.status !== 200 || isPage) throw explainHub(answer, body, repo, context)
    return await read(answer)
  } catch (error) {
    throw linked(network.explain(error, answer), repo)
  } finally {
    answer.body.destroy()
  }
}

/** What the way there refused knows no page; the repository’s own shows whether the Hub answers at all. */
export function linked(error: unknown, repo: Repo): unknown {
  if (!(error instanceof Refusal) || error.link || error.code === 'canceled') return error
  const { code, message, retryAfterSeconds, transient } = error
  return Object.assign(new Refusal(code, message, pageLink(repo), retryAfterSeconds), { transient })
}

/** The query alone: a mirror may name the public site’s address, and no answer decides where the token goes. */
function nextPage(link: string | undefined): string | undefined {
  const address = /<([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1]
  return address !== undefined && URL.canParse(address) ? new URL(address).search : undefined
}
