import * as z from 'zod'

const DURATION_MAX = 31 * 24 * 60 * 60
const DURATION = `must be a whole number of seconds, from 60 to ${DURATION_MAX}, which is 31 days`
const text = z.string('must be text').max(64, 'has more than 64 characters').nullish()

/** What RunComfy's clients send for a new server, as what launches a machine takes it. Null and "" are not said. */
export const wantedServer = z
  .object(
    {
      workflow_version_id: text,
      server_type: text,
      estimated_duration: z.int(DURATION).min(60, DURATION).max(DURATION_MAX, DURATION).nullish(),
    },
    'Send a JSON object, or no body at all.',
  )
  .transform(({ workflow_version_id, server_type, estimated_duration }) => ({
    kind: 'comfyui' as const,
    saveId: workflow_version_id || undefined,
    size: server_type || undefined,
    sessionMinutes: estimated_duration ? estimated_duration / 60 : undefined,
  }))
