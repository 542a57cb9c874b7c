import type { IncomingMessage, ServerResponse } from 'node:http'
import { type SiteOptions, startSite } from './site'
import { startUpstream } from './upstream'
import { cookieOf } from './visitor'

/** A site with one running machine, and how its owner gets in. @param address of the machine's service */
export async function siteWithService<T extends { address: string }>(upstream: T, options?: SiteOptions) {
  const site = await startSite(options)
  const machineId = site.runMachine(site.admin, upstream)
  const host = site.serviceUrl(machineId)
  const owner = site.signedIn(site.admin)

  const openedBy = async (browser = owner) => {
    const answer = await browser.submit(`/machines/${machineId}/open/filebrowser`)
    return String(answer.headers.location)
  }
  const enter = async (browser = owner) =>
    site.visitor(cookieOf(await site.visitor().get(await openedBy(browser))))
  return { ...site, upstream, machineId, host, owner, openedBy, enter }
}

/** The same with a service that talks HTTP and keeps what it was asked. */
export const siteWithMachine = async (
  answer?: (request: IncomingMessage, response: ServerResponse) => void,
  options?: SiteOptions,
) => siteWithService(await startUpstream(answer), options)
