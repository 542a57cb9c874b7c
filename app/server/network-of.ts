import { isIPv6 } from 'node:net'

/**
 * What counts as one address where somebody is slowed down: an IPv4 address, or the 64 bits of an IPv6 address
 * that name a network, since whoever has that has all the others of it too.
 * @param bits 48 for all networks of one site, which many can have
 */
export function networkOf(address: string, bits: 48 | 64 = 64): string {
  if (!isIPv6(address)) return address
  const [before = [], after = []] = address.split('::').map((part) => part.split(':').filter(Boolean))
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  const groups = [...before, ...zeros, ...after].slice(0, bits / 16)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/${bits}`
}
