import { KIND_LABELS, type MachineKind } from '../../../providers/registry'
import type { Api } from '../../trpc/router'
import { GO_TO, HELP } from './shortcuts'

type Answer<T extends (...input: never[]) => unknown> = Awaited<ReturnType<T>>
/** What the palette reads of the procedures' answers. */
export interface Found {
  machines: Pick<Answer<Api['machines']['list']>[number], 'id' | 'name' | 'kind' | 'status' | 'services'>[]
  options: Pick<Answer<Api['machines']['options']>, 'hasTrainer' | 'mayLaunch'>
  providerTokens: Pick<
    Answer<Api['providerTokens']['list']>[number],
    'provider' | 'label' | 'saved' | 'checksOn'
  >[]
  /** Whether the first steps are left to do, and out of sight. */
  hidesFirstSteps: boolean
}
export type FoundMachine = Found['machines'][number]

/** In the order in which they stand. */
export const GROUPS = ['Machines', 'Go to', 'Models', 'Actions', 'Everybody’s machines', 'Users'] as const

/** What choosing an entry does: goes to a page, sends a form, opens a service in a tab, asks first, shows the keys. */
export type Deed =
  | { does: 'go'; to: string }
  | { does: 'send'; to: string; fields?: Record<string, string> }
  | { does: 'open'; to: string }
  | { does: 'ask'; intent: 'stop' | 'relaunch'; machine: FoundMachine }
  | { does: 'show-shortcuts' }

export type Entry = Deed & {
  /** The same for the same thing whenever it is found, so that recent choices are known again. */
  id: string
  group: (typeof GROUPS)[number]
  title: string
  /** What else finds it. */
  words?: string
  /** A machine's state, or where something belongs. */
  status?: string
  note?: string
  keys?: readonly string[]
  /** Shown once somebody types: there are several for each machine. */
  isForSearch?: boolean
}

interface Page {
  to: string
  title: string
  words?: string
}
const PAGES: Page[] = [
  { to: '/machines', title: 'Machines', words: 'launch home' },
  { to: '/models', title: 'Models', words: 'workflows api' },
  { to: '/models/new', title: 'Publish a model', words: 'new workflow' },
  { to: '/requests', title: 'Requests', words: 'runs results' },
  { to: '/saves', title: 'Saves', words: 'cloud workspace' },
  { to: '/trainer/settings', title: 'Trainer settings', words: 'tokens' },
  { to: '/profile', title: 'Profile', words: 'account settings tokens limits' },
  { to: '/profile/sessions', title: 'Sessions', words: 'browsers signed in' },
  { to: '/usage', title: 'Usage', words: 'gpu hours downloads launch times charts' },
  { to: '/profile/activity', title: 'Activity', words: 'history audit' },
]
const ADMIN_PAGES: Page[] = [
  { to: '/admin', title: 'Admin', words: 'overview' },
  { to: '/admin/usage', title: 'Everybody’s usage', words: 'admin gpu hours downloads launch times charts' },
  { to: '/admin/machines', title: 'Everybody’s machines', words: 'admin all' },
  { to: '/admin/failed-launches', title: 'Failed launches', words: 'admin retry errors' },
  { to: '/admin/workers', title: 'Workers', words: 'admin queue' },
  { to: '/admin/users', title: 'Users', words: 'admin people invite' },
  { to: '/admin/audit', title: 'Audit log', words: 'admin history' },
  { to: '/admin/settings', title: 'Server settings', words: 'admin configuration environment' },
]

/** The pages that somebody may see. */
export const pageEntries = (isAdmin: boolean): Entry[] =>
  (isAdmin ? [...PAGES, ...ADMIN_PAGES] : PAGES).map(({ to, title, words }) => ({
    ...{ id: `page ${to}`, group: 'Go to', title, words, does: 'go', to },
    keys: GO_TO.find((shortcut) => shortcut.to === to)?.keys,
  }))

