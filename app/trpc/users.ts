import { z } from 'zod'
import { USER_ROLES } from '../../db/schema'
import {
  changeUser,
  disableUser,
  enableUser,
  inviteUser,
  listUsers,
  withdrawInvitation,
} from '../../db/users'
import { invitationMail } from '../accounts/messages'
import { emailInput, nameInput } from './inputs'
import { iso } from './iso'
import { adminProcedure, router } from './trpc'

const byId = z.object({ id: z.string().max(64) })
const role = z.enum(USER_ROLES, `must be one of ${USER_ROLES.join(', ')}`)
/** An administrator's view of everybody. */
export const usersRouter = router({
  list: adminProcedure.query(({ ctx }) =>
    listUsers(ctx.db).map(({ createdAt, signedInAt, disabledAt, ...user }) => ({
      ...user,
      createdAt: iso(createdAt),
      /** Null while only invited. */
      signedInAt: iso(signedInAt),
      disabledAt: iso(disabledAt),
      isYou: user.id === ctx.user.id,
    })),
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
