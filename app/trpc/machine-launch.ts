import * as z from 'zod'
import { usableCloudSave } from '../../db/cloud-saves'
import { launchMachine } from '../../db/machine-requests'
import { AppError } from '../../errors'
import { KIND_LABELS, MACHINE_KINDS } from '../../providers/registry'
import { chooseSize } from './choose-size'
import type { Context } from './context'
import { launchProcedure } from './launch-procedure'

export const sizeName = z.string().max(40)
// Strict: what asks for more than there is to choose is told so, rather than half obeyed.
const launchInput = z.strictObject({
  kind: z.enum(MACHINE_KINDS, `must be one of ${MACHINE_KINDS.join(', ')}`).optional(),
  name: z
    .string()
    .trim()
    .max(60, 'has more than 60 characters; use a shorter one')
    .regex(/^\P{Cc}*$/u, 'holds control characters; type it again')
    .optional(),
  /** The name of one of `machines.options`' sizes. */
  size: sizeName.optional(),
  /** The cloud save that its workspace begins with; it says the kind too. */
  saveId: z.string().max(64).optional(),
  /** After how many it ends, where that is sooner than everybody's session does. */
  sessionMinutes: z
    .number('must be a number')
    .min(1, 'must be 1 or more')
    .max(31 * 24 * 60, 'must be 44640 or less')
    .optional(),
  /** Any text of the caller's; the same one again answers the machine that it made the first time. */
  idempotencyKey: z.string().min(1, 'is empty').max(100, 'has more than 100 characters').optional(),
})

/** @throws AppError when the save is none to start from, or is of another kind */
function kindToLaunch({ db }: Context, userId: string, { kind, saveId }: z.output<typeof launchInput>) {
  if (saveId === undefined) return kind ?? 'comfyui'
  const save = usableCloudSave(db, userId, saveId)
  if (kind === undefined || kind === save.kind) return save.kind
  throw new AppError(
    'bad_input',
    `This save is of a ${KIND_LABELS[save.kind]} machine. Choose a save of another machine, or leave the kind out.`,
    { field: 'kind' },
  )
}

/** Answers the id of a machine that is launched. */
export const launch = launchProcedure.input(launchInput).mutation(async ({ ctx, input }) => {
  const { sessionMinutes, ...asked } = input
  const kind = kindToLaunch(ctx, ctx.user.id, input)
  if (kind === 'trainer' && !ctx.policy.hasTrainer)
    throw new AppError(
      'bad_input',
      'This server has no trainer yet: its operator sets TRAINER_COMMAND. Launch a ComfyUI machine instead.',
      { field: 'kind' },
    )
  const size = chooseSize(ctx.policy.machineSizes, { ...ctx.user, kind }, input.size)
  const ref = launchMachine(
    ctx.db,
    {
      ...asked,
      requestId: ctx.requestId,
      kind,
      userId: ctx.user.id,
      name: input.name || KIND_LABELS[kind],
      size,
      sessionMs: sessionMinutes && Math.round(sessionMinutes * 60_000),
    },
    ctx.by,
    ctx.clock,
    ctx.policy.machineLimits,
  )
  await ctx.queue.add({ job: 'launch', ...ref })
  return { id: ref.machineId }
})
