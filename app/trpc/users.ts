import * as z from 'zod'
import { inviteUser, withdrawInvitation } from '../../db/invitations'
import { countMachines } from '../../db/machine-limits'
import { USER_ROLES } from '../../db/schema'
import { changeUserLimits, getUserLimits } from '../../db/user-limits'
import { changeUser, disableUser, enableUser, existingUser } from '../../db/users'
import { invitationMail } from '../accounts/messages'
import { emailInput, nameInput } from './inputs'
import { allowance, diskView } from './limits-view'
import { adminProcedure, router } from './trpc'
import { everybodysLimits, fromUnits, inUnits, limitsInput } from './user-limits'
import { userListInput, userListView, userView } from './user-list'

const byId = z.object({ id: z.string().max(64) })
const role = z.enum(USER_ROLES, `must be one of ${USER_ROLES.join(', ')}`)

/** An administrator's view of everybody. */
export const usersRouter = router({
  list: adminProcedure
    .input(userListInput)
    .query(({ ctx, input }) => userListView(ctx.db, input, ctx.user.id)),

  /** One of them, with what they have and what they may. */
  get: adminProcedure.input(byId).query(({ ctx, input: { id } }) => ({
    ...userView(existingUser(ctx.db, id), ctx.user.id),
    machines: countMachines(ctx.db, id),
    disk: diskView(ctx, id),
    /** What holds for them, */
    allowed: allowance(ctx, id),
    /** which is what an administrator set, null where nothing is set, */
    limits: inUnits(getUserLimits(ctx.db, id)),
    /** and everybody's there. */
    everybodys: inUnits(everybodysLimits(ctx.policy.machineLimits)),
  })),

  /** Sets all limits of one user; null is everybody's. */
  changeLimits: adminProcedure
    .input(byId.extend(limitsInput))
    .mutation(({ ctx, input: { id, ...limits } }) =>
      changeUserLimits(ctx.db, id, fromUnits(limits), ctx.by, ctx.clock),
    ),

  /** Lets a person in, and tells them by mail where the server can. */
  invite: adminProcedure
    .input(z.object({ email: emailInput, name: nameInput.optional(), role: role.default('member') }))
    .mutation(async ({ ctx, input }) => {
      await ctx.limits.take('invitations', ctx.user.id)
      const { email, name = email.split('@', 1)[0] as string } = input
      const { id } = inviteUser(ctx.db, { email, name, role: input.role }, ctx.by, ctx.clock)
      const { mailer, policy, user } = ctx
      const signInUrl = `${policy.publicUrl}/sign-in`
      const sent = mailer?.send({ to: email, ...invitationMail({ by: user.name, url: signInUrl }) }).then(
        () => 'sent' as const,
        (error) => {
          ctx.logger.error({ reason: error.message }, 'invitation not sent')
          return 'failed' as const
        },
      )
      return { id, mailed: sent ? await sent : ('no_server' as const), signInUrl }
    }),

  withdraw: adminProcedure
    .input(byId)
    .mutation(({ ctx, input }) => withdrawInvitation(ctx.db, input.id, ctx.by, ctx.clock)),

  change: adminProcedure
    .input(byId.extend({ name: nameInput.optional(), email: emailInput.optional(), role: role.optional() }))
    .mutation(({ ctx, input: { id, ...changes } }) => changeUser(ctx.db, id, changes, ctx.by, ctx.clock)),

  /** Shuts an account: its sessions, API tokens and open connections end at once. */
  disable: adminProcedure.input(byId).mutation(({ ctx, input }) => {
    disableUser(ctx.db, input.id, ctx.by, ctx.clock)
    ctx.afterAnswer(ctx.channels.recheck)
  }),

  enable: adminProcedure
    .input(byId)
    .mutation(({ ctx, input }) => enableUser(ctx.db, input.id, ctx.by, ctx.clock)),
})
