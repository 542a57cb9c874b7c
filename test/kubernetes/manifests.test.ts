import { readFileSync } from 'node:fs'
import { loadYaml } from '@kubernetes/client-node'
import { describe, expect, test } from 'vitest'
import { parseSettings } from '~/env'
import { kustomization, manifestFiles, manifests } from '../support/kubernetes/manifests'
import type { Container, KubeObject, PodSpec } from '../support/kubernetes/objects'
import { restrictedViolations } from '../support/kubernetes/pod-security'

const all = manifests()
const ofKind = <Spec>(kind: string) =>
  all.filter((object) => object.kind === kind) as unknown as (KubeObject & { spec: Spec })[]
const namesOf = (kind: string, namespace?: string) =>
  ofKind(kind)
    .filter(({ metadata }) => metadata.namespace === namespace)
    .map(({ metadata }) => metadata.name)

interface Workload {
  selector: { matchLabels: Record<string, string> }
  template: { metadata: { labels: Record<string, string> }; spec: PodSpec & { serviceAccountName?: string } }
  volumeClaimTemplates?: { metadata: { name: string } }[]
  serviceName?: string
}

const workloads = [...ofKind<Workload>('Deployment'), ...ofKind<Workload>('StatefulSet')]
const containersOf = ({ spec }: { spec: Workload }) => {
  const { containers, initContainers = [] } = spec.template.spec
  return [...initContainers, ...containers] as (Container & {
    envFrom?: { configMapRef?: { name: string } }[]
    securityContext?: { readOnlyRootFilesystem?: boolean }
  })[]
}
const settings = (ofKind('ConfigMap')[0]?.data ?? {}) as Record<string, string>

