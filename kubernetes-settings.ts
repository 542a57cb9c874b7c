import * as z from 'zod'
import { parseEnvironment } from './parse-environment'

const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and dashes')

export const kubernetesSchema = z.object({
  KUBECONFIG: z.string().optional().meta({
    description:
      'With RUNTIME=kubernetes: the file that says where the cluster is and who asks. Without it Slipway takes itself to run in the cluster.',
  }),
  KUBERNETES_NAMESPACE: name.default('slipway-machines').meta({
    description: 'The namespace that machines run in. Slipway makes nothing outside it.',
  }),
  KUBERNETES_VOLUME_CLAIM: name.default('slipway-files').meta({
    description:
      'The ReadWriteMany claim in that namespace whose volume holds the folders workspaces, models and machines of DATA_DIR.',
  }),
  KUBERNETES_REACH: z.enum(['service', 'pod'], 'must be service or pod').default('service').meta({
    description:
      'How machines are reached: by the name of their Service in the cluster’s DNS, or, from outside the cluster, at the addresses of their Pods.',
  }),
  KUBERNETES_IMAGE_PULL_SECRET: name.optional().meta({
    description: 'The Secret in that namespace with which nodes fetch images from a private registry.',
  }),
})

/** How machines run in a cluster. */
export interface KubernetesSettings {
  /** Path of a file; undefined inside the cluster. */
  kubeconfig: string | undefined
  namespace: string
  volumeClaim: string
  reach: 'service' | 'pod'
  imagePullSecret: string | undefined
}

/** @throws SettingsError naming each faulty setting and what it must be */
export function parseKubernetesSettings(source: Record<string, string | undefined>): {
  kubernetes: KubernetesSettings
} {
  const env = parseEnvironment(kubernetesSchema, source)
  return {
    kubernetes: {
      kubeconfig: env.KUBECONFIG,
      namespace: env.KUBERNETES_NAMESPACE,
      volumeClaim: env.KUBERNETES_VOLUME_CLAIM,
      reach: env.KUBERNETES_REACH,
      imagePullSecret: env.KUBERNETES_IMAGE_PULL_SECRET,
    },
  }
}
