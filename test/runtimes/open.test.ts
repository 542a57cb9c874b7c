import { expect, test } from 'vitest'
import { parseSettings } from '~/env'
import { SettingsError } from '~/parse-environment'
import { openRuntime } from '~/worker/runtimes/open'

const opening = (environment: Record<string, string>) =>
  openRuntime(parseSettings({ RUNTIME: 'kubernetes', ...environment }), 'test', environment)

test('outside a cluster the kubernetes runtime needs KUBECONFIG, and says so at the start', async () => {
  await expect(opening({})).rejects.toThrow(SettingsError)
  await expect(opening({})).rejects.toThrow(/KUBECONFIG must name a file/)
})

test('a KUBECONFIG that is not there is named', async () => {
  const KUBECONFIG = '/nowhere/kubeconfig'
  await expect(opening({ KUBECONFIG })).rejects.toThrow(SettingsError)
  await expect(opening({ KUBECONFIG })).rejects.toThrow(
    new RegExp(`KUBECONFIG ${KUBECONFIG} can't be read: .*ENOENT`),
  )
})