/** What can be done whatever one has. */
export const ownActions = (): Entry[] => [
  action(
    'new-api-token',
    'New API token',
    { does: 'go', to: '/profile/api-tokens/new' },
    'create make script',
  ),
  action(
    'device-code',
    'Enter a device code',
    { does: 'go', to: '/cli-auth' },
    'login cli command line authorize',
  ),
  { ...action('shortcuts', HELP.does, { does: 'show-shortcuts' }, 'keys help'), keys: HELP.keys },
  action('sign-out', 'Sign out', { does: 'send', to: '/sign-out' }, 'log out leave'),
]

const SERVICE_LABELS = {
  comfyui: 'Open ComfyUI',
  filebrowser: 'Open models & files',
  trainer: 'Open trainer',
}
const ENDED = ['stopped', 'failed']

/** One's machines, and what can be done with them and with one's tokens. */
export function foundEntries({ machines, options, providerTokens, hidesFirstSteps }: Found): Entry[] {
  const kinds: MachineKind[] = options.hasTrainer ? ['comfyui', 'trainer'] : ['comfyui']
  return [
    ...machines.map(
      ({ id, name, kind, status }): Entry => ({
        ...{ id: `machine ${id}`, group: 'Machines', title: name, status, note: KIND_LABELS[kind] },
        ...{ words: `machine ${status}`, does: 'go', to: `/machines/${id}` },
        isForSearch: ENDED.includes(status),
      }),
    ),
    ...(options.mayLaunch
      ? kinds.map((kind) =>
          action(
            `launch ${kind}`,
            `Launch a ${KIND_LABELS[kind]} machine`,
            { does: 'send', to: '/machines?index', fields: { intent: 'launch', kind } },
            'new start create',
          ),
        )
      : []),
    ...providerTokens.flatMap(({ provider, label, saved, checksOn }) => [
      action(
        `save ${provider}`,
        `${saved ? 'Replace' : 'Save'} your ${label} token`,
        { does: 'go', to: `/profile?edit=${provider}` },
        'third-party key',
      ),
      ...(saved && checksOn
        ? [
            action(
              `check ${provider}`,
              `Check your ${label} token`,
              { does: 'send', to: '/profile', fields: { intent: 'check', provider } },
              'third-party key valid',
            ),
          ]
        : []),
    ]),
    ...(hidesFirstSteps
      ? [
          action(
            'first-steps',
            'Show the first steps',
            { does: 'send', to: '/first-steps', fields: { show: 'yes' } },
            'get started guide help',
          ),
        ]
      : []),
    ...machines.flatMap((machine) => machineActions(machine, options)),
  ]
}

function machineActions(machine: FoundMachine, { mayLaunch }: Found['options']): Entry[] {
  const { id, name, status, services } = machine
  const isLive = !ENDED.includes(status)
  const ofMachine = (what: string, verb: string, deed: Deed): Entry => ({
    ...action(`${what} ${id}`, `${verb}: ${name}`, deed, 'machine'),
    isForSearch: true,
  })
  return [
    ...services.map((service) =>
      ofMachine(`open-${service.name}`, SERVICE_LABELS[service.name], {
        does: 'open',
        to: `/machines/${id}/open/${service.name}`,
      }),
    ),
    ...(isLive && status !== 'stopping'
      ? [ofMachine('stop', 'Stop', { does: 'ask', intent: 'stop', machine })]
      : []),
    ...(mayLaunch
      ? [
          isLive
            ? ofMachine('relaunch', 'Relaunch', { does: 'ask', intent: 'relaunch', machine })
            : ofMachine('relaunch', 'Launch again', relaunching(id)),
        ]
      : []),
  ]
}

const relaunching = (id: string): Deed => ({
  does: 'send',
  to: `/machines/${id}`,
  fields: { intent: 'relaunch' },
})

const action = (id: string, title: string, deed: Deed, words: string): Entry => ({
  ...deed,
  ...{ id: `action ${id}`, group: 'Actions', title, words },
})
