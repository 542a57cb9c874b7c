/** Whether it can stand in a header at all. */
export const isSendable = (token: string): boolean => /^[\x21-\x7e]{1,4096}$/.test(token)

/** Whether it was made by some Slipway server: another service's token must not reach one by mistake. */
export const isSlipways = (token: string): boolean => /^slipway_[0-9A-Za-z_]+$/.test(token)
