import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadAllYaml } from '@kubernetes/client-node'
import type { Rule } from './access'
import type { KubeObject } from './objects'

const FOLDER = join(process.cwd(), 'deploy/kubernetes')
const KUSTOMIZATION = 'kustomization.yaml'

interface Kustomization {
  resources: string[]
  images: { name: string; newName: string; newTag: string }[]
}

/** The files of deploy/kubernetes that hold objects. */
export const manifestFiles = () =>
  readdirSync(FOLDER).filter((name) => name.endsWith('.yaml') && name !== KUSTOMIZATION)

const read = (name: string) => loadAllYaml(readFileSync(join(FOLDER, name), 'utf8')) as KubeObject[]

export const kustomization = () => read(KUSTOMIZATION)[0] as unknown as Kustomization

/** All objects that `kubectl apply -k deploy/kubernetes` makes. */
export const manifests = () => manifestFiles().flatMap(read).filter(Boolean)

/** What the control plane may do in the machines' namespace. */
export function machinesRules(): Rule[] {
  const role = manifests().find(({ kind }) => kind === 'Role') as unknown as { rules: Rule[] }
  return role.rules
}

/** The same as questions are recorded, such as `create pods`, sorted. */
export const grantedRights = () =>
  machinesRules()
    .flatMap(({ resources, verbs }) => verbs.flatMap((verb) => resources.map((one) => `${verb} ${one}`)))
    .sort()
