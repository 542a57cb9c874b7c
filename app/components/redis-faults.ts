/** What is wrong with Redis, and its cure. */
export const REDIS_FAULTS = {
  redis: {
    title: 'Redis does not answer',
    cure: 'Launches are kept, and start once it is back. See that it runs and that REDIS_URL leads to it.',
  },
  redis_memory: {
    title: 'Redis is full',
    cure: 'Launches are kept, and start once it has room. Raise its maxmemory.',
  },
  redis_eviction_policy: {
    title: 'Redis may throw jobs away',
    cure: 'Set its maxmemory-policy to noeviction. Until then a launch can be late, but none is lost.',
  },
}
