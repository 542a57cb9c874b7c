import type { Beat } from '~/db/workers'

/** What a worker says that lives and takes jobs. */
export const beating = (id: string, takesJobsAt: number): Beat => ({ id, host: 'here', pid: 1, takesJobsAt })
