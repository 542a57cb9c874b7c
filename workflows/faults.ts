import type { Fault } from './definition'

/** More than anybody reads at once. */
const FAULTS_MAX = 50

/** The first of many faults, and how many there are beside; what is said in answer stays small. */
export const firstFaults = (faults: readonly Fault[], more = 0): Fault[] => {
  const left = faults.length - FAULTS_MAX + more
  return left > 0
    ? [...faults.slice(0, FAULTS_MAX), { field: '', message: `And ${left} more.` }]
    : [...faults]
}
