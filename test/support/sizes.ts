import type { MachineSize } from '~/machine-sizes'

/** The size that machines get in tests where it doesn't matter. */
export const STANDARD: MachineSize = {
  name: 'standard',
  label: 'Standard',
  cpus: 8,
  memoryGiB: 32,
  pids: 4096,
}
