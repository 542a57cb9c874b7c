import type { Api } from '../../trpc/router'

/** What is shown of a request; its inputs come apart, once. */
export type Request = Omit<Awaited<ReturnType<Api['modelRequests']['get']>>, 'inputs'>
export type ResultFile = Request['files'][number]

const STAGES = {
  checking: 'Checking the machine',
  downloading: 'Downloading model files',
  running: 'Running',
  fetching: 'Fetching the results',
}
const STATUSES = {
  in_queue: 'Waiting',
  in_progress: 'In progress',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

/** Where a request is, in words that change only when it gets somewhere else. */
export const milestone = ({ status, stage }: Pick<Request, 'status' | 'stage'>): string =>
  status === 'in_progress' && stage ? STAGES[stage] : STATUSES[status]

export const isOpen = ({ status }: Pick<Request, 'status'>) =>
  status === 'in_queue' || status === 'in_progress'
