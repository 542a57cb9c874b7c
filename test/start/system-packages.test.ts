import { expect, it } from 'vitest'
import { describeSystem, installCommand } from '~/scripts/steps/system-packages.mjs'

const packages = { apt: 'redis-server', dnf: 'valkey', apk: 'redis', brew: 'redis' }

it.each([
  [
    'Debian',
    { platform: 'linux', osRelease: 'NAME="Debian"\nID=debian\n', uid: 1000 },
    'sudo apt-get install -y redis-server',
  ],
  [
    'Debian as root',
    { platform: 'linux', osRelease: 'ID=debian\n', uid: 0 },
    'apt-get install -y redis-server',
  ],
  [
    'a relative of Ubuntu',
    { platform: 'linux', osRelease: 'ID=pop\nID_LIKE="ubuntu debian"\n', uid: 1 },
    'sudo apt-get install -y redis-server',
  ],
  ['Fedora', { platform: 'linux', osRelease: 'ID=fedora\n', uid: 1 }, 'sudo dnf install -y valkey'],
  [
    'Rocky',
    { platform: 'linux', osRelease: 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', uid: 1 },
    'sudo dnf install -y valkey',
  ],
  ['Alpine', { platform: 'linux', osRelease: 'ID=alpine\n', uid: 0 }, 'apk add redis'],
  ['macOS', { platform: 'darwin', osRelease: '', uid: 501 }, 'brew install redis'],
])('names the one command of %s', (_, machine, command) => {
  expect(installCommand(describeSystem(machine), packages)).toBe(command)
})

it('names none where it knows none', () => {
  const system = describeSystem({ platform: 'linux', osRelease: 'ID=nixos\n', uid: 0 })
  expect(installCommand(system, packages)).toBeUndefined()
})