describe('the manifests of Kubernetes', () => {
  test('are all applied, each into a namespace that is made with them', () => {
    expect(kustomization().resources.sort()).toEqual(manifestFiles().sort())
    const namespaces = namesOf('Namespace')
    for (const { kind, metadata } of all)
      if (!['Namespace', 'PersistentVolume'].includes(kind)) expect(namespaces).toContain(metadata.namespace)
  })

  test('run nothing that "restricted" refuses, on a file system that is read-only', () => {
    expect(workloads.map(({ metadata }) => metadata.name).sort()).toEqual(['redis', 'slipway'])
    for (const workload of workloads) {
      expect(restrictedViolations(workload.spec.template.spec)).toEqual([])
      for (const container of containersOf(workload))
        expect(container.securityContext?.readOnlyRootFilesystem).toBe(true)
    }
    for (const { metadata } of ofKind('Namespace'))
      expect(metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' })
  })

  test('name only settings, claims, volumes, accounts and ports that are there', () => {
    for (const workload of workloads) {
      const { namespace } = workload.metadata
      const { template, selector, serviceName, volumeClaimTemplates = [] } = workload.spec
      const { volumes = [], serviceAccountName } = template.spec
      expect(template.metadata.labels).toMatchObject(selector.matchLabels)
      if (serviceAccountName) expect(namesOf('ServiceAccount', namespace)).toContain(serviceAccountName)
      if (serviceName) expect(namesOf('Service', namespace)).toContain(serviceName)
      const claims = volumes.flatMap(({ persistentVolumeClaim: claim }) => (claim ? [claim.claimName] : []))
      expect(namesOf('PersistentVolumeClaim', namespace)).toEqual(expect.arrayContaining(claims))
      const mountable = [
        ...volumes.map(({ name }) => name),
        ...volumeClaimTemplates.map((one) => one.metadata.name),
      ]
      for (const { volumeMounts = [], envFrom = [] } of containersOf(workload)) {
        for (const { name } of volumeMounts) expect(mountable).toContain(name)
        for (const { configMapRef } of envFrom)
          expect(namesOf('ConfigMap', namespace)).toContain(configMapRef?.name)
      }
    }
  })

  test('name one image of Slipway, and ask for nothing but the web process by its probes', () => {
    const [image] = kustomization().images
    const [slipway] = ofKind<Workload>('Deployment')
    const containers = slipway ? containersOf(slipway) : []
    const names = new Set([...containers.map((one) => one.image), settings.FILEBROWSER_IMAGE])
    expect([...names]).toEqual([`${image?.newName}:${image?.newTag}`])
    expect(image?.name).toBe(image?.newName)
    const web = containers.find(({ name }) => name === 'web') as unknown as Record<string, object>
    for (const probe of ['readinessProbe', 'livenessProbe'])
      expect(web[probe]).toMatchObject({ httpGet: { path: '/healthz' } })
  })

  test('have the namespace, claim and settings of the Pod that restores, which "restricted" lets in', () => {
    const guide = readFileSync('docs/operators/kubernetes.md', 'utf8')
    const [, text = ''] = /```yaml\n(.*?)```/s.exec(guide) ?? []
    const { metadata, spec } = loadYaml<{ metadata: { namespace: string }; spec: PodSpec }>(text)
    expect(restrictedViolations(spec)).toEqual([])
    const claims = spec.volumes?.map(({ persistentVolumeClaim: claim }) => claim?.claimName)
    expect(namesOf('PersistentVolumeClaim', metadata.namespace)).toEqual(
      expect.arrayContaining(claims ?? ['']),
    )
    expect(spec.containers).toMatchObject([
      {
        envFrom: [{ configMapRef: { name: 'slipway' } }],
        volumeMounts: [{ name: 'data', mountPath: settings.DATA_DIR }],
      },
    ])
  })

  test('lead every Service and address to containers that listen there', () => {
    interface Service {
      selector: Record<string, string>
      ports: { name: string; port: number; targetPort?: string }[]
    }
    const services = ofKind<Service>('Service')
    for (const { spec } of services) {
      const chosen = workloads.filter(({ spec: { template } }) =>
        Object.entries(spec.selector).every(([label, value]) => template.metadata.labels[label] === value),
      )
      expect(chosen).toHaveLength(1)
      const ports = chosen.flatMap(containersOf).flatMap(({ ports = [] }) => ports)
      for (const { port, targetPort } of spec.ports)
        expect(ports.some((one) => (targetPort ? one.name === targetPort : one.containerPort === port))).toBe(
          true,
        )
    }
    const redis = new URL(settings.REDIS_URL ?? '')
    const found = services.find(({ metadata }) => metadata.name === redis.hostname)
    expect(found?.spec.ports.map(({ port }) => String(port))).toEqual([redis.port])
    const [ingress] = ofKind<{
      rules: { host: string; http: { paths: { backend: { service: object } }[] } }[]
    }>('Ingress')
    const hosts = ingress?.spec.rules.map(({ host }) => host)
    expect(hosts).toEqual([new URL(settings.PUBLIC_URL ?? '').hostname, `*.${settings.MACHINES_DOMAIN}`])
    for (const { http } of ingress?.spec.rules ?? [])
      expect(http.paths[0]?.backend.service).toEqual({ name: 'slipway', port: { name: 'http' } })
  })

  test('give machines the folders that the control plane has', () => {
    const { KUBERNETES_NAMESPACE: machines, KUBERNETES_VOLUME_CLAIM: claim = '', DATA_DIR } = settings
    expect(namesOf('PersistentVolumeClaim', machines)).toContain(claim)
    const volumes = ofKind<{ claimRef: { namespace: string; name: string }; nfs: object }>('PersistentVolume')
    expect(volumes.map(({ spec }) => `${spec.claimRef.namespace}/${spec.claimRef.name}`).sort()).toEqual([
      `${machines}/${claim}`,
      `slipway/${claim}`,
    ])
    expect(volumes[0]?.spec.nfs).toEqual(volumes[1]?.spec.nfs)
    const [slipway] = ofKind<Workload>('Deployment')
    for (const { volumeMounts = [] } of slipway ? containersOf(slipway) : []) {
      const shared = volumeMounts.filter(({ name }) => name === 'files')
      expect(shared.map(({ mountPath, subPath }) => [mountPath, subPath])).toEqual(
        ['workspaces', 'models', 'machines'].map((folder) => [`${DATA_DIR}/${folder}`, folder]),
      )
    }
  })

  test('have settings that Slipway starts with, on the claim and at the port that are theirs', () => {
    const parsed = parseSettings(settings)
    expect(parsed).toMatchObject({ runtime: 'kubernetes', publicUrl: settings.PUBLIC_URL })
    expect(namesOf('PersistentVolumeClaim', parsed.kubernetes.namespace)).toEqual([
      parsed.kubernetes.volumeClaim,
    ])
    const containers = workloads.filter(({ metadata }) => metadata.name === 'slipway').flatMap(containersOf)
    expect(containers.map(({ args }) => args)).toEqual([['migrate'], ['web'], ['worker']])
    expect(new Set(containers.map(({ image }) => image))).toEqual(new Set([parsed.filebrowserImage]))
    const ports = containers.flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort))
    expect(ports).toEqual([parsed.port])
  })

  test('give rights in the machines’ namespace alone, and their token to the worker alone', () => {
    expect(all.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([])
    const bindings = all.filter(({ kind }) => kind === 'RoleBinding')
    expect(
      bindings.map(({ metadata, roleRef, subjects }) => ({ in: metadata.namespace, roleRef, subjects })),
    ).toEqual([
      {
        in: settings.KUBERNETES_NAMESPACE,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'slipway' },
        subjects: [{ kind: 'ServiceAccount', name: 'slipway', namespace: 'slipway' }],
      },
    ])
    expect(namesOf('Role', settings.KUBERNETES_NAMESPACE)).toEqual(['slipway'])
    const withToken = workloads
      .flatMap(containersOf)
      .filter(({ volumeMounts = [] }) =>
        volumeMounts.some(({ mountPath }) => mountPath === '/var/run/secrets/kubernetes.io/serviceaccount'),
      )
    expect(withToken.map(({ name }) => name)).toEqual(['worker'])
  })

  test('let only the control plane in to machines, and keep those from the cluster and its metadata', () => {
    interface Policy {
      podSelector: object
      policyTypes: string[]
      ingress: {
        _from: { namespaceSelector: { matchLabels: object }; podSelector: { matchLabels: object } }[]
      }[]
      egress: { to: { ipBlock?: { cidr: string; except: string[] } }[]; ports?: { port: number }[] }[]
    }
    const policy = ofKind<Policy>('NetworkPolicy').find(
      ({ metadata }) => metadata.namespace === settings.KUBERNETES_NAMESPACE,
    )?.spec
    expect([policy?.podSelector, policy?.policyTypes]).toEqual([{}, ['Ingress', 'Egress']])
    expect(policy?.ingress.flatMap(({ _from }) => _from)).toEqual([
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'slipway' } },
        podSelector: { matchLabels: { 'app.kubernetes.io/name': 'slipway' } },
      },
    ])
    const blocks = policy?.egress.flatMap(({ to }) => to.flatMap(({ ipBlock }) => ipBlock ?? []))
    const except = blocks?.find(({ cidr }) => cidr === '0.0.0.0/0')?.except
    expect(except).toEqual(
      expect.arrayContaining(['10.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16']),
    )
    for (const { to, ports } of policy?.egress ?? [])
      if (to.some(({ ipBlock }) => !ipBlock))
        expect(new Set(ports?.map(({ port }) => port))).toEqual(new Set([53]))
  })
})
