import * as z from 'zod'
import {
  addressList,
  dockerHost,
  domainName,
  downloadsAtOnce,
  endpoint,
  hostList,
  imageReference,
} from './parse-environment'

const wholeSeconds = z.coerce.number().int('must be whole seconds').min(1).max(86_400)

export const serverSchema = z.object({
  PORT: z.coerce
    .number('must be a port number')
    .int()
    .min(1)
    .max(65_535)
    .default(3000)
    .meta({ description: 'The port that the web server listens on.' }),
  HOST: z.string().default('127.0.0.1').meta({
    description: 'The address that the web server listens on. `0.0.0.0` or `::` listens on all.',
    takes: 'an address or a host name',
  }),
  PUBLIC_URL: endpoint.optional().meta({
    description:
      'The address under which browsers reach Slipway. Other host names are refused, loopback aside.',
    otherwise: '`http://localhost:PORT`',
  }),
  DATA_DIR: z.string().default('./data').meta({
    description: 'Holds the database, the token keys, the data of its own Redis, workspaces and logs.',
    takes: 'a folder',
  }),
  REDIS_URL: z
    .string()
    .regex(/^(rediss?:\/\/|unix:\/\/\/)/, 'must begin with redis://, rediss:// or unix:///')
    .default('redis://127.0.0.1:6379')
    .meta({
      description: 'A Redis of your own.',
      takes: 'a URL that begins with `redis://`, `rediss://` or `unix:///`',
      otherwise: '`npm start` runs one by itself, with its data in DATA_DIR',
    }),
  TRUSTED_PROXIES: addressList.optional().meta({
    description:
      'Your reverse proxies, whose X-Forwarded-For is believed. Without them, limits and the audit log go by the address of the connection, which would be the proxy’s.',
  }),
  TOKEN_KEYS: z.string().optional().meta({
    description:
      'Keys that encrypt saved tokens, newest first. To rotate: a new one and a comma before the others, restart, `npm run keys:rotate`.',
    takes: 'base64 of 32 bytes each, separated by commas (`openssl rand -base64 32` makes one)',
    otherwise: '`token-keys` in DATA_DIR, made at the first start',
    secret: true,
  }),
  RUNTIME: z
    .enum(['process', 'docker', 'kubernetes'], 'must be process, docker or kubernetes')
    .default('process')
    .meta({
      description:
        'What runs the machines. `process` starts programs on this host and isolates nothing; `docker` runs containers; `kubernetes` runs Pods in a cluster.',
    }),
  ALLOW_UNISOLATED: z.enum(['0', '1'], 'must be 0 or 1').default('0').meta({
    description:
      '`1` lets everybody launch with RUNTIME=process, though nothing isolates machines; otherwise only administrators may.',
  }),
  COMFYUI_COMMAND: z.string().optional().meta({
    description:
      'With RUNTIME=process, how ComfyUI is started. Without it a machine has the file manager alone.',
    takes: 'a shell line that finds `$HOST`, `$PORT` and `$WORKSPACE`',
    // What it hands to the program may be a key.
    secret: true,
  }),
  TRAINER_COMMAND: z.string().optional().meta({
    description: 'With RUNTIME=process, how a trainer is started. Without it there are no trainers.',
    takes: 'a shell line that finds `$HOST`, `$PORT` and `$WORKSPACE`',
    secret: true,
  }),
  DOCKER_HOST: dockerHost
    .default('unix:///var/run/docker.sock')
    .meta({ description: 'With RUNTIME=docker, the Engine, which has to be on this host.' }),
  COMFYUI_IMAGE: imageReference.optional().meta({
    description:
      'The image of ComfyUI, which listens on port 8188. Without it a machine has the file manager alone.',
  }),
  TRAINER_IMAGE: imageReference.optional().meta({
    description: 'The image of a trainer, which listens on port 7860. Without it there are no trainers.',
  }),
  FILEBROWSER_IMAGE: imageReference
    .default('slipway-filebrowser')
    .meta({ description: 'The image of the file manager; `npm run filebrowser-image` makes it.' }),
  START_TIMEOUT_SECONDS: wholeSeconds
    .default(180)
    .meta({ description: 'How many seconds a machine’s services may take until they answer.' }),
  LOG_BYTES_MAX: z.coerce
    .number('must be a number of bytes')
    .int('must be whole bytes')
    .min(65_536)
    .max(1_000_000_000)
    .default(10_000_000)
    .meta({
      description:
        'How many bytes are kept of what each service of a machine prints, per attempt. The newest stay.',
    }),
  LOG_DAYS: z.coerce
    .number('must be a number of days')
    .int('must be whole days')
    .min(1)
    .max(3650)
    .default(30)
    .meta({ description: 'How many days logs are kept after their machine has ended.' }),
  MACHINES_DOMAIN: domainName.default('localhost').meta({
    description:
      'Each machine’s services get host names below this domain, such as `m-<id>-files.<domain>`. It needs a wildcard DNS name unless it is localhost.',
  }),
  HF_ENDPOINT: endpoint.optional().meta({
    description: 'A mirror to use in place of Hugging Face.',
    otherwise: '`https://huggingface.co`',
  }),
  CIVITAI_ENDPOINT: endpoint
    .optional()
    .meta({ description: 'A mirror to use in place of Civitai.', otherwise: '`https://civitai.com`' }),
  DOWNLOAD_HOSTS: hostList.optional().meta({
    description: 'Further hosts that downloads may reach. One that is named here may have a private address.',
  }),
  DOWNLOADS_AT_ONCE: downloadsAtOnce
    .optional()
    .meta({ description: 'How many files a machine’s file manager downloads at once.', otherwise: '3' }),
  TOKEN_CHECKS: z.enum(['on', 'off'], 'must be on or off').default('on').meta({
    description:
      'Whether Hugging Face and Civitai are asked about saved tokens and models. `off` is for a server that can’t reach them.',
  }),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'silent'],
      'must be fatal, error, warn, info, debug or silent',
    )
    .default('info')
    .meta({ description: 'How much the server’s own log says.' }),
})
