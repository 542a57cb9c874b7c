import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from '../../app/trpc/router'

/** What procedures answer. */
type Answers = inferRouterOutputs<AppRouter>
export type ListedMachine = Answers['machines']['list'][number]
export type Machine = Answers['machines']['get']
export type Log = Pick<Answers['machines']['logs'], 'service' | 'attempt' | 'text'>
export type Check = NonNullable<Answers['providerTokens']['check']['check']>
export type Save = Answers['cloudSaves']['get']
export type FailedLaunches = Answers['admin']['failedLaunches']
export type ListedProviderToken = Answers['providerTokens']['list'][number]
export type ListedRequest = Answers['modelRequests']['list'][number]
export type WorkflowReading = Answers['models']['read']
export type ModelVersion = Answers['models']['versions'][number]

/** What procedures take. */
type Inputs = inferRouterInputs<AppRouter>
export type Workflow = Inputs['models']['read']['workflow']
export type Publication = Inputs['models']['publish']
export type Definition = Publication['definition']
