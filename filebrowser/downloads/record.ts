import * as z from 'zod'
import { PROVIDER_IDS } from '~/providers/registry'
import type { DownloadState } from '../contract'
import type { Content } from '../transfers/contract'

const bytes = z.number().int().nonnegative()
const time = z.iso.datetime()

const content = z.object({
  name: z.string(),
  folder: z.string(),
  size: bytes.nullable(),
  sha256: z.string().nullable(),
  version: z.string().nullable(),
  etag: z.string().nullable(),
}) satisfies z.ZodType<Content>

export const downloadState = z.enum([
  'queued',
  'checking',
  'verifying',
  'downloading',
  'waiting',
  'paused',
  'done',
  'failed',
  'canceled',
]) satisfies z.ZodType<DownloadState>

/** One download as it is kept on the disk: what a new process needs to go on with it. It never holds a token. */
export const recordSchema = z.object({
  version: z.literal(1),
  id: z.uuid(),
  /** Counts up with every download: what came first begins first. */
  number: z.number().int().positive(),
  state: downloadState,
  provider: z.enum(PROVIDER_IDS).nullable(),
  /** `parseModelUrl` reads it. */
  source: z.string(),
  /** What was asked for; null leaves it to the source. */
  folder: z.string().nullable(),
  name: z.string().nullable(),
  /** What the address says, until the source tells more. */
  called: z.string(),
  /** What it came to, as soon as the source was asked. */
  target: z.object({ folder: z.string(), name: z.string() }).nullable(),
  /** What the bytes on the disk belong to. */
  content: content.nullable(),
  pickle: z.boolean(),
  /** Of what is on the disk; only as new as the last change of state. */
  received: bytes,
  verified: z.enum(['sha256', 'size']).nullable(),
  sha256: z.string().nullable(),
  notices: z.array(z.string()),
  /** How often it has begun again by itself since bytes came last. */
  tries: z.number().int().nonnegative(),
  waitUntil: time.nullable(),
  queuedAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      link: z.object({ href: z.string(), label: z.string() }).optional(),
    })
    .nullable(),
})

export type DownloadRecord = z.infer<typeof recordSchema>

type Asked = Pick<
  DownloadRecord,
  'id' | 'number' | 'provider' | 'source' | 'folder' | 'name' | 'called' | 'queuedAt'
>

export const newRecord = (asked: Asked): DownloadRecord => ({
  version: 1,
  state: 'queued',
  target: null,
  content: null,
  pickle: false,
  received: 0,
  verified: null,
  sha256: null,
  notices: [],
  tries: 0,
  waitUntil: null,
  startedAt: null,
  finishedAt: null,
  error: null,
  ...asked,
})
