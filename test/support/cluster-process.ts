import { mkdirSync } from 'node:fs'
import { IMAGES } from '../runtimes/behaviours'
import { startBareKubernetes } from './kubernetes/bare'

/** The stand-in for a cluster: says the KUBECONFIG of its administrator, and ends with TERM. */
const [storage = ''] = process.argv.slice(2)
mkdirSync(storage, { recursive: true })
const kubernetes = await startBareKubernetes({ images: IMAGES, claims: { 'slipway-files': storage } })
console.log(kubernetes.adminKubeconfig)
process.once('SIGTERM', () => void kubernetes.stop())
