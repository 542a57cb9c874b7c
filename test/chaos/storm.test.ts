import { expect, test } from 'vitest'
import { bundled } from '../support/bundle'
import { startBackEnd } from './back-end'
import { storm } from './storm'

test('a fault that cannot be mended ends the storm', { timeout: 60_000 }, async () => {
  const backEnd = await startBackEnd('process', bundled)
  try {
    const cause = new Error('it is broken')
    const restart = () => Promise.reject(cause)
    const broken = { ...backEnd, site: { ...backEnd.site, restart } }
    await expect(storm(broken, { seed: 1, launches: 1000 })).rejects.toMatchObject({
      message: 'The fault "Engine killed" failed',
      cause,
    })
  } finally {
    await backEnd.remove()
  }
})
