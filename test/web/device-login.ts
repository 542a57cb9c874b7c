import type { DeviceGrant } from '~/db/device-grants'
import { deviceGrants } from '~/db/schema'
import type { User } from '~/db/users'
import { type Site, type SiteOptions, startSite } from './site'
import type { Answer } from './visitor'

interface Started {
  device_code: string
  user_code: string
}

/** A site, and a program without a browser that logs in there as RunComfy's own does. */
export async function siteWithProgram(options?: SiteOptions) {
  const site = await startSite(options)
  const program = site.visitor()
  const post = (path: string, body?: string, headers: Record<string, string> = {}) =>
    program.ask(path, { method: 'POST', headers: { origin: undefined, ...headers }, body })
  const start = async (asked?: object, headers?: Record<string, string>) => {
    const answer = await post('/api/cli-auth/start', asked && JSON.stringify(asked), headers)
    return bodyOf<Started>(answer)
  }
  const poll = (deviceCode: string) =>
    post('/api/cli-auth/poll', JSON.stringify({ device_code: deviceCode }), {
      'content-type': 'application/json',
    })
  /** The browser of this user enters the code, and lets the program in. */
  const approve = async (user: User, userCode: string) => {
    const browser = site.signedIn(user)
    await browser.mutate('deviceGrants.lookUp', { userCode })
    return browser.mutate('deviceGrants.approve', { userCode })
  }
  /** From the start to the token. */
  const logIn = async (user: User, asked?: object) => {
    const { device_code, user_code } = await start(asked)
    await approve(user, user_code)
    const { access_token: token = '' } = bodyOf<{ access_token?: string }>(await poll(device_code))
    return { token, program: site.visitor(undefined, `Bearer ${token}`) }
  }
  return { ...site, post, start, poll, approve, logIn }
}

export const bodyOf = <T>({ text }: Answer): T => JSON.parse(text)

/** The only grant there is. */
export function onlyGrant({ db }: Pick<Site, 'db'>): DeviceGrant {
  const [grant, ...more] = db.select().from(deviceGrants).all()
  if (!grant || more.length) throw new Error('There is not just one grant.')
  return grant
}
