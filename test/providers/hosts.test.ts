import type { lookup } from 'node:dns'
import { expect, test } from 'vitest'
import { isPublicAddress } from '~/providers/network/addresses'
import { checkHop } from '~/providers/network/hosts'
import { createNetwork } from '~/providers/network/network'

test('only addresses of the public internet count as public', () => {
  for (const address of ['1.1.1.1', '8.8.8.8', '100.128.0.1', '172.32.0.1', '2606:4700::1111'])
    expect([address, isPublicAddress(address)]).toEqual([address, true])
  for (const address of [
    ...[
      '0.0.0.0',
      '10.1.2.3',
      '100.64.0.1',
      '127.0.0.1',
      '169.254.169.254',
      '172.31.0.1',
      '192.168.0.1',
      '224.0.0.1',
    ],
    ...['255.255.255.255', '198.18.0.1', '::', '::1', 'fe80::1', 'fc00::1', 'ff02::1', '::ffff:127.0.0.1'],
    ...['::ffff:8.8.8.8', '64:ff9b::7f00:1', '2002:7f00:1::', '2001::1', '2001:db8::1', 'localhost', ''],
  ])
    expect([address, isPublicAddress(address)]).toEqual([address, false])
})

test('a hop leads to the issuer’s own storage by https, or to a host that the operator vouches for', () => {
  const isAllowed = (url: string, trusted: string[] = []) => {
    try {
      return checkHop(new URL(url), 'huggingface', trusted).trusted ? 'trusted' : 'public'
    } catch {
      return 'refused'
    }
  }
  expect(isAllowed('https://cdn-lfs.hf.co/x')).toBe('public')
  expect(isAllowed('https://cas-bridge.xethub.hf.co/x')).toBe('public')
  for (const url of [
    'http://cdn-lfs.hf.co/x',
    'https://cdn-lfs.hf.co:8443/x',
    'https://evilhf.co/x',
    'https://hf.co.evil.example/x',
    'https://user:password@cdn-lfs.hf.co/x',
    'https://bucket.r2.cloudflarestorage.com/x',
    'https://127.0.0.1/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://[::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
  ])
    expect([url, isAllowed(url)]).toEqual([url, 'refused'])
  expect(isAllowed('http://127.0.0.1:9000/x', ['127.0.0.1:9000'])).toBe('trusted')
  expect(isAllowed('http://127.0.0.1:9001/x', ['127.0.0.1:9000'])).toBe('refused')
  expect(isAllowed('https://mirror.internal/x', ['mirror.internal'])).toBe('trusted')
  expect(isAllowed('https://mirror.internal/x', ['mirror.internal:443'])).toBe('trusted')
})

test('a good name that is bound to a private address is not connected to', async () => {
  const rebound = ((_name: string, _options: unknown, callback: (...answer: unknown[]) => void) =>
    callback(null, [
      { address: '8.8.8.8', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ])) as unknown as typeof lookup
  const network = createNetwork({ trustedHosts: [], userAgent: 'test', here: 'Here', lookUp: rebound })
  const call = {
    method: 'GET',
    url: 'https://cdn-lfs.hf.co/x',
    provider: 'huggingface',
    token: undefined,
    follow: 'all',
    signal: new AbortController().signal,
  } as const
  await expect(network.open(call)).rejects.toMatchObject({ code: 'host_not_allowed' })
  await network.close()
})
