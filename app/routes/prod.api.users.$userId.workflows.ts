import type { LoaderFunctionArgs } from '@remix-run/node'
import { wrongMethod } from '../json-answer'
import { answerUser } from '../servers/of-user'

export const action = () => wrongMethod('GET')

/** What a server can begin with: cloud saves. Each is a version of its own that never changes. */
export const loader = (args: LoaderFunctionArgs) =>
  answerUser(args, async () =>
    (await args.context.api.cloudSaves.list())
      .filter(({ kind, status }) => kind === 'comfyui' && status === 'saved')
      .map(({ id, name, createdAt, endedAt }) => ({
        workflow_id: id,
        workflow_name: name,
        version_id: id,
        created_at: createdAt,
        updated_at: endedAt ?? createdAt,
      })),
  )
